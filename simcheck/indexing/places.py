"""Whether what the index says of a path is still so: asked when a file is named as evidence."""

from __future__ import annotations

from dataclasses import replace

from simcheck.images.files import holds, is_there
from simcheck.records import AtPath, Finding, FindingType

__all__ = ["checked"]


def checked(finding: Finding) -> Finding:
    """A finding of equal bytes, with a path first that holds these bytes now; where none does, it says so.

    The finding stands in any case: it rests on the digest in the index. Other findings are returned as they are.
    """
    if finding.type is not FindingType.EXACT_FILE:
        return finding
    work = finding.work
    for path in work.paths:
        if holds(path, work.facts.sha256, work.facts.size_bytes):
            others = tuple(other for other in work.paths if other != path)
            return replace(finding, work=replace(work, paths=(path, *others)), at_path=None)
    return replace(finding, at_path=AtPath.CHANGED if is_there(work.paths[0]) else AtPath.GONE)
