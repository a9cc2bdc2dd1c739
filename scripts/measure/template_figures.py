"""What comparisons of pairs in templates come to: shares with intervals, by kind, beside the peers; and sheets."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from scripts.painted.templates import KINDS, SEVERAL, SHARED_PICTURE
from simcheck.records import Finding, FindingType
from simcheck.records.run import QueryResult

__all__ = ["COPIES", "Told", "Tried", "figures", "print_figures", "sheets", "wilson"]

COPIES = (
    FindingType.EXACT_FILE, FindingType.RE_ENCODED, FindingType.EDITED_COPY, FindingType.PART, FindingType.RE_RENDERED,
)  # fmt: skip
LLRS = (1.0, 2.0)
PUBLISHED = {"PDQ": -31.0, "pHash (imagehash)": -10.0}
"""Scores from which their authors call two pictures the same: at most 31 of 256 bits apart, and about 10 of 64."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a run said of one suspect."""

    findings: tuple[dict[str, Any], ...]
    """All, best first, as plain values; the work by the stem of its file."""

    @classmethod
    def of(cls, query: QueryResult) -> Told:
        return cls(tuple(_plain(finding) for finding in query.findings))

    def of_work(self, work: str) -> dict[str, Any] | None:
        return next((f for f in self.findings if work in f["works"]), None)

    @property
    def typed(self) -> bool:
        """Whether any work is said to be copied, shown in part or re-drawn."""
        return any(f["type"] in COPIES for f in self.findings)

    @property
    def llr(self) -> float:
        """The highest of any work."""
        return max((f["llr"][0] for f in self.findings if f["llr"]), default=-math.inf)

    def finds(self, work: str) -> bool:
        """Whether the right work is named first, as a copy of some kind."""
        return bool(self.findings) and work in self.findings[0]["works"] and self.findings[0]["type"] in COPIES


@dataclass(slots=True)
class Tried:
    """A pair as it was compared. ``of``: ``own`` (each work in a template of its own), or ``deck``."""

    name: str
    work: str
    kind: str
    relation: str
    done: str
    content: str
    path: Path
    bare: Path | None
    of: str = "own"
    told: Told | None = None
    told_bare: Told | None = None
    peers: dict[str, float] = field(default_factory=dict)
    """Scores of the suspect and this work."""

    def kept(self) -> dict[str, Any]:
        return {
            "suspect": self.name, "work": self.work, "kind": self.kind, "relation": self.relation, "done": self.done,
            "content": self.content, "portfolio": self.of, "peers": self.peers,
            "findings": self.told.findings if self.told else [],
            "findings_without_template": self.told_bare.findings if self.told_bare else None,
        }  # fmt: skip


def _plain(finding: Finding) -> dict[str, Any]:
    llr = finding.llr
    return {
        "works": [path.stem for path in finding.work.paths],
        "rank": finding.rank,
        "type": finding.type.value,
        "llr": [round(v, 3) for v in (llr.value, llr.low, llr.high)] if llr else None,
        "basis": [f"{b.rule.value}: {b.signal}" if b.signal else b.rule.value for b in finding.basis],
        "edits": [f"{e.kind.value} {e.value:g}" if e.value is not None else e.kind.value for e in finding.edits],
        "scores": {
            name: None if result.comparison.score is None else round(result.comparison.score, 4)
            for name, result in finding.signals
        },
    }


def wilson(reached: int, of: int) -> list[float]:
    """The 95 % interval of a share (Wilson, JASA 22, 1927)."""
    if not of:
        return [0.0, 1.0]
    z, share = 1.959964, reached / of
    middle, half = share + z * z / (2 * of), z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return [
        round(max(0.0, (middle - half) / (1 + z * z / of)), 4),
        round(min(1.0, (middle + half) / (1 + z * z / of)), 4),
    ]


def _share(rows: Sequence[Tried], test: Callable[[Tried], bool]) -> dict[str, Any]:
    reached = sum(map(test, rows))
    share = round(reached / len(rows), 4) if rows else 0.0
    return {"count": reached, "share": share, "95": wilson(reached, len(rows))}


def figures(rows: Sequence[Tried]) -> dict[str, Any]:
    """Of all pairs that were tried, as plain values."""
    own = [r for r in rows if r.of == "own"]
    found = {
        "negatives": _by_group([r for r in own if r.relation == "negative"]),
        "negatives_deck": _by_group([r for r in rows if r.of == "deck" and r.relation == "negative"]),
        "positives": _positives([r for r in own if r.relation != "negative"]),
        "positives_deck": _share([r for r in rows if r.of == "deck" and r.relation != "negative"], _found),
        "peers": {},
    }
    falsely = found["negatives"]["template alone"]["typed"]["count"]
    for name in (*PUBLISHED, "SIFT + RANSAC inliers"):
        found["peers"][name] = _peer(own, name, falsely)
    return found


def _by_group(rows: Sequence[Tried]) -> dict[str, Any]:
    """Of negatives: all together, those that share no picture, by group of kinds, by kind."""
    groups: dict[str, list[Tried]] = {"all": list(rows)}
    groups["template alone"] = [r for r in rows if r.kind not in SHARED_PICTURE]
    for row in rows:
        if row.kind not in SHARED_PICTURE:
            groups.setdefault(f"group: {KINDS[row.kind].group}", []).append(row)
    for row in rows:
        groups.setdefault(row.kind, []).append(row)
    return {name: _false(group) for name, group in groups.items()}


def _false(rows: Sequence[Tried]) -> dict[str, Any]:
    found: dict[str, Any] = {"suspects": len(rows), "typed": _share(rows, lambda r: _told(r).typed)}
    found["typed, of the work in its template"] = _share(
        rows, lambda r: any(f["type"] in COPIES and _same(r, f) for f in _told(r).findings)
    )
    for llr in LLRS:
        found[f"llr >= {llr:g}"] = _share(rows, lambda r, llr=llr: _told(r).llr >= llr)  # type: ignore[misc]
    types = [min((f["type"] for f in _told(r).findings), key=list(FindingType).index, default="none") for r in rows]
    found["strongest type"] = {t: types.count(t) for t in sorted(set(types))}
    return found


def _same(row: Tried, finding: Mapping[str, Any]) -> bool:
    """Whether a finding is of the work in the suspect's template; in a deck, all are."""
    return row.of == "deck" or row.work in finding["works"]


def _told(row: Tried) -> Told:
    assert row.told is not None, row.name
    return row.told


def _found(row: Tried) -> bool:
    return _told(row).finds(row.work)


def _another(row: Tried) -> bool:
    """Whether a work is said to be copied that the suspect does not show; templates of one kind resemble each other."""
    return any(f["type"] in COPIES and row.work not in f["works"] for f in _told(row).findings)


def _positives(rows: Sequence[Tried]) -> dict[str, Any]:
    """Recall in a template, and of the same contents without one, where both were tried."""
    groups: dict[str, list[Tried]] = {"all": list(rows)}
    groups["one picture"] = [r for r in rows if r.kind not in SEVERAL]
    groups["several pictures"] = [r for r in rows if r.kind in SEVERAL]
    for row in rows:
        groups.setdefault(row.relation, []).append(row)
    for row in rows:
        groups.setdefault(f"done: {'in another' if row.done.startswith('in ') else row.done}", []).append(row)
    for row in rows:
        groups.setdefault(row.kind, []).append(row)
    found = {}
    for name, group in groups.items():
        both = [r for r in group if r.told_bare]
        here, bare = _share(both, _found), _share(both, lambda r: bool(r.told_bare and r.told_bare.finds(r.work)))
        found[name] = {
            "suspects": len(group),
            "found": _share(group, _found),
            "another work typed": _share(group, _another),
            "with and without": len(both),
            "found, of these": here,
            "found without a template": bare,
            "ratio": round(here["count"] / bare["count"], 4) if bare["count"] else None,
        }
    return found


def _peer(rows: Sequence[Tried], name: str, falsely: int) -> dict[str, Any]:
    """A peer at its published limit, and at the lowest that names no more negatives than simcheck. It is told which
    work to look at."""
    false = [r for r in rows if r.relation == "negative" and r.kind not in SHARED_PICTURE]
    true = [r for r in rows if r.relation != "negative"]
    limits = {"published": PUBLISHED[name]} if name in PUBLISHED else {}
    scores = sorted((r.peers[name] for r in false), reverse=True)
    if scores:
        at_most = math.nextafter(scores[falsely], math.inf) if falsely < len(scores) else scores[-1]
        limits["as many false ones"] = at_most
    return {
        way: {
            "limit": round(limit, 4),
            "negatives": _share(false, lambda r, limit=limit: r.peers[name] >= limit),  # type: ignore[misc]
            "found": _share(true, lambda r, limit=limit: r.peers[name] >= limit),  # type: ignore[misc]
        }
        for way, limit in limits.items()
    }


def print_figures(found: Mapping[str, Any]) -> None:
    for part in ("negatives", "negatives_deck"):
        print(f"\n{part:26s} suspects  typed  (95 %)            llr >= 1   llr >= 2   strongest types")
        for name, each in found[part].items():
            typed, one, two = each["typed"], each["llr >= 1"], each["llr >= 2"]
            low, high = typed["95"]
            print(
                f"  {name:24s} {each['suspects']:8d}  {typed['share']:.3f}  ({low:.3f} to {high:.3f})    "
                f"{one['share']:.3f}      {two['share']:.3f}   {each['strongest type']}"
            )
    print(f"\n{'positives':44s} suspects  found  another    both  in template  without  ratio")
    for name, each in found["positives"].items():
        shares = [each[k]["share"] for k in ("found, of these", "found without a template")]
        print(
            f"  {name:42s} {each['suspects']:8d}  {each['found']['share']:.3f}    "
            f"{each['another work typed']['share']:.3f}  {each['with and without']:6d}  "
            f"{shares[0]:11.3f}  {shares[1]:7.3f}  {each['ratio']}"
        )
    print(f"  in decks: {found['positives_deck']}")
    for name, ways in found["peers"].items():
        for way, each in ways.items():
            print(
                f"{name}, {way} (limit {each['limit']:g}): negatives {each['negatives']['share']:.3f}, "
                f"found {each['found']['share']:.3f}"
            )


def sheets(rows: Sequence[Tried], works: Mapping[str, Path], folder: Path, cell: int = 200) -> None:
    """One contact sheet a kind: each work, and its suspects with what was said of them."""
    folder.mkdir(parents=True, exist_ok=True)
    lines: dict[str, dict[tuple[str, str], list[Tried]]] = {}
    for row in rows:
        lines.setdefault(row.kind, {}).setdefault((row.of, row.work), []).append(row)
    for kind, by_work in lines.items():
        wide = 1 + max(map(len, by_work.values()))
        sheet = Image.new("RGB", (wide * cell, len(by_work) * (cell + 30)), (120, 60, 120))
        pen = ImageDraw.Draw(sheet)
        for y, ((_, work), suspects) in enumerate(by_work.items()):
            shown = [(works[work], work, "")] if work in works else []
            shown += [(r.path, f"{r.relation} {r.done}", _summary(r)) for r in suspects]
            for x, (path, above, below) in enumerate(shown):
                with Image.open(path) as picture:
                    small = picture.convert("RGB")
                small.thumbnail((cell - 6, cell - 6))
                sheet.paste(small, (x * cell, y * (cell + 30) + 14))
                pen.text((x * cell, y * (cell + 30)), above[:34], "white")
                pen.text((x * cell, y * (cell + 30) + cell + 10), below[:38], "yellow")
        sheet.save(folder / f"{kind.replace(',', '').replace(' %', '').replace(' ', '_')}.png")


def _summary(row: Tried) -> str:
    """The first finding: its type, its llr, and whether it is of this work."""
    if not row.told or not row.told.findings:
        return "no finding"
    first = row.told.findings[0]
    llr = f"{first['llr'][0]:+.1f}" if first["llr"] else "no llr"
    return f"{first['type']} {llr}{'' if _same(row, first) else ' of another work'}"
