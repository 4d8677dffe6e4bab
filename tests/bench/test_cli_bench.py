"""The verb `lbie bench`, and the command that it times."""

from __future__ import annotations

from pathlib import Path

from lbie.bench.asked import ASKED, BATCHES
from lbie.bench.command import Command
from lbie.editor import Editor


def test_unknown_clock_is_refused(cli) -> None:
    code, _, err = cli("bench", "--clock", "sun")
    assert code == 2
    assert "unknown clock 'sun'" in err


def test_peak_is_that_of_the_command_not_of_this_process(tmp_path: Path) -> None:
    held = bytearray(2**30)
    held[:: 2**12] = b"x" * len(held[:: 2**12])
    assert 40 < Command("sketch", "256 px", tmp_path, 1).peak_mib() < 700
    assert len(held) == 2**30


def test_as_many_different_sentences_as_are_fused_at_once() -> None:
    runtime = Editor.from_pretrained("sketch", "cpu", "onnx").runtime
    assert len(set(ASKED["sketch"].several(runtime))) == BATCHES[-1]
