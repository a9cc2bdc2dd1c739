"""patches, its windows seen by a vision transformer (CLIP's own, or DINOv2) instead of the shipped network.

The same signal under another identity: proposals come from squares of neighbouring tokens, and everything after that,
the verification and the score, is that of ``signal.py``. How often unrelated works reach a score was measured with the
shipped network's proposals; with others it is known only from the portfolio's own pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version as library_version

import numpy as np
from numpy.typing import NDArray

from simcheck import models
from simcheck.records import Descriptor, Pixels, SignalIdentity, Watcher
from simcheck.signals.base import canonical_json
from simcheck.signals.copy import is_blank
from simcheck.signals.patches.signal import Patches, PatchesParams
from simcheck.signals.patches.structure import structure_map
from simcheck.signals.patches.windows import packed, rows_of

__all__ = ["TokenPatches"]


@dataclass(frozen=True, slots=True)
class TokenParams(PatchesParams):
    sides: tuple[int, ...] = (224, 448)
    """Longer sides, in pixels, at which the network looks."""
    spans: tuple[float, ...] = (0.43, 0.6)
    """Sides of the windows at the first of these sizes, as shares of the longer side; at the second half of that."""


class TokenPatches(Patches):
    threaded = True

    def __init__(
        self, spec: models.ModelSpec, offline: bool, params: TokenParams | None = None, *, named: bool = False
    ) -> None:
        super().__init__(params or TokenParams())
        self.params: TokenParams
        self.named = named
        self._spec, self._offline = spec, offline
        self._local: models.LocalModel | None = None
        self._encoder: models.TokenEncoder | None = None

    def prepare(self, watcher: Watcher) -> None:
        """Find the weights, fetching them at first use if the person named the network, and read them.

        Raises ModelUnreachable or another ModelError.
        """
        self._local = models.resolve(self._spec, self._offline, watcher, fetch=self.named)
        self._encoder = models.load_tokens(self._local)

    def encoder(self) -> models.TokenEncoder:
        """The network, read at the first call if `prepare` was not called. Raises ModelError."""
        if self._encoder is None:
            self._encoder = models.load_tokens(self._found())
        return self._encoder

    @property
    def device(self) -> str:
        return self.encoder().device

    @property
    def dimension(self) -> int:
        return self.encoder().dimension

    def identity(self) -> SignalIdentity:
        local = self._found()
        return SignalIdentity(
            name=self.name,
            version=self.version,
            weights=local.digest,
            params=canonical_json(
                {"architecture": local.architecture, "sides": self.params.sides, "spans": self.params.spans}
            ),
            preprocessing=self.encoder().preprocessing,
            libraries=canonical_json({name: library_version(name) for name in (*self.libraries, "torch")}),
        )

    def _found(self) -> models.LocalModel:
        if self._local is None:
            self._local = models.resolve(self._spec)
        return self._local

    def describe(self, images: Sequence[Pixels]) -> list[Descriptor]:
        """(rows, 7 + dimension) uint8: `windows.packed`. Raises ModelError."""
        found = [Descriptor.abstain("blank")] * len(images)
        seen = [i for i, image in enumerate(images) if not is_blank(image)]
        encoder = self.encoder()
        tokens = [encoder.tokens([images[i] for i in seen], side) for side in self.params.sides]
        for place, i in enumerate(seen):
            rows = [
                self._squares(tokens[scale][place], span / 2**scale, images[i].shape)
                for scale in range(len(self.params.sides))
                for span in self.params.spans
            ]
            found[i] = Descriptor(packed(np.concatenate(rows), structure_map(images[i])))
        return found

    @staticmethod
    def _squares(tokens: NDArray[np.float32], span: float, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """Every square of tokens whose side is about ``span`` of the longer side: the mean, as a unit vector."""
        rows, columns, dimension = tokens.shape
        side = max(1, min(rows, columns, round(span * max(rows, columns))))
        sums = np.pad(tokens.cumsum(0).cumsum(1), ((1, 0), (1, 0), (0, 0)))
        mean = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
        y, x = np.mgrid[0 : mean.shape[0], 0 : mean.shape[1]]
        height, width = shape[:2]
        longer = max(height, width)
        across, down = (x + side / 2) / columns * width / longer, (y + side / 2) / rows * height / longer
        vectors = mean.reshape(-1, dimension)
        vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        places = np.c_[across.ravel(), down.ravel(), np.full(across.size, side / max(rows, columns))]
        return rows_of(places, np.asarray(vectors, np.float32), np.zeros(len(vectors), np.float32))
