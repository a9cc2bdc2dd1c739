"""The configuration file, and which index is meant."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from simcheck.errors import StoreMissing, UsageError
from simcheck.pipeline.configuration import (
    Configuration,
    calibration_file,
    cohort_for,
    existing_index,
    index_for,
    options_for,
)
from simcheck.store import Store


@pytest.fixture(autouse=True)
def _fresh_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home" / name))


def configure(text: str | bytes) -> Path:
    file = Configuration.path()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def make_index(root: Path, name: str | None = None) -> Path:
    """An index of no works that knows its root, where `index_for` puts it."""
    root.mkdir(parents=True, exist_ok=True)
    path, called = index_for(None, name, None, [root])
    with Store.open(path, write=True, create=True, name=called) as store, store.batch() as batch:
        batch.put_root(root)
    return path


def make_at(path: Path) -> None:
    path.mkdir(parents=True)
    (path / "index.sqlite3").touch()


# -- the file -----------------------------------------------------------------------------------------------------


def test_learned_keypoints_by_file_and_by_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    configure('keypoints = "disk:~/disk.onnx"')
    assert Configuration.read().keypoints == "disk:~/disk.onnx"
    monkeypatch.setenv("SIMCHECK_KEYPOINTS", "aliked:a.onnx")
    assert Configuration.read().keypoints == "aliked:a.onnx"


def test_without_a_file_everything_is_unset() -> None:
    assert Configuration.read() == Configuration(model=None, offline=False, index=None, lang="en", keypoints=None)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with the mark of some editors"])
def test_a_file_sets_what_it_names(mark: bytes) -> None:
    configure(mark + 'model = "ViT-L-14"\noffline = true\nindex = "~/画/index"\nlang = "zh"\n'.encode())
    assert Configuration.read() == Configuration("ViT-L-14", True, Path("~/画/index").expanduser(), "zh")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("modle = 'x'", "modle"),
        ("model = 3", "text in quotes"),
        ("offline = 'yes'", "true or false"),
        ("lang = 'fr'", "en, zh or both"),
        ("lang = ", "Invalid value"),
        (b"\xff\xfe", "utf-8"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(text: str | bytes, said: str) -> None:
    file = configure(text)
    with pytest.raises(UsageError) as caught:
        Configuration.read()
    assert str(file) in str(caught.value)
    assert said in str(caught.value)


def test_the_environment_comes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    configure("index = '/from/the/file'")
    monkeypatch.setenv("SIMCHECK_INDEX", "/from/the/environment")
    assert Configuration.read().index == Path("/from/the/environment")
    monkeypatch.setenv("SIMCHECK_INDEX", "")
    assert Configuration.read().index == Path("/from/the/file")


# -- the index to make --------------------------------------------------------------------------------------------


def test_an_index_is_called_after_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    art = tmp_path / "我的画"
    art.mkdir()
    assert index_for(None, None, None, [art])[1] == "我的画"
    monkeypatch.chdir(art)
    assert index_for(None, None, None, [Path()]) == index_for(None, None, None, [art])
    (art / "sub").mkdir()
    assert index_for(None, None, None, [Path("sub/..")]) == index_for(None, None, None, [art])


def test_the_command_line_comes_first(tmp_path: Path) -> None:
    art, configured = tmp_path / "art", tmp_path / "configured"
    art.mkdir()
    assert index_for(tmp_path / "here", "name", configured, [art]) == (tmp_path / "here", "name")
    assert index_for(None, None, configured, [art]) == (configured, "art")
    path, called = index_for(None, "name", configured, [art])
    assert (path.name, called) == ("name", "name")


def test_a_folder_of_the_same_name_is_kept_apart(tmp_path: Path) -> None:
    first = make_index(tmp_path / "one" / "art")
    assert index_for(None, None, None, [tmp_path / "one" / "art"]) == (first, "art")
    (tmp_path / "two" / "art").mkdir(parents=True)
    with pytest.raises(UsageError, match="--name"):
        index_for(None, None, None, [tmp_path / "two" / "art"])
    assert index_for(None, "art", None, [tmp_path / "two" / "art"]) == (first, "art")


def test_the_index_of_an_unplugged_drive_is_known_by_its_name(tmp_path: Path) -> None:
    path = make_index(tmp_path / "drive" / "art")
    (tmp_path / "drive" / "art").rmdir()
    assert index_for(None, None, None, [tmp_path / "drive" / "art"]) == (path, "art")


@pytest.mark.parametrize("name", ["a/b", "..", "a:b", 'a"b', "a\\b", ".", "a\nb"])
def test_no_name_leaves_the_data_folder(name: str, tmp_path: Path) -> None:
    tmp_path.joinpath("art").mkdir()
    path, called = index_for(None, name, None, [tmp_path / "art"])
    home = index_for(None, "x", None, [tmp_path / "art"])[0].parent
    assert path.parent == home
    assert path.name not in ("", ".", "..")
    assert called == name


NAMES = [
    "CON", "con", "nul.txt", "COM1", "lpt9 .art", "COM\u00b9", "...", " . ", "\u202e", "\x7f", "a\u2028b",
    "\u5c71" * 150, "x" * 200, "x" * 199 + "y", "a" * 99 + ".", "a" * 150 + " .", "tab\there",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_name_makes_a_folder_that_any_system_can_have(name: str, tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    path, called = index_for(None, name, None, [tmp_path / "art"])
    assert called == name
    assert len(path.name.encode()) <= 120
    assert path.name == path.name.strip(". ")
    assert all(c.isprintable() for c in path.name)
    assert path.name.partition(".")[0].rstrip(" ").upper() not in ("CON", "NUL", "COM1", "LPT9", "COM\u00b9")
    make_at(path)
    assert existing_index(None, name, None) == path
    assert cohort_for(name).name == path.name


def test_names_that_differ_late_or_in_nothing_visible_are_kept_apart(tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    made = [
        index_for(None, name, None, [tmp_path / "art"])[0] for name in ("x" * 199 + "a", "x" * 199 + "b", "..", ".")
    ]
    assert len(set(made)) == 4


@pytest.mark.parametrize("name", ["", "  ", "\t", "x" * 201])
def test_a_name_that_can_name_nothing_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    for ask in (
        lambda: index_for(None, name, None, [tmp_path / "art"]),
        lambda: index_for(tmp_path / "here", name, None, [tmp_path / "art"]),
        lambda: existing_index(None, name, None),
        lambda: cohort_for(name),
    ):
        with pytest.raises(UsageError, match="name"):
            ask()


def test_an_index_is_still_found_by_the_folder_that_an_earlier_simcheck_gave_it(tmp_path: Path) -> None:
    path = make_index(tmp_path / "art")
    for before, name in (("con", "con"), ("a\u202eb", "a\u202eb"), ("y" * 180, "y" * 180), ("a_b", "a/b")):
        shutil.copytree(path, path.parent / before)
        assert existing_index(None, name, None) == path.parent / before
        assert index_for(None, name, None, [tmp_path / "art"])[0] == path.parent / before


def test_a_folder_with_a_long_name_has_an_index_with_a_short_one(tmp_path: Path) -> None:
    art = tmp_path / ("\u5c71" * 80)
    art.mkdir()
    path, called = index_for(None, None, None, [art])
    assert called == art.name
    assert len(path.name.encode()) <= 120
    make_at(path)
    assert options_for(path, called, None) == []
    make_index(tmp_path / "other")
    assert options_for(path, called, None) == ["--name", called]


@pytest.mark.parametrize("option", [True, False])
def test_a_calibration_that_is_not_there_is_named_with_its_option(option: bool, tmp_path: Path) -> None:
    gone = tmp_path / "gone.json"
    with pytest.raises(UsageError, match="--calibration" if option else "SIMCHECK_CALIBRATION") as caught:
        calibration_file(gone if option else None, None if option else gone)
    assert str(gone) in str(caught.value)
    assert "install" not in str(caught.value)
    with pytest.raises(UsageError, match="not an ordinary file"):
        calibration_file(tmp_path, None)
    assert calibration_file(None, None) is None


# -- the index to compare with ------------------------------------------------------------------------------------


def test_the_only_index_is_meant(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="simcheck index"):
        existing_index(None, None, None)
    path = make_index(tmp_path / "art")
    assert existing_index(None, None, None) == path


def test_among_several_one_must_be_named(tmp_path: Path) -> None:
    make_index(tmp_path / "art")
    other = make_index(tmp_path / "other")
    with pytest.raises(UsageError, match="art, other"):
        existing_index(None, None, None)
    assert existing_index(None, "other", None) == other
    with pytest.raises(StoreMissing, match="art, other"):
        existing_index(None, "nowhere", None)


def test_a_named_index_comes_before_the_configured_one(tmp_path: Path) -> None:
    path = make_index(tmp_path / "art")
    configured = tmp_path / "configured"
    assert existing_index(None, None, configured) == configured
    assert existing_index(None, "art", configured) == path
    assert existing_index(tmp_path / "here", None, configured) == tmp_path / "here"
    with pytest.raises(UsageError, match="--name"):
        existing_index(tmp_path / "here", "art", None)
