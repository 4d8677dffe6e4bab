"""Which lines of some modules of lbie inputs run through."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, FrameType
from typing import Any


class Lines:
    """Lines inside functions: those there are, and those that were run."""

    def __init__(self, modules: tuple[str, ...]) -> None:
        """Take the names of modules, and of packages with all that is in them."""
        self._all = {file: set(_lines(file)) for module in modules for file in _files(module)}
        self._seen: set[tuple[str, int]] = set()

    @property
    def count(self) -> int:
        """Lines there are."""
        return sum(map(len, self._all.values()))

    @property
    def hit(self) -> int:
        """Lines that were run."""
        return sum(line in self._all[file] for file, line in self._seen)

    def run(self, function: Callable[[bytes], None], data: bytes) -> bool:
        """Call a function, whatever becomes of it; whether that ran a line that none did before."""
        before = self.hit
        sys.settrace(self._trace)
        try:
            function(data)
        except Exception:
            pass
        finally:
            sys.settrace(None)
        return self.hit > before

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        file = frame.f_code.co_filename
        if file not in self._all:
            return None
        if event == "line":
            self._seen.add((file, frame.f_lineno))
        return self._trace


def _files(module: str) -> Iterator[str]:
    spec = find_spec(module)
    assert spec is not None and spec.origin is not None, module
    if spec.submodule_search_locations:
        yield from (str(path) for path in sorted(Path(spec.origin).parent.glob("*.py")))
    else:
        yield spec.origin


def _lines(file: str) -> Iterator[int]:
    codes = [compile(Path(file).read_bytes(), file, "exec")]
    for code in codes:  # grows on the way
        codes += [const for const in code.co_consts if isinstance(const, CodeType)]
        if code.co_flags & inspect.CO_NEWLOCALS:  # a function's, not that of a module or class
            yield from (line for _, _, line in code.co_lines() if line is not None and line != code.co_firstlineno)
