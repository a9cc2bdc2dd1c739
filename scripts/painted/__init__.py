"""Paints what the embedded network is trained on: no picture by anybody, only scenes drawn from seeds."""

from __future__ import annotations

from scripts.painted.family import KINDS, Family, paint_family

__all__ = ["KINDS", "Family", "paint_family"]
