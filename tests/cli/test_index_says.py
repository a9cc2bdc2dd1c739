"""What `simcheck index` says when it is done, and what it does with files that are no pictures."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest
from archives import picture, zipped
from command import simcheck
from paintings import painting
from PIL import Image

QUICK = ("--signal", "phash")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Indexes go where simcheck keeps its data."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return tmp_path / "home"


def paint(path: Path, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(painting(seed)).save(path, "PNG")
    return path


def following(out: str) -> list[str]:
    (line,) = [line for line in out.splitlines() if line.startswith("Next: ")]
    return shlex.split(line.removeprefix("Next: "))


def test_the_command_that_comes_next_finds_the_index(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    art, suspect = tmp_path / "my art", paint(tmp_path / "suspect.png")
    paint(art / "0.png")
    named = (tmp_path / "an index", "it's")
    monkeypatch.chdir(tmp_path)
    for options, expected in (
        (("--name", "first one"), []),  # the only one there is
        (("--name", "second"), ["--name", "second"]),
        (("--index", named[0]), ["--index", str(named[0])]),
        (("--index", named[0], "--name", named[1]), ["--index", str(named[0])]),
        (("--name", "first one"), ["--name", "first one"]),
    ):
        done = simcheck("index", art, *options, *QUICK)
        assert done.code == 0, done.err
        command = following(done.out)
        assert command == ["simcheck", "compare", suspect.name, *expected]
        compared = simcheck(*command[1:], *QUICK, "--json")
        assert compared.code == 0, compared.err
        assert compared.json["queries"][0]["findings"][0]["type"] == "exact_file"
    monkeypatch.setenv("SIMCHECK_INDEX", str(named[0]))
    assert following(simcheck("index", art, *QUICK).out) == ["simcheck", "compare", suspect.name]
    assert "Next:" not in simcheck("index", art, *QUICK, "--quiet").out
    assert "Next:" not in simcheck("cohort", "add", art, "--name", "others").out


def test_works_that_nothing_describes_are_listed(tmp_path: Path) -> None:
    art, index = tmp_path / "art", tmp_path / "index"
    paint(art / "0.png")
    Image.new("RGB", (300, 200), "white").save(art / "blank.png")
    Image.new("RGB", (1, 1), "red").save(art / "dot.png")
    for run in range(2):
        done = simcheck(
            "index", art, "--index", index, "--signal", "phash", "--signal", "layout", "--signal", "palette"
        )
        assert done.code == 0
        assert "no signal can describe them" in done.err, run
        assert f"{art / 'blank.png'}: it is blank" in done.err
        assert f"{art / 'dot.png'}: it is too small" in done.err
        assert str(art / "0.png") not in done.err
    said = simcheck("index", art, "--index", index, "--json", *QUICK).json
    told = [(Path(each["path"]).name, each["code"]) for each in said["undescribed"]]
    assert told == [("blank.png", "blank"), ("dot.png", "too_small")]
    found = simcheck("compare", art / "blank.png", "--index", index, "--json").json["queries"][0]["findings"]
    assert found[0]["type"] == "exact_file"


def test_a_folder_of_all_kinds_is_told_in_full(tmp_path: Path) -> None:
    art, index = tmp_path / "art", tmp_path / "index"
    paint(art / "plain.png")
    for seed, name in enumerate(("x.jpg_large", "x.jpg:orig", "noext", "photo.JPG~"), 1):
        if os.name == "posix" or ":" not in name:
            paint(art / name, seed)
    (art / "c.procreate").write_bytes(b"PK\3\4 not looked into")
    (art / "d.clip").write_bytes(b"CSFCHUNK")
    (art / "f.pdf").write_bytes(b"%PDF-1.7")
    (art / "g.svg").write_bytes(b"<svg/>")
    (art / "i.mp4").write_bytes(b"\0\0\0\x18ftypmp42")
    (art / "notes.txt").write_bytes(b"passed over")
    zipped(art / "e.cbz", {"1.png": (paint(tmp_path / "page.png", 7)).read_bytes(), "2.txt": b"words"})
    said = simcheck("index", art, "--index", index, "--json", *QUICK)
    assert said.code == 0, said.err
    assert said.json["new"] == (6 if os.name == "posix" else 5)
    listed = {Path(skip["path"]).name: skip for skip in said.json["skipped"]}
    assert set(listed) == {"c.procreate", "d.clip", "f.pdf", "g.svg", "i.mp4"}
    assert all(skip["code"] == "no_decoder" for skip in listed.values())
    assert "export the picture as PNG" in listed["d.clip"]["reason"]
    # a page is found, and so is an archive as a suspect
    zipped(tmp_path / "suspects.zip", {"a/b.png": (tmp_path / "page.png").read_bytes()})
    found = simcheck("compare", tmp_path / "suspects.zip", "--index", index, "--json", *QUICK).json
    (query,) = found["queries"]
    assert query["query"]["name"] == "b.png"
    assert query["findings"][0]["type"] == "exact_file"
    assert query["findings"][0]["reference"]["name"] == "1.png"
    alone = simcheck("compare", art / "e.cbz" / "1.png", "--with", art / "e.cbz", "--json", *QUICK)
    assert alone.json["queries"][0]["findings"][0]["type"] == "exact_file", alone.err


def test_a_folder_that_is_empty_for_good_is_named(tmp_path: Path) -> None:
    art, index = tmp_path / "art", tmp_path / "index"
    paint(art / "0.png")
    moved = paint(art / "drive" / "1.png", 1)
    run = ("index", art, "--index", index, *QUICK)
    simcheck(*run)
    moved.unlink()
    refused = simcheck(*run, "--emptied", moved.parent)
    assert (refused.code, "--prune" in refused.err) == (2, True)
    spared = simcheck(*run, "--prune")
    assert "1 without a file" in spared.out
    assert f"--emptied {moved.parent}" in spared.err
    assert "1 forgotten" in simcheck(*run, "--prune", "--emptied", moved.parent).out


@pytest.mark.skipif(os.name != "posix", reason="pipes in the file system are POSIX")
def test_a_pipe_is_waited_for_nowhere(home: Path, tmp_path: Path) -> None:
    art, index, pipe = tmp_path / "art", tmp_path / "index", tmp_path / "pipe"
    paint(art / "0.png")
    os.mkfifo(pipe)
    os.mkfifo(art / "pipe")
    (art / "pipe.png").symlink_to(pipe)
    done = simcheck("index", art, "--index", index, *QUICK)
    assert done.code == 0
    assert done.err.count("not an ordinary file") == 2
    for arguments, code in (
        (("compare", art / "0.png", "--index", index, "--calibration", pipe), 2),
        (("compare", pipe, "--index", index), 4),
        (("compare", art / "0.png", "--with", pipe), 4),
        (("calibrate", pipe, "--to", tmp_path / "c.json", "--index", index), 2),
        (("marks", "add", pipe, "--index", index), 4),
        (("report", pipe), 9),
    ):
        done = simcheck(*arguments, *(QUICK if arguments[0] == "compare" else ()))
        assert done.code == code, (arguments, done.err)
        assert str(pipe) in done.err
    settings = home / "simcheck" / "config.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(settings)
    done = simcheck("index", art, "--index", index)
    assert (done.code, "not an ordinary file" in done.err) == (2, True)


def test_one_page_that_is_damaged_is_listed_with_its_archive(tmp_path: Path) -> None:
    book = zipped(tmp_path / "art" / "a.zip", {"1.png": picture(1), "2.png": picture(2)}, 0)
    data = bytearray(book.read_bytes())
    data[data.find(picture(1)) + 200] ^= 1
    book.write_bytes(bytes(data))
    done = simcheck("index", tmp_path / "art", "--index", tmp_path / "index", *QUICK)
    assert "1 new" in done.out
    assert f"{book / '1.png'}: the file in the archive is damaged" in done.err
