"""Results: they come from code that is committed, and say what they were measured with."""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scripts.measure import machine
from simcheck.shipped import reference_folder

ASKED, A_TRY = argparse.Namespace(only_try=False), argparse.Namespace(only_try=True)
PAYLOAD: Mapping[str, Any] = {"seed": 1, "data_digest": None}
SIMCHECK = "simcheck/__init__.py"


def git(checkout: Path, *arguments: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", *who, "-C", str(checkout), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, in which the results lie and from which simcheck is imported."""
    root = tmp_path / "a checkout"
    for name in (SIMCHECK, "scripts/results/old.json", "README.md", "画/ünï.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("first", encoding="utf-8")
    (root / ".gitignore").write_text("/ignored/", encoding="utf-8")
    git(tmp_path, "init", "--quiet", str(root))
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "first")
    monkeypatch.setattr(machine, "RESULTS", root / "scripts" / "results")
    spec = importlib.util.spec_from_file_location("simcheck", root / SIMCHECK)
    monkeypatch.setattr(machine, "find_spec", lambda name: spec)
    return root


def test_a_result_is_written_whole_and_sorted_and_names_its_commit(checkout: Path) -> None:
    path = machine.start(ASKED).save("sample", {**PAYLOAD, "z": 1, "a": {"d": "é", "c": None}})
    assert path == checkout / "scripts" / "results" / "sample.json"
    text = path.read_text(encoding="utf-8")
    written = json.loads(text)
    assert text == json.dumps(written, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    assert written["commit"] == git(checkout, "rev-parse", "HEAD")
    assert written["a"] == {"d": "é", "c": None}
    with pytest.raises(ValueError, match="JSON"):
        machine.start(ASKED).save("sample", {**PAYLOAD, "a": float("nan")})
    assert path.read_text(encoding="utf-8") == text, "a failed write leaves the last result alone"
    assert sorted(p.name for p in path.parent.iterdir()) == ["old.json", "sample.json"]


@pytest.mark.parametrize("lacking", ["seed", "data_digest"])
def test_a_result_says_its_seed_and_its_data(checkout: Path, lacking: str) -> None:
    with pytest.raises(ValueError, match=f"says its {lacking}"):
        machine.start(ASKED).save("sample", {k: v for k, v in PAYLOAD.items() if k != lacking})


@pytest.mark.parametrize("changed", [SIMCHECK, "README.md", "画/ünï.py", "new.py", "deep/er/新.py"])
@pytest.mark.parametrize("staged", [False, True])
def test_code_that_is_not_committed_is_refused_at_the_start(checkout: Path, changed: str, staged: bool) -> None:
    (checkout / changed).parent.mkdir(parents=True, exist_ok=True)
    (checkout / changed).write_text("second", encoding="utf-8")
    if staged:
        git(checkout, "add", "--all")
    with pytest.raises(machine.NotReproducible, match=f"Commit this first:\n  {changed}\n"):
        machine.start(ASKED)


def test_a_file_that_is_gone_is_a_change(checkout: Path) -> None:
    (checkout / SIMCHECK).unlink()
    with pytest.raises(machine.NotReproducible, match=SIMCHECK):
        machine.start(ASKED)


def test_results_pictures_and_what_git_ignores_are_no_code(checkout: Path) -> None:
    (checkout / "scripts" / "results" / "old.json").write_text("another", encoding="utf-8")
    (checkout / "notes.txt").write_text("mine", encoding="utf-8")
    (checkout / "ignored").mkdir()
    (checkout / "ignored" / "x.py").write_text("mine", encoding="utf-8")
    assert machine.start(ASKED).save("sample", PAYLOAD)
    assert machine.start(ASKED).save("another", PAYLOAD), "results of a script before"


def test_what_a_script_makes_itself_is_no_hindrance_to_it(checkout: Path) -> None:
    (checkout / "README.md").write_text("made", encoding="utf-8")
    assert machine.start(ASKED, apart_from=("README.md",)).save("sample", PAYLOAD)


def test_code_that_changes_meanwhile_is_refused_and_the_figures_are_kept_elsewhere(checkout: Path) -> None:
    measurement = machine.start(ASKED)
    (checkout / SIMCHECK).write_text("second", encoding="utf-8")
    with pytest.raises(machine.NotReproducible, match="not in scripts/results but in (.*)") as refused:
        measurement.save("sample", {**PAYLOAD, "figure": 7})
    assert not (checkout / "scripts" / "results" / "sample.json").exists()
    kept = Path(str(refused.value).rpartition(" but in ")[2])
    assert json.loads(kept.read_text(encoding="utf-8"))["figure"] == 7
    kept.unlink()
    git(checkout, "commit", "--all", "--quiet", "--message", "second")
    with pytest.raises(machine.NotReproducible, match="Another commit") as refused:
        measurement.save("sample", PAYLOAD)
    Path(str(refused.value).rpartition(" but in ")[2]).unlink()


def test_another_simcheck_than_that_beside_the_scripts_is_refused(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = importlib.util.spec_from_file_location("simcheck", tmp_path / SIMCHECK)
    monkeypatch.setattr(machine, "find_spec", lambda name: elsewhere)
    with pytest.raises(machine.NotReproducible, match="simcheck was imported from"):
        machine.start(ASKED)


def test_without_git_nothing_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "RESULTS", tmp_path / "scripts" / "results")
    machine.RESULTS.parent.mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(machine.NotReproducible, match="no git checkout"):
        machine.start(ASKED)


def test_a_try_takes_any_code_and_saves_nothing(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / SIMCHECK).write_text("second", encoding="utf-8")
    assert machine.start(A_TRY).save("sample", PAYLOAD) is None
    assert "not saved" in capsys.readouterr().out
    assert [p.name for p in (checkout / "scripts" / "results").iterdir()] == ["old.json"]
    assert machine.parser("a script").parse_args(["--try"]) == A_TRY


def test_a_result_carries_what_it_rests_on(checkout: Path) -> None:
    measurement = machine.start(ASKED, signals=("copy", machine.MARKS), shipped=(machine.TABLE,))
    path = measurement.save("sample", PAYLOAD)
    assert path
    rests_on = json.loads(path.read_text(encoding="utf-8"))["rests_on"]
    assert rests_on == machine.resting(("copy", machine.MARKS), (machine.TABLE,))
    assert set(rests_on["signals"]) == {"copy", "marks"}
    assert rests_on["shipped"] == {machine.TABLE: machine.digest_of([reference_folder() / machine.TABLE])}


def test_another_version_of_a_signal_has_another_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    from simcheck.signals.phash import Phash

    before = machine.resting(machine.SIGNALS, ())
    monkeypatch.setattr(Phash, "version", Phash.version + 1)
    after = machine.resting(machine.SIGNALS, ())
    assert [name for name in machine.SIGNALS if before["signals"][name] != after["signals"][name]] == ["phash"]


def test_facts_name_no_machine_and_no_path() -> None:
    facts = machine.facts()
    text = json.dumps(facts)
    assert {"commit", "cpu", "cores", "ram_gib", "system", "python", "libraries", "measured_at"} <= set(facts)
    assert str(Path.home()) not in text
    assert str(machine.RESULTS.parents[1]) not in text
    assert facts["libraries"]["numpy"]
    assert facts["cores"] >= 1


def test_a_digest_depends_on_contents_alone(tmp_path: Path) -> None:
    for folder, names in {"one": ("a", "b"), "two": ("x", "y")}.items():
        (tmp_path / folder).mkdir()
        for name, content in zip(names, ("first", "second"), strict=True):
            (tmp_path / folder / name).write_text(content, encoding="utf-8")
    one, two = tmp_path / "one", tmp_path / "two"
    assert machine.digest_of([one]) == machine.digest_of([two]) == machine.digest_of([one / "b", one / "a"])
    (two / "y").write_text("changed", encoding="utf-8")
    assert machine.digest_of([one]) != machine.digest_of([two])
