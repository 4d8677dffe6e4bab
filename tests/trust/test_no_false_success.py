"""What did not succeed does not look like success: an exit code of its own, one line, no output written or replaced.

Memory that runs out is in test_memory.py, and images that cannot be read in tests/attacks/test_bad_input.py.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from lbie.image_io import read_image
from lbie.samples import sample_path

NOTHING = (
    ("edit", "sample:chelsea", "make the giraffe blue"),
    ("edit", "sample:chelsea", "cut out the giraffe"),
    ("segment", "sample:chelsea", "the giraffe"),
    ("edit", "sample:sketch", "The zebra on the left is red.", "--model", "photos"),
)
NOT_APPLICABLE = (
    ("edit", "sample:chelsea", "make the cat dance"),
    ("edit", "sample:chelsea", "blur the cat and sharpen the rest"),
    ("edit", "sample:chelsea", "make the xyzzy blue", "--model", "photos"),
    ("segment", "sample:chelsea", "xyzzy plugh"),
    ("edit", "sample:flower", "xyzzy plugh", "--model", "flowers"),
    ("edit", "sample:shapes", "The hexagon is red.", "--model", "cosal"),
    ("edit", "sample:shapes", "xyzzy plugh", "--model", "cosal"),
    ("edit", "sample:sketch", "xyzzy plugh", "--model", "sketch"),
    ("edit", "drawing.svg", "xyzzy plugh"),
)
UNUSABLE = (
    ("edit", "sample:chelsea", "The circle is red.", "--model", "cosal"),
    ("edit", "sample:chelsea", " "),
    ("edit", "missing.png", "make the cat blue"),
)
CASES = [(3, words) for words in NOTHING] + [(4, words) for words in NOT_APPLICABLE] + [(2, w) for w in UNUSABLE]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="20" cy="20" r="9"/></svg>'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with outputs from before."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drawing.svg").write_text(SVG)
    for name in ("out.png", "why.png"):
        (tmp_path / name).write_bytes(b"from before")
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize(("expected", "words"), CASES, ids=[" ".join(words) for _, words in CASES])
def test_no_output(expected: int, words: tuple[str, ...], cli, folder: Path) -> None:
    before = files(folder)
    svg = words[1].endswith(".svg")
    shown = (
        () if svg else ("--overlay", "why.png") if words[0] == "segment" or expected == 3 else ("--explain", "why.png")
    )
    code, out, err = cli(*words, "-o", "out.png", *shown, "--device", "cpu")
    assert (code, out) == (expected, ""), err
    errors = [line for line in err.splitlines() if line.startswith("lbie: error: ")]
    assert len(errors) == 1 and "Traceback" not in err and "wrote" not in err
    assert files(folder) == before


@pytest.mark.parametrize("words", [NOTHING[0], NOTHING[2], NOT_APPLICABLE[0]], ids=lambda words: words[2])
def test_nothing_on_standard_output(words: tuple[str, ...], cli, stdout) -> None:
    written = stdout()
    assert cli(*words, "-o", "-", "--device", "cpu")[0] in (3, 4)
    assert written.getvalue() == b""


def test_a_batch_in_which_nothing_matches(cli, folder: Path) -> None:
    (folder / "in").mkdir()
    cv2.imwrite("in/cat.png", read_image(sample_path("chelsea")).rgb[::2, ::2, ::-1])
    code, out, err = cli("batch", "in", "make the giraffe blue", "-o", "results", "--device", "cpu")
    assert (code, out) == (3, "") and "Traceback" not in err
    assert not (folder / "results" / "cat.png").exists()
