"""What the shell completes behind `lbie`: names of models and of sample images."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from glob import escape, iglob

from lbie.errors import InputError
from lbie.registry import bundled_models
from lbie.samples import PREFIX, SAMPLES, sample_path

_TYPED = "_LBIE_TYPED"
"""In the environment: what stands before the word that is completed, where Bash cut it off."""


def complete_model(incomplete: str) -> list[str]:
    """Bundled models that begin so."""
    return [name for name in bundled_models() if name.startswith(incomplete)]


def complete_sample(incomplete: str) -> list[str]:
    """Samples that begin so and whose packages are installed."""
    return [name for name in SAMPLES if name.startswith(incomplete) and _installed(name)]


def complete_image(incomplete: str) -> list[str]:
    """`sample:NAME` that begins so; nothing where a file does, for which the shell has its own completion."""
    typed = os.environ.get(_TYPED, "")
    if not typed and next(iglob(f"{escape(incomplete)}*"), None):
        return []
    known = [f"{PREFIX}{name}".removeprefix(typed) for name in complete_sample("")]
    return [name for name in known if name.startswith(incomplete)]


def rejoin_colons(environ: MutableMapping[str, str]) -> None:
    """Bash takes `sample:fl` for three words, of which it replaces the last: make them one, and note what stays.

    Args:
        environ: as the script that `lbie --show-completion bash` prints sets it; without these it is left alone.
    """
    if environ.get("_LBIE_COMPLETE") != "complete_bash" or "COMP_WORDS" not in environ:
        return
    colon = [PREFIX.rstrip(":"), ":"]
    words, at = environ["COMP_WORDS"].split("\n"), int(environ.get("COMP_CWORD", "0"))
    for before, last in ((words[: at + 1], ""), (words[:at], "".join(words[at : at + 1]))):
        if before[-2:] == colon:
            environ["COMP_WORDS"] = "\n".join([*before[:-2], last])
            environ["COMP_CWORD"] = str(len(before) - 2)
            environ[_TYPED] = PREFIX


def _installed(name: str) -> bool:
    try:
        sample_path(name)
    except InputError:
        return False
    return True
