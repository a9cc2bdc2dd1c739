"""``report.json``: read it, and refuse what does not keep to ``report.schema.json`` (JSON Schema, draft 2020-12)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from simcheck.errors import ReportError

__all__ = ["SCHEMA", "VERSION", "load", "schema", "validate"]

VERSION = 1
SCHEMA = f"simcheck.report/{VERSION}"


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of a report document."""
    read: dict[str, Any] = json.loads(Path(__file__).with_name("report.schema.json").read_text("utf-8"))
    return read


def load(path: Path) -> dict[str, Any]:
    """Read and validate a report document. Raises ReportError."""
    try:
        document = json.loads(path.read_text("utf-8"), parse_constant=_refuse_constant)
    except OSError as error:
        raise ReportError(
            f"{path} cannot be read ({error.strerror}). Name the report.json that `simcheck compare` wrote."
        ) from error
    except (ValueError, RecursionError) as error:
        raise ReportError(
            f"{path} is not a report: its JSON is damaged ({error}). Run `simcheck compare` again to make a new one."
        ) from error
    validate(document, str(path))
    return document  # type: ignore[no-any-return]  # validate() let only an object of this shape pass


def validate(document: object, where: str = "the report document") -> None:
    """Raise ReportError when ``document`` is of a later version or does not keep to the schema."""
    named = document.get("schema") if isinstance(document, Mapping) else None
    later = re.fullmatch(r"simcheck\.report/(\d+)", named) if isinstance(named, str) else None
    if later and int(later[1]) > VERSION:
        raise ReportError(
            f"{where} was written by a later simcheck ({named}; this one reads {SCHEMA}). Update simcheck to open it."
        )
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    # the validator knows dict and list only; a round trip also refuses what JSON cannot carry (NaN, infinity)
    try:
        plain = json.loads(json.dumps(document, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ReportError(f"{where} cannot be written as JSON: {error}. Please report this as a bug.") from error
    fault = best_match(Draft202012Validator(schema()).iter_errors(plain))
    if fault is not None:
        raise ReportError(
            f"{where} is not a valid simcheck report: at {fault.json_path}: {_short(fault.message)}. "
            "Use the report.json as `simcheck compare` wrote it, or run the comparison again."
        )
    times = [plain["created"]] + [plain["index"][key] for key in ("created", "updated") if plain["index"]]
    for time in times:
        try:
            datetime.fromisoformat(time)
        except ValueError as error:
            raise ReportError(f"{where} is not a valid simcheck report: {time!r} is not a date and time.") from error


def _short(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:200]} …"


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not a JSON number")
