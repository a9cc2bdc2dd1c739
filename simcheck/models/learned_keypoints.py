"""Keypoints that a network finds, from an ONNX file that the person has: ALIKED or DISK, run by OpenCV.

ALIKED (Zhao et al., IEEE TIM 2023) and DISK (Tyszkiewicz et al., NeurIPS 2020) give places with a strength and a
descriptor, but neither size nor orientation. OpenCV 5 brings the readers of both. The file does not say which of the
two it holds, so the person does: ``aliked:FILE.onnx`` or ``disk:FILE.onnx``. The network is tried on a drawn picture
when it is loaded, because one read as the other would give nonsense or fail much later. It is read once.

The networks want a square. A picture is reduced to fit into it, its aspect kept, and its edge repeated to fill the
rest; keypoints found in the filling are dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcheck.errors import ModelError
from simcheck.models.digest import regular, weights_digest
from simcheck.models.kept import kept
from simcheck.records import Pixels

__all__ = ["SIDES", "Found", "LearnedKeypoints"]

SIDES = {"aliked": 640, "disk": 1024}
"""Side in pixels of the square that OpenCV gives each network by default; published files are made for it."""

_MOST_BYTES = 2**31
"""ONNX files are protocol buffers, which hold no more."""
_MARGIN = 2
"""Pixels from the filling within which a keypoint is one of the seam."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Strongest first: (n, 2) places as fractions of width and height, (n, dimension) unit vectors."""

    places: NDArray[np.float64]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _File:
    kind: str
    path: Path
    digest: str

    @property
    def side(self) -> int:
        return SIDES[self.kind]

    def unusable(self, reason: str) -> ModelError:
        return ModelError(
            f"{self.path} cannot be used as {self.kind.upper()}: {reason.strip()[:200]}. Its SHA-256 is {self.digest}. "
            f"Check that it is that network as an ONNX file that OpenCV reads, for pictures of {self.side} x "
            f"{self.side}; or leave `keypoints` out of the configuration to use SIFT."
        )


class LearnedKeypoints:
    """``text``: ``aliked:FILE.onnx`` or ``disk:FILE.onnx``. Raises ModelError when it is neither, or no such file.

    Never touches the network: the file is one that the person has.
    """

    def __init__(self, text: str) -> None:
        self.kind, colon, path = text.partition(":")
        self.kind = self.kind.strip().lower()
        if self.kind not in SIDES or not colon or not path.strip():
            raise ModelError(
                f"{text!r} names no learned keypoints. Write aliked:FILE.onnx or disk:FILE.onnx, or leave `keypoints` "
                "out of the configuration to use SIFT."
            )
        self.path = Path(path.strip()).expanduser()
        self.side = SIDES[self.kind]
        if regular(self.path).st_size > _MOST_BYTES:
            raise ModelError(f"{self.path} is too large for an ONNX file. Name another after `{self.kind}:`.")
        self.digest = weights_digest(self.path)
        """SHA-256 of the file."""
        self._file = _File(self.kind, self.path, self.digest)

    @property
    def dimension(self) -> int:
        """Of the descriptors. Loads the network at the first call; raises ModelError."""
        return _loaded(self._file)[1]

    def load(self) -> None:
        """Read the network and try it, once; raises ModelError when OpenCV cannot read it or it is of another kind."""
        _loaded(self._file)

    def find(self, image: Pixels, most: int) -> Found:
        """The ``most`` strongest keypoints of an (h, w, 3) picture. Raises ModelError when the network fails."""
        import cv2

        height, width = image.shape[:2]
        factor = min(1.0, self.side / max(height, width))
        columns, rows = max(1, round(width * factor)), max(1, round(height * factor))
        canvas = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2BGR)
        if factor < 1:
            canvas = cv2.resize(canvas, (columns, rows), interpolation=cv2.INTER_AREA)
        canvas = cv2.copyMakeBorder(canvas, 0, self.side - rows, 0, self.side - columns, cv2.BORDER_REPLICATE)
        places, strengths, vectors = _run(_loaded(self._file)[0], self._file, np.asarray(canvas, np.uint8))
        limit = np.array([columns, rows]) - np.where(np.array([columns, rows]) < self.side, _MARGIN, 0)
        inside = np.flatnonzero(((places >= 0) & (places < limit)).all(axis=1))
        order = inside[np.argsort(-strengths[inside], kind="stable")][:most]
        return Found(places[order] / (columns, rows), vectors[order])


@kept(1)
def _loaded(file: _File) -> tuple[Any, int]:
    """OpenCV's network and the length of its descriptors. Raises ModelError."""
    import cv2

    maker = getattr(cv2, file.kind.upper(), None)
    if maker is None:
        raise ModelError(
            f"The OpenCV that is installed ({cv2.__version__}) cannot read {file.kind.upper()}; that takes OpenCV 5. "
            "Leave `keypoints` out of the configuration to use SIFT."
        )
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)  # it warns that a CPU is all it runs on
    try:
        network = maker.create(str(file.path))
    except cv2.error as error:
        raise file.unusable(error.err or str(error)) from error
    finally:
        cv2.utils.logging.setLogLevel(level)
    drawn = np.random.default_rng(0).integers(0, 256, (20, 20, 3)).astype(np.uint8)
    side = file.side
    canvas = np.asarray(cv2.resize(drawn, (side, side), interpolation=cv2.INTER_NEAREST), np.uint8)
    places, _, vectors = _run(network, file, canvas)
    within = ((places >= -1) & (places <= side + 1)).all(axis=1)
    if not len(places) or not within.all() or len(np.unique(places, axis=0)) < 2:
        raise file.unusable("its keypoints do not lie in the picture")
    if not np.isfinite(vectors).all() or vectors.shape[1] < 8:
        raise file.unusable("its descriptors are no vectors")
    return network, int(vectors.shape[1])


def _run(
    network: Any, file: _File, canvas: Pixels
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float32]]:
    """(n, 2) places in pixels, (n,) strengths, (n, dimension) unit vectors; ``canvas`` is BGR and square."""
    import cv2

    try:
        keypoints, found = network.detectAndCompute(canvas, None)
    except cv2.error as error:
        raise file.unusable(error.err or str(error)) from error
    if found is None or not len(keypoints):
        return np.zeros((0, 2)), np.zeros(0), np.zeros((0, 0), np.float32)
    vectors = np.asarray(found, np.float32)
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    places = np.array([k.pt for k in keypoints], np.float64)
    return places, np.array([k.response for k in keypoints], np.float64), vectors
