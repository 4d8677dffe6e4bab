"""The page on colouring photos: its example works, and its table names the options that there are."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

from lbie import Editor, cli_edit

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "colorization.md").read_text("utf-8")


def test_python_example(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    code += "assert len({edit.rgb.tobytes() for edit in (quiet, hinted, *shades)}) == 6\n"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_control_is_in_the_table() -> None:
    rows = re.findall(r"^\| `(--[\w-]+)[^`]*` \| `(\w+)=", PAGE, re.MULTILINE)
    parameters = inspect.signature(Editor.edit).parameters
    assert {name for _, name in rows} == parameters.keys() - {"self", "sentence", "max_steps", "then"}
    known = inspect.signature(cli_edit.edit).parameters
    assert all(option.strip("-").replace("-", "_") in known for option, _ in rows)
