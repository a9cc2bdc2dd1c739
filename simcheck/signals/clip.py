"""clip: do the two pictures show the same things, composed alike, however they are rendered?

The image half of a CLIP network (Radford et al., ICML 2021; open_clip, Cherti et al., CVPR 2023) gives each picture
one unit vector; the score is the cosine of two. It survives re-drawing and re-rendering, where hashes and keypoints
lose every trace. Which network is chosen by `simcheck.models.choose`; descriptors of different weights, preprocessing
or activation are never compared.

Fooled by: the same subject drawn independently (two portraits of one character, two photographs of one tower score
high), and writing, which CLIP reads: pictures with the same caption resemble each other. So the score by itself says
"same kind of picture"; the rate among unrelated works of the kind says more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version as library_version
from typing import Self

import numpy as np

from simcheck import models
from simcheck.records import Claim, Descriptor, Pixels, SignalIdentity, Watcher
from simcheck.signals.base import InCohort, Regions, Settings, canonical_json
from simcheck.signals.vectors import VectorSignal

__all__ = ["Clip", "ClipParams"]

BLANK = 1.0
"""A picture whose channels all vary less than this (standard deviation, of 255) shows nothing."""


@dataclass(frozen=True, slots=True)
class ClipParams:
    """``model``: as `models.ModelSpec` reads it, None for the one that the environment or the default names."""

    model: str | None = None
    offline: bool = False


class Clip(VectorSignal):
    name = "clip"
    version = 1
    claim = Claim.COPY
    reference_regions = Regions.WHOLE
    query_regions = Regions.FEW
    mirrored_query = True
    threaded = True
    optional = True
    libraries = ("open-clip-torch", "torch", "torchvision", "pillow")
    in_cohort = InCohort.OWN
    in_style = True

    def __init__(self, params: ClipParams | None = None) -> None:
        super().__init__(params or ClipParams())
        self.params: ClipParams
        self.named = models.named(self.params.model) is not None
        self._local: models.LocalModel | None = None
        self._encoder: models.ImageEncoder | None = None

    @classmethod
    def configured(cls, settings: Settings) -> Self:
        return cls(ClipParams(settings.model, settings.offline))

    def prepare(self, watcher: Watcher | None = None) -> None:
        """Find the weights, fetching them at first use if the person named the network, and read them.

        Raises ModelUnreachable or another ModelError.
        """
        if self._encoder is None:
            spec = models.choose(self.params.model)
            self._local = models.resolve(spec, self.params.offline, watcher, fetch=self.named)
            self._encoder = models.load(self._local)

    def encoder(self) -> models.ImageEncoder:
        """The network, read at the first call. Raises ModelError."""
        self.prepare()
        assert self._encoder is not None
        return self._encoder

    @property
    def device(self) -> str:
        """``cpu`` before `prepare`."""
        return self._encoder.device if self._encoder else "cpu"

    def identity(self) -> SignalIdentity:
        """Weights, preprocessing and architecture; not the name by which the network was chosen.

        Raises ModelError while the weights are not on this computer; it fetches nothing.
        """
        local = self._found()
        return SignalIdentity(
            name=self.name,
            version=self.version,
            weights=local.digest,
            params=canonical_json({"architecture": local.architecture}),
            preprocessing=canonical_json(asdict(local.preprocessing)),
            libraries=canonical_json({name: library_version(name) for name in self.libraries}),
        )

    def _found(self) -> models.LocalModel:
        if self._local is None:
            self._local = models.resolve(models.choose(self.params.model))
        return self._local

    @property
    def dimension(self) -> int:
        """Raises ModelError while the weights are not on this computer."""
        return self._found().dimension

    def describe(self, images: Sequence[Pixels]) -> list[Descriptor]:
        """(1, dimension) float16 unit vector. Raises ModelError."""
        found = [Descriptor.abstain("blank")] * len(images)
        seen = [i for i, image in enumerate(images) if image.reshape(-1, 3).std(axis=0).max() >= BLANK]
        if seen:
            for i, vector in zip(seen, self.encoder().encode([images[i] for i in seen]), strict=True):
                found[i] = Descriptor(vector.astype(np.float16)[None])
        return found
