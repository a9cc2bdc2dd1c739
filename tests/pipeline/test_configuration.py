"""The configuration file, and which index is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from simcheck.errors import StoreMissing, UsageError
from simcheck.pipeline.configuration import Configuration, existing_index, index_for
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
