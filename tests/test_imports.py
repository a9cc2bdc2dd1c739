"""The shape of the code: who imports what, when heavy libraries are loaded, what is public, how long files are."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.build.imports import ORDER, imported, page, part_of

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGE = CHECKOUT / "simcheck"
MODULES = sorted(PACKAGE.rglob("*.py"))
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))

HEAVY = set(PROJECT["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-module-level-imports"])
"""One list for the linter, which sees what a file says, and for the fresh interpreter, which sees what happens."""

SOLE_IMPORTERS = {
    "torch": {"models"},
    "torchvision": {"models"},
    "open_clip": {"models"},
    "timm": {"models"},
    "faiss": {"retrieval"},
    "rich": {"cli"},
    "typer": {"cli"},
}

SIGNAL_LINES, MODULE_LINES = 170, 330

NEEDED_BUT_NOT_IMPORTED: dict[str, str] = {}
"""Distributions that are declared though no line imports them, each with the reason."""


def third_party(paths: list[Path]) -> dict[str, str]:
    """Top-level names that files import from outside the standard library and the checkout -> where first seen."""
    own = {"simcheck", "scripts", "tests", "conftest"}
    own |= {p.stem for p in (CHECKOUT / "tests").rglob("*.py")}
    seen: dict[str, str] = {}
    for path in paths:
        for name, line in imported(path):
            top = name.partition(".")[0]
            if top not in sys.stdlib_module_names and top not in own:
                seen.setdefault(top, f"{path.relative_to(CHECKOUT)}:{line}")
    return seen


def declared(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(text).name) for text in requirements}


def fresh_interpreter(code: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=CHECKOUT, check=False)
    assert done.returncode == 0, done.stderr
    result: list[str] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.mark.parametrize("arguments", [["--help"], ["compare", "--help"], ["index", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    loaded = fresh_interpreter(
        f"""
import json, sys
sys.argv = ["simcheck", *{arguments!r}]
from simcheck.cli import main
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
print()
print(json.dumps(sorted(sys.modules)))
"""
    )
    assert "simcheck.cli" in loaded
    assert not {"numpy", "PIL", *HEAVY} & set(loaded)


def test_no_module_loads_a_heavy_library_when_imported() -> None:
    names = [".".join(p.relative_to(CHECKOUT).with_suffix("").parts).removesuffix(".__init__") for p in MODULES]
    names = [name for name in names if not name.endswith("__main__")]
    blamed = fresh_interpreter(
        f"""
import importlib, json, sys
heavy, blamed = {HEAVY!r}, []
for name in {names!r}:
    before = set(sys.modules)
    importlib.import_module(name)
    blamed += [f"{{name}} loads {{library}}" for library in sorted(heavy & (set(sys.modules) - before))]
print(json.dumps(blamed))
"""
    )
    assert blamed == []


def test_every_part_has_a_place_in_the_order() -> None:
    assert {part_of(path) for path in MODULES} - {"simcheck"} == set(ORDER), "ORDER lists the folders, no more or less"


def test_the_page_of_imports_is_as_new_as_the_code() -> None:
    written = (CHECKOUT / "docs" / "imports.md").read_text(encoding="utf-8")
    assert written == page(), "run: python scripts/build/imports.py"


def test_imports_go_one_way() -> None:
    place = {part: number for number, part in enumerate(ORDER)}
    wrong = []
    for path in MODULES:
        here = part_of(path)
        if here == "simcheck":
            continue  # it hands on the API, and imports it when asked
        for name, line in imported(path):
            pieces = name.split(".")
            there = pieces[1] if pieces[0] == "simcheck" and len(pieces) > 1 else here
            if there.startswith("__version__") or there == here:
                continue
            if place.get(there, 99) > place.get(here, -1):
                wrong.append(f"{path.relative_to(CHECKOUT)}:{line} imports {there}, which comes after {here}")
    assert not wrong, "\n".join(["", *wrong])


def test_each_backend_has_one_importer() -> None:
    wrong = [
        f"{path.relative_to(CHECKOUT)}:{line} imports {name}"
        for path in MODULES
        for name, line in imported(path)
        if part_of(path) not in SOLE_IMPORTERS.get(name.partition(".")[0], {part_of(path)})
    ]
    assert not wrong, "\n".join(["", *wrong])


def test_only_the_command_line_prints_or_exits() -> None:
    """``cli`` parses, calls, prints and exits. Nothing else may."""
    wrong = []
    for path in MODULES:
        allowed = {"print", "sys.exit"} if part_of(path) == "cli" else set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"print", "exit", "quit", "sys.exit"} - allowed:
                wrong.append(f"{path.relative_to(CHECKOUT)}:{node.lineno} calls {ast.unparse(node.func)}")
    assert not wrong, "\n".join(["", *wrong])


def names_of(path: Path) -> tuple[set[str], list[str] | None]:
    """The names that a module has at its top level, and its ``__all__`` (None: it has none)."""
    here: set[str] = set()
    exported: list[str] | None = None
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            here.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            here |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
            here |= names
            if names == {"__all__"} and node.value is not None:
                exported = ast.literal_eval(node.value)
    return here, exported


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_all_names_what_the_module_has(path: Path) -> None:
    here, exported = names_of(path)
    assert len(exported or []) == len(set(exported or []))
    lazily = "__getattr__" in here  # PEP 562: the module finds these names when they are asked for
    assert lazily or set(exported or []) <= here


def test_what_another_module_imports_is_in_all() -> None:
    """``__all__`` is the agreement between modules: what is not in it may change without looking elsewhere."""
    wrong = []
    for path in [*MODULES, *sorted((CHECKOUT / "scripts").rglob("*.py"))]:
        for name, line in imported(path):
            module, _, wanted = name.rpartition(".")
            source = CHECKOUT.joinpath(*module.split("."))
            source = source / "__init__.py" if source.is_dir() else source.with_suffix(".py")
            is_module = (CHECKOUT.joinpath(*name.split(".")).is_dir()) or source.with_name(f"{wanted}.py").exists()
            ours = module.split(".")[0] == "simcheck" and source.exists() and not is_module
            if ours and wanted not in (names_of(source)[1] or []):
                wrong.append(f"{path.relative_to(CHECKOUT)}:{line}: {wanted} is not in __all__ of {module}")
    assert not wrong, "\n".join(["", *wrong])


def test_modules_stay_short_and_well_named() -> None:
    wrong = []
    for path in MODULES:
        a_signal = path.parent.name == "signals" or (part_of(path), path.name) == ("signals", "signal.py")
        limit = SIGNAL_LINES if a_signal else MODULE_LINES
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > limit:
            wrong.append(f"{path.relative_to(CHECKOUT)} has {lines} lines, more than {limit}: split it")
        if path.stem in {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}:
            wrong.append(f"{path.relative_to(CHECKOUT)}: name it after what it does")
    assert not wrong, "\n".join(["", *wrong])


def test_declared_dependencies_are_those_that_are_imported() -> None:
    distributions = packages_distributions()
    runtime = declared(PROJECT["project"]["dependencies"])
    needed: set[str] = set()
    for name, where in third_party(MODULES).items():
        owners = {canonicalize_name(owner) for owner in distributions.get(name, [])}
        assert owners & runtime, f"{where} imports {name}, which pyproject.toml does not declare"
        needed |= owners & runtime
    idle = runtime - needed - set(NEEDED_BUT_NOT_IMPORTED)
    assert not idle, f"declared in pyproject.toml but imported nowhere: {sorted(idle)}"
    assert set(NEEDED_BUT_NOT_IMPORTED) <= runtime - needed, "an exception that is no longer one"


def test_what_tests_and_scripts_import_is_declared() -> None:
    extras = [text for extra in PROJECT["project"]["optional-dependencies"].values() for text in extra]
    known = declared([*PROJECT["project"]["dependencies"], *extras])
    files = [path for folder in ("tests", "scripts") for path in sorted((CHECKOUT / folder).rglob("*.py"))]
    distributions = packages_distributions()
    for name, where in third_party(files).items():
        owners = {canonicalize_name(owner) for owner in distributions.get(name, [])}
        assert owners & known, f"{where} imports {name}, which pyproject.toml does not declare"


def test_every_folder_of_code_is_a_package() -> None:
    """Without ``__init__.py`` a folder still imports in a checkout, but tools and builds pass it over."""
    bare = sorted({str(p.parent.relative_to(CHECKOUT)) for p in MODULES if not (p.parent / "__init__.py").exists()})
    assert bare == []


def test_tests_mirror_the_package() -> None:
    """A test lies where what it tests lies; beside them the index of each format, the scripts, and the browser."""
    tests = CHECKOUT / "tests"
    folders = {p.parent.relative_to(tests).as_posix() for p in tests.rglob("test_*.py")} - {"."}
    beside = {"browser", "scripts"}
    assert {f for f in folders if f.split("/")[0] not in beside and not (PACKAGE / f).is_dir()} == set()
    assert {part for part in ORDER if (PACKAGE / part).is_dir()} - {f.split("/")[0] for f in folders} == set()


def test_no_two_files_of_tests_have_one_name() -> None:
    """pytest imports them by name alone: of two, the second is not collected, and the whole run fails."""
    names = [path.name for path in (CHECKOUT / "tests").rglob("*.py")]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
