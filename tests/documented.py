"""The pages of the documentation, their code, and the command lines in it."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "docs"))

from build_site import links, pages, prose  # noqa: E402

__all__ = ["ROOT", "blocks", "links", "pages", "parse_lbie", "prose", "shell_commands"]


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def shell_commands(page: Path) -> Iterator[list[str]]:
    """The commands of a page's `sh` blocks, as words; lines that are joined by `&&` and pipes are several."""
    for block in blocks(page, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            lexer = shlex.shlex(line, posix=True, punctuation_chars="&|;<>")
            lexer.whitespace_split = True
            words: list[str] = []
            for word in [*lexer, ";"]:
                if set(word) <= set("&|;<>"):
                    if words:
                        yield words
                    words = []
                else:
                    words.append(word)


def parse_lbie(words: list[str]) -> None:
    """Parse the words behind `lbie` as the command line would; nothing is run.

    Raises:
        typer's UsageError: there is no such verb or option, or a value does not fit.
    """
    import typer

    from lbie.cli import app

    command: Any = typer.main.get_command(app)
    context: Any = None
    name, rest = "lbie", list(words)
    while hasattr(command, "commands"):
        context = command.context_class(command, info_name=name, parent=context)
        if rest and rest[0].startswith("-"):
            assert any(rest[0] in parameter.opts for parameter in command.params), rest[0]
            return
        name, command, rest = command.resolve_command(context, rest)
    command.make_context(name, rest, parent=context)
