"""A JSON document that says what it was when it was written, so that an accident to it does not pass for a result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

__all__ = ["check_seal", "sealed"]

SEAL = "sealed"
"""Key of the SHA-256 of all else in the document."""
WITH_SEAL = "with_seal"
"""Says so again: damage to the other key must not pass for a document of an earlier version, which has neither."""


def sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its seal."""
    marked = {**document, WITH_SEAL: True}
    return {**marked, SEAL: _digest(marked)}


def check_seal(document: Mapping[str, Any]) -> None:
    """Raises ValueError for one that is not as it was written. Those of earlier versions have no seal, and pass."""
    if {SEAL, WITH_SEAL} & document.keys() and document.get(SEAL) != _digest(document):
        raise ValueError("it is not as it was written")


def _digest(document: Mapping[str, Any]) -> str:
    said = {key: value for key, value in document.items() if key != SEAL}
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
