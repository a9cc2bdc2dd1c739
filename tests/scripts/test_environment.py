"""The environment that the scripts for people make, and keep."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import environment

SCRIPTS = Path(environment.__file__).parent


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty checkout; nothing is installed into it, but what would be is recorded in ``installed``."""
    monkeypatch.setattr(environment, "CHECKOUT", tmp_path)
    monkeypatch.setattr(environment, "CONSTRAINTS", tmp_path / "constraints.txt")
    (tmp_path / "pyproject.toml").write_text("one", encoding="utf-8")
    return tmp_path


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(environment, "install", lambda folder, *what: calls.append(what))
    return calls


def test_an_environment_is_made_used_again_and_repaired(tmp_path: Path) -> None:
    folder = tmp_path / "environment"
    environment.make(folder)
    python = environment.command(folder, "python")
    prefix = subprocess.run(
        [python, "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert Path(prefix).resolve() == folder.resolve()

    (folder / "kept").touch()
    environment.make(folder)
    assert (folder / "kept").exists(), "a usable environment is left alone"

    python.unlink()
    python.write_text("not a Python", encoding="utf-8")
    environment.make(folder)
    assert subprocess.run([python, "-c", ""], check=False).returncode == 0


def test_a_second_run_installs_nothing_until_something_changed(
    checkout: Path, installed: list[tuple[str, ...]]
) -> None:
    environment.ready()
    environment.ready()
    assert installed == [("--editable", str(checkout))]
    (checkout / "constraints.txt").write_text("numpy==2.2", encoding="utf-8")
    environment.ready()
    assert len(installed) == 2


def test_the_environment_for_tests_serves_the_demo_but_not_the_other_way(
    checkout: Path, installed: list[tuple[str, ...]]
) -> None:
    environment.ready()
    environment.ready("dev")
    assert installed == [("--editable", str(checkout)), ("--editable", f"{checkout}[dev]")]
    (checkout / "pyproject.toml").write_text("two", encoding="utf-8")
    environment.ready("dev")
    environment.ready()
    assert len(installed) == 3


def test_a_failed_install_is_tried_again(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path, *what: str) -> None:
        raise environment.SetupFailed("no network")

    monkeypatch.setattr(environment, "install", fail)
    for _ in range(2):
        with pytest.raises(environment.SetupFailed, match="no network"):
            environment.ready()


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for uv is a shell script")
def test_pip_takes_over_when_uv_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text('#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "uv: no such index" >&2\nexit 2\n', encoding="utf-8")
    uv.chmod(0o755)
    pip = tmp_path / "pip"
    pip.write_text('#!/bin/sh\necho "pip got: $*"\n', encoding="utf-8")
    pip.chmod(0o755)
    monkeypatch.setenv("PATH", str(uv.parent), prepend=os.pathsep)
    monkeypatch.setattr(environment, "_find_pip", lambda folder: [str(pip)])
    environment.install(tmp_path / "environment", "something")
    said = capfd.readouterr()
    assert "uv could not install" in said.out
    assert f"pip got: install --constraint {environment.CONSTRAINTS} something" in said.out
    assert "no such index" in said.err


def test_without_uv_and_pip_the_way_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(environment, "_find_pip", lambda folder: None)
    with pytest.raises(environment.SetupFailed, match="python3-venv"):
        environment.install(tmp_path / "environment", "something")


def test_a_mirror_set_for_pip_is_used_by_uv_unless_uv_has_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    python = Path(sys.executable)
    assert environment._index_for_uv(python) == {"UV_DEFAULT_INDEX": "https://mirror.example/simple"}
    monkeypatch.setenv("UV_INDEX_URL", "https://other.example/simple")
    assert environment._index_for_uv(python) == {}
