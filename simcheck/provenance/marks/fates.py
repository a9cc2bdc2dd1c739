"""Every mark of an index in every suspect: the stage of a comparison that comes after the findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from simcheck.errors import PictureError
from simcheck.images import Reader
from simcheck.provenance.marks.places import inks_of
from simcheck.provenance.marks.states import aligned, fate_in_place, find_in
from simcheck.records import Finding, Notice, Picture, Pixels, Work
from simcheck.records.marks import Mark, MarkPlace, MarkResult, MarkState
from simcheck.store import Store

__all__ = ["MarkSearch"]

MOST_WORKS = 3
"""Aligned works per suspect and mark at whose places is looked."""


class MarkSearch:
    """The marks of an index, ready to be looked for. Without marks it does nothing."""

    def __init__(self, store: Store, works: Mapping[int, Work], reader: Reader) -> None:
        self.marks = store.marks()
        self._inks = inks_of(store)
        self._places = {mark.id: store.mark_places(mark.id) for mark in self.marks}
        self._works = works
        self._reader = reader
        self._unread: dict[int, Work] = {}

    def notices(self) -> tuple[Notice, ...]:
        """The works that bear a mark and could not be looked at since this was last asked, so that nothing was said of
        what became of it."""
        if not self._unread:
            return ()
        named = ", ".join(str(work.paths[0]) for work in list(self._unread.values())[:3])
        more = f" and {len(self._unread) - 3} more" if len(self._unread) > 3 else ""
        message = (
            f"Beside {named}{more} it could not be seen whether a mark was garbled or removed: the file is gone or has "
            "changed. Put it back and compare again, or run `simcheck index`."
        )
        self._unread.clear()
        return (Notice("mark_not_examined", message),)

    def results(
        self, picture: Picture, findings: Sequence[Finding], pool: ThreadPoolExecutor
    ) -> tuple[MarkResult, ...]:
        """What became of each mark of which something can be said, in the order of the marks."""
        read: dict[int, Pixels | None] = {}
        found = list(pool.map(lambda mark: find_in(self._inks[mark.id], picture.pixels)[1], self.marks))
        results = (self._result(m, place, picture, findings, read) for m, place in zip(self.marks, found, strict=True))
        return tuple(result for result in results if result)

    def _result(
        self,
        mark: Mark,
        place: MarkPlace | None,
        picture: Picture,
        findings: Sequence[Finding],
        read: dict[int, Pixels | None],
    ) -> MarkResult | None:
        bearing = self._places[mark.id]
        if place:  # shown beside a work that bears it: the one that is nearest to the suspect, else any
            ids = [finding.work.id for finding in findings if finding.work.id in bearing] or list(bearing)[:1]
            work = self._works.get(ids[0]) if ids else None
            return MarkResult(mark, MarkState.KEPT, place, work, bearing.get(work.id) if work else None)
        ready = [(f.work, m) for f in findings if f.work.id in bearing and (m := aligned(f))][:MOST_WORKS]
        for work, matches in ready:
            pixels = self._pixels(work, read)
            if pixels is None:
                self._unread[work.id] = work
                continue
            borne = bearing[work.id]
            fate = fate_in_place(self._inks[mark.id], picture.pixels, pixels, matches, borne)
            if fate:
                return MarkResult(mark, fate.state, fate.place, work, borne, fate.how)
        return None

    def _pixels(self, work: Work, read: dict[int, Pixels | None]) -> Pixels | None:
        """The work as it is on disk, or None when it is gone or has changed."""
        if work.id not in read:
            try:
                found = self._reader.read(work.paths[0])
            except PictureError:
                read[work.id] = None
            else:
                read[work.id] = found.pixels if found.facts.sha256 == work.facts.sha256 else None
        return read[work.id]
