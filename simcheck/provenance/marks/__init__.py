"""The artist's own marks: signature, seal, logo, ID text. Found in works, and in suspects kept, garbled or removed.

A claim of its own (`provenance`): stated beside the findings, never part of a score. ``ink`` reads a mark's picture,
``propose`` and ``verify`` find it in a picture (``search``), ``states`` says what became of it.
"""

from __future__ import annotations

from simcheck.provenance.marks.add import Added, Borne, add, add_recurring, listed, remove
from simcheck.provenance.marks.fates import MarkSearch
from simcheck.provenance.marks.places import Placing, place_marks

__all__ = ["Added", "Borne", "MarkSearch", "Placing", "add", "add_recurring", "listed", "place_marks", "remove"]
