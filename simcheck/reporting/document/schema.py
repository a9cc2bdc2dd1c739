"""``report.json``: read it, and refuse what does not keep to ``report.schema.json`` (JSON Schema, draft 2020-12).

A report may come from anybody. So the file is bounded before it is read, the number and depth of its values before they
are held against the schema, and every text, list and number by the schema itself. Version 2 names files by where they
lie in the folders that were named; reports of version 1, which hold whole paths, are read as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simcheck.errors import ReportError
from simcheck.system.reading import read_file

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

__all__ = ["SCHEMA", "VERSION", "load", "read_bounded", "schema", "validate"]

VERSION = 2
SCHEMA = f"simcheck.report/{VERSION}"
MOST_BYTES = 256 * 1024 * 1024
"""Of a report.json. That of eight suspects is about one megabyte."""
MOST_VALUES = 6_000_000
"""Lists and objects in one document: a small file of brackets would else take gigabytes."""
DEEPEST = 40
"""Levels of lists and objects; a report has some twelve."""
FAULTS = 20
"""Faults of which the most telling one is told."""
_REMEDY = "Use the report.json as `simcheck compare` wrote it, or run the comparison again."


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of a report document."""
    read: dict[str, Any] = json.loads(Path(__file__).with_name("report.schema.json").read_text("utf-8"))
    return read


def load(path: Path) -> dict[str, Any]:
    """Read and validate a report document. Raises ReportError."""
    try:
        data = read_bounded(path)
        if data.count(b"[") + data.count(b"{") > MOST_VALUES:
            raise ReportError(f"{path} holds more values than a report has, so it was not read. {_REMEDY}")
        document = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except OSError as error:
        raise ReportError(
            f"{path} cannot be read ({error.strerror or error}). Name the report.json that `simcheck compare` wrote, "
            "or the folder that it lies in."
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ReportError(
            f"{path} is not a report: its JSON is damaged ({_short(str(error))}). Run `simcheck compare` again to make "
            "a new one."
        ) from error
    _check(document, str(path))
    return document  # type: ignore[no-any-return]  # _check() let only an object of this shape pass


def validate(document: object, where: str = "the report document") -> None:
    """Raise ReportError when ``document`` is of a later version or does not keep to the schema."""
    # the validator knows dict and list only; a round trip also refuses what JSON cannot carry (NaN, infinity)
    try:
        plain = json.loads(json.dumps(document, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise ReportError(f"{where} cannot be written as JSON: {error}. Please report this as a bug.") from error
    _check(plain, where)


def read_bounded(path: Path) -> bytes:
    """The bytes of an ordinary file that is not too large for a report. Raises OSError."""
    return read_file(path, MOST_BYTES)


def _check(document: object, where: str) -> None:
    named = document.get("schema") if isinstance(document, dict) else None
    later = re.fullmatch(r"simcheck\.report/([0-9]{1,9})", named) if isinstance(named, str) else None
    if later and int(later[1]) > VERSION:
        raise ReportError(
            f"{where} was written by a later simcheck ({named}; this one reads {SCHEMA}). Update simcheck to open it."
        )
    if not later:
        raise ReportError(f"{where} is not a simcheck report: it does not say `simcheck.report/{VERSION}`. {_REMEDY}")
    if _deeper(document, DEEPEST):
        raise ReportError(f"{where} is not a valid simcheck report: its values are nested too deeply. {_REMEDY}")
    from jsonschema.exceptions import best_match

    # a few faults tell enough; a document of nothing but faults has millions
    fault = best_match(islice(_validator().iter_errors(document), FAULTS))
    if fault is not None:
        raise ReportError(
            f"{where} is not a valid simcheck report: at {_short(fault.json_path)}: {_short(fault.message)}. {_REMEDY}"
        )
    assert isinstance(document, dict), "the schema asks for an object"
    times = [document["created"]]
    times += [document["index"][key] for key in ("created", "updated") if document["index"]]
    for time in times:
        try:
            datetime.fromisoformat(time)
        except ValueError as error:
            raise ReportError(f"{where} is not a valid simcheck report: {time!r} is not a date and time.") from error


def _deeper(document: object, most: int) -> bool:
    """Whether a list or object lies more than ``most`` levels deep."""
    level: list[object] = [document]
    for _ in range(most):
        level = [
            value
            for each in level
            for value in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
            if isinstance(value, dict | list)
        ]
        if not level:
            return False
    return True


@cache
def _validator() -> Validator:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    items_of, properties_of = (Draft202012Validator.VALIDATORS[key] for key in ("items", "additionalProperties"))

    def items(validator: Validator, each: Any, instance: Any, around: Mapping[str, Any]) -> Iterator[Any]:
        """As the standard says, but with the faults of one item only, of a list that is not too long; and lists of
        numbers, of which a report has thousands, are looked at without the ceremony."""
        if not isinstance(instance, list) or len(instance) > around.get("maxItems", MOST_VALUES):
            return
        if not isinstance(each, Mapping) or "prefixItems" in around:
            yield from items_of(validator, each, instance, around)
            return
        plain = schema()["$defs"][each["$ref"].rpartition("/")[2]] if "$ref" in each else each
        if plain.get("type") == "number" and _all_numbers(instance, plain):
            return
        for index, item in enumerate(instance):
            faults = list(validator.descend(item, each, path=index))
            if faults:
                yield from faults
                return

    def properties(validator: Validator, each: Any, instance: Any, around: Mapping[str, Any]) -> Iterator[Any]:
        """As the standard says, of an object that does not have too many."""
        if isinstance(instance, dict) and len(instance) <= around.get("maxProperties", MOST_VALUES):
            yield from properties_of(validator, each, instance, around)

    bounded = extend(Draft202012Validator, {"items": items, "additionalProperties": properties})
    return bounded(schema())


def _all_numbers(values: list[Any], limits: Mapping[str, Any]) -> bool:
    low, high = limits["minimum"], limits["maximum"]
    return all(type(value) in (int, float) and low <= value <= high for value in values)


def _short(message: str) -> str:
    """Both ends: a validator quotes what it refuses before it says why."""
    return message if len(message) <= 240 else f"{message[:120]} … {message[-100:]}"


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not a JSON number")
