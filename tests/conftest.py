"""What all tests share: no network, no trace in the person's own folders, and where the evaluation set lies."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

EVALSET = Path(__file__).resolve().parents[2] / "shared" / "evalset"

# Timing says nothing on a busy machine; CI runs the same examples every time, so that it fails for its change alone.
settings.register_profile("simcheck", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("simcheck"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "simcheck")


@pytest.fixture(scope="session")
def evalset() -> Path:
    """The folder of real pictures that lies beside the checkout and is never part of it."""
    if not EVALSET.is_dir():
        pytest.skip("the evaluation set (shared/evalset beside the checkout) is not here")
    return EVALSET


def in_own_folders(patch: pytest.MonkeyPatch, factory: pytest.TempPathFactory) -> None:
    home = factory.getbasetemp() / "home"
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "LOCALAPPDATA", "APPDATA"):
        patch.setenv(name, str(home / name.lower()))
    for name in [name for name in os.environ if name.startswith("SIMCHECK_")]:
        patch.delenv(name)


@pytest.fixture(autouse=True, scope="session")
def _own_folders_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """For what tests of a file share: it is made before the first of them."""
    with pytest.MonkeyPatch.context() as patch:
        in_own_folders(patch, tmp_path_factory)
        yield


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index or a case that a test makes without naming a place goes into a temporary folder."""
    in_own_folders(monkeypatch, tmp_path_factory)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """simcheck sends no picture anywhere: a test that reaches past this machine fails, here and in CI alike."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test reached for the network: {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)
