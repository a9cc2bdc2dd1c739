"""What ships: the wheel's contents, one version everywhere, exact constraints, no trace of this machine."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import simcheck
from simcheck import shipped as cohort
from simcheck.errors import StoreMissing

CHECKOUT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as ``python -m build`` does but with the hatchling that is here: no network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(CHECKOUT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_the_package_as_it_stands(wheel: Path) -> None:
    """Every file of ``simcheck/`` (code, templates, schemas, py.typed) and the cohort, and nothing else."""
    here = {
        path.relative_to(CHECKOUT).as_posix(): path
        for path in (CHECKOUT / "simcheck").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    reference = CHECKOUT / "index" / "reference"
    here |= {
        f"simcheck/reference/{path.relative_to(reference).as_posix()}": path
        for path in reference.rglob("*")
        if path.is_file()
    }
    packed = {name: data for name, data in contents(wheel).items() if ".dist-info/" not in name}
    assert set(packed) == set(here)
    assert all(packed[name] == path.read_bytes() for name, path in here.items())
    assert "simcheck/py.typed" in packed
    assert any(name.startswith("simcheck/reporting/") and name.endswith((".html", ".j2", ".jinja")) for name in packed)
    assert any(name.endswith(".schema.json") for name in packed)
    assert any(name.startswith("simcheck/reference/") for name in packed)
    assert "simcheck/demo/sample/truth.json" in packed


def test_the_wheel_knows_its_command_and_licence(wheel: Path) -> None:
    packed = contents(wheel)
    (entry_points,) = (data for name, data in packed.items() if name.endswith("entry_points.txt"))
    (licence,) = (data for name, data in packed.items() if name.endswith("licenses/LICENSE"))
    assert b"simcheck = simcheck.cli:main" in entry_points
    assert b"Apache License" in licence


def test_nothing_of_this_machine_is_in_the_wheel(wheel: Path) -> None:
    places = [str(CHECKOUT.parent) + "/", str(Path.home()) + "/", str(CHECKOUT)]
    found = [(n, place) for n, data in contents(wheel).items() for place in places if place.encode() in data]
    assert found == []


def test_no_picture_of_the_evaluation_set_is_in_the_wheel(wheel: Path, evalset: Path) -> None:
    known: set[str] = set()
    for table in evalset.glob("*.csv"):
        with table.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                known |= {row[key] for key in ("sha256", "source_sha256") if row.get(key)}
    assert len(known) > 100, "the evaluation set lists no digests: this test would not see anything"
    assert [n for n, data in contents(wheel).items() if hashlib.sha256(data).hexdigest() in known] == []


def test_one_version() -> None:
    assert simcheck.__version__ == PROJECT["version"]
    changelog = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[{re.escape(simcheck.__version__)}\]", changelog, re.MULTILINE)


def test_constraints_name_every_dependency_exactly_and_allow_it() -> None:
    """Every line is ``name==version``, perhaps with a marker: no option, and so no address of a package index."""
    lines = (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned: dict[str, str] = {}
    for line in lines:
        requirement = Requirement(line)
        (exact,) = requirement.specifier
        assert exact.operator == "=="
        assert requirement.url is None
        pinned[canonicalize_name(requirement.name)] = exact.version
    wanted = [*PROJECT["dependencies"], *(t for e in PROJECT["optional-dependencies"].values() for t in e)]
    for text in wanted:
        requirement = Requirement(text)
        version = pinned.get(canonicalize_name(requirement.name))
        assert version, f"constraints.txt does not pin {requirement.name}"
        assert requirement.specifier.contains(version), f"constraints.txt pins {requirement.name} {version}, not {text}"


def test_the_cohort_is_found_in_a_checkout() -> None:
    assert cohort.reference_folder() == CHECKOUT / "index" / "reference"


def test_the_cohort_is_found_in_a_wheel(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)  # noqa: S202 - our own archive
    code = "from simcheck.shipped import reference_folder; print(reference_folder())"
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == (tmp_path / "simcheck" / "reference").resolve()


def test_the_sample_is_copied_from_a_wheel(wheel: Path, tmp_path: Path) -> None:
    """Though a file system may spell its names another way: they hold Chinese and pictographs."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")  # noqa: S202 - our own archive
    code = "from pathlib import Path; from simcheck.demo import copy_into; print(len(copy_into(Path('here')).works))"
    start = f"import sys; sys.path.insert(0, {str(tmp_path / 'installed')!r}); {code}"
    command = [sys.executable, "-I", "-c", start]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "24"
    assert len([p for p in (tmp_path / "here").rglob("*") if p.is_file()]) == 34


def test_a_missing_cohort_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a copy of the package that lost its data."""
    copy = tmp_path / "simcheck" / "cohort.py"
    copy.parent.mkdir()
    copy.write_bytes(Path(cohort.__file__).read_bytes())
    spec = importlib.util.spec_from_file_location("incomplete_cohort", copy)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)  # dataclasses look their module up
    spec.loader.exec_module(module)
    with pytest.raises(StoreMissing, match="Install simcheck again"):
        module.reference_folder()


@pytest.mark.slow
def test_the_wheel_runs_the_demo_in_an_empty_environment() -> None:
    script = CHECKOUT / "scripts" / "check_wheel.py"
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
