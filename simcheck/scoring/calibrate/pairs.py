"""Suspects of known origin with the scores of the works that they were compared with: what calibration is fitted on.

A suspect is *derived* (H1) where it was made from a work of the portfolio, and *independent* (H2) where it was not.
Only scores are kept, with what must not be torn apart when the set is split: artist, repository, source.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simcheck.errors import StoreError
from simcheck.system.reading import arrays_of, json_of
from simcheck.system.sealing import check_seal, sealed
from simcheck.system.writing import replace_file

__all__ = ["DERIVED", "INDEPENDENT", "NEAR", "STEM", "PairSet", "Suspect"]

STEM = "calibration_pairs"
DERIVED = ("derived", "edited", "re-rendered", "recomposed")
"""Made from a work by a published program; edited; made again by filters; elements of works on a foreign ground."""
INDEPENDENT = ("series", "same hand", "same tradition", "other")
"""Other works of the artist whose portfolio it is, stories, decks and mascots included; by an artist of the portfolio,
of traditions whose works stand alone; by another artist of its traditions; by others."""
NEAR = INDEPENDENT[:-1]
"""Those of which H2 speaks: the same tradition, or even the same artist."""
Comparable = tuple[str, int, str, str, str]


@dataclass(frozen=True, slots=True)
class Suspect:
    kind: str
    relation: str
    """Finer than ``kind``: which edit, which program."""
    artist: str
    """Who made it; for a derived suspect whose work it was made from."""
    source: str
    """The work, or the set of files, that it goes back to."""
    works: int
    """Of the portfolio with which it was compared."""
    compared: int
    """Of these, how many all signals looked at."""

    @property
    def derived(self) -> bool:
        return self.kind in DERIVED


@dataclass(frozen=True, slots=True, eq=False)
class PairSet:
    """``scores`` is (pairs, signals), NaN where a signal abstained; ``owner`` is the number of each pair's suspect."""

    source: str
    signals: tuple[Comparable, ...]
    suspects: tuple[Suspect, ...]
    owner: NDArray[np.int64]
    scores: NDArray[np.float32]
    derived: NDArray[np.bool_]
    """Whether the suspect was made from this very work."""
    artists: tuple[str, ...]
    """Whose work it is."""

    def __post_init__(self) -> None:
        pairs = {len(self.owner), len(self.scores), len(self.derived), len(self.artists)}
        if len(pairs) != 1 or self.scores.shape[1:] != (len(self.signals),):
            raise ValueError("a pair set needs scores, a suspect, a truth and an artist for each pair")
        if any(s.kind not in (*DERIVED, *INDEPENDENT) for s in self.suspects):
            raise ValueError(f"a suspect is of one of the kinds {', '.join((*DERIVED, *INDEPENDENT))}")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, *_ in self.signals)

    @property
    def missed(self) -> frozenset[int]:
        """Numbers of the derived suspects whose work was not among those that were shown for them."""
        found = set(self.owner[self.derived].tolist())
        return frozenset(n for n, s in enumerate(self.suspects) if s.derived and n not in found)

    def joined(self, other: PairSet, source: str) -> PairSet:
        """Both together. Raises ValueError when the scores are not of the same signals."""
        if self.signals != other.signals:
            raise ValueError("pairs compared by other signals, versions or weights cannot be joined")
        return PairSet(
            source,
            self.signals,
            self.suspects + other.suspects,
            np.r_[self.owner, other.owner + len(self.suspects)],
            np.concatenate([self.scores, other.scores]),
            np.r_[self.derived, other.derived],
            self.artists + other.artists,
        )

    def without(self, artists: Collection[str]) -> PairSet:
        """What is left without the suspects that these artists or repositories made, and without works by them, nor
        suspects that were made from one of these works."""
        stay = np.array([s.artist not in artists for s in self.suspects], np.bool_)
        left = np.array([artist not in artists for artist in self.artists], np.bool_)
        found = set(self.owner[self.derived & left].tolist()) | self.missed
        stay &= np.array([not s.derived or n in found for n, s in enumerate(self.suspects)], np.bool_)
        return self.only(stay, stay[self.owner] & left)

    def only(self, stay: NDArray[np.bool_], rows: NDArray[np.bool_]) -> PairSet:
        """These suspects, and of their pairs those of ``rows``."""
        return PairSet(
            self.source,
            self.signals,
            tuple(s for s, stays in zip(self.suspects, stay, strict=True) if stays),
            (np.cumsum(stay) - 1)[self.owner[rows]],
            self.scores[rows],
            self.derived[rows],
            tuple(artist for artist, stays in zip(self.artists, rows, strict=True) if stays),
        )

    @property
    def digest(self) -> str:
        """Of everything that a fit sees."""
        parts = [
            json.dumps([self.signals, [_keyed(s) for s in self.suspects], self.artists], ensure_ascii=False).encode()
        ]
        parts += [np.ascontiguousarray(a).tobytes() for a in (self.owner, self.scores, self.derived)]
        return hashlib.sha256(b"".join(parts)).hexdigest()

    def save(self, folder: Path, about: Mapping[str, object], stem: str = STEM) -> None:
        packed = io.BytesIO()
        np.savez_compressed(packed, owner=self.owner.astype(np.int32), scores=self.scores, derived=self.derived)
        names = sorted(set(self.artists))
        document = {
            "source": self.source,
            "pairs_sha256": hashlib.sha256(packed.getvalue()).hexdigest(),
            "signals": [list(each) for each in self.signals],
            "suspects": [list(asdict(s).values()) for s in self.suspects],
            "hand_names": names,
            "hands": [names.index(artist) for artist in self.artists],
            **about,
        }
        replace_file(folder / f"{stem}.npz", packed.getvalue())
        text = json.dumps(sealed(document), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        replace_file(folder / f"{stem}.json", f"{text}\n".encode())

    @classmethod
    def load(cls, folder: Path, stem: str = STEM) -> PairSet:
        """Raises StoreError."""
        try:
            about = json_of((folder / f"{stem}.json").read_bytes())
            check_seal(about)
            packed = (folder / f"{stem}.npz").read_bytes()
            if hashlib.sha256(packed).hexdigest() != about["pairs_sha256"]:
                raise ValueError("its bytes are not those that its description names")
            data = arrays_of(packed)
            owner, scores, derived = data["owner"].astype(np.int64), data["scores"], data["derived"]
            signals = tuple((str(n), int(v), str(w), str(p), str(c)) for n, v, w, p, c in about["signals"])
            suspects = tuple(Suspect(*row) for row in about["suspects"])
            artists = tuple(about["hand_names"][i] for i in about["hands"])
            return cls(str(about["source"]), signals, suspects, owner, scores, derived, artists)
        except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            raise StoreError(
                f"The pairs {folder / stem}.npz cannot be read ({error}). Install simcheck again."
            ) from error


def _keyed(suspect: Suspect) -> dict[str, object]:
    """As the format calls it, so that the digest of a set stays what it was."""
    return {"hand" if key == "artist" else key: value for key, value in asdict(suspect).items()}
