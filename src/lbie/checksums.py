"""The list of a model folder's files with their SHA-256, as `sha256sum -c SHA256SUMS` reads it."""

from __future__ import annotations

import hashlib
from pathlib import Path

SUMS = "SHA256SUMS"
"""Name of the list."""


def write_sums(folder: Path) -> None:
    """Write the list of all files of a folder; not of hidden ones, nor of those in folders within it."""
    lines = [f"{_sum(path)}  {path.name}\n" for path in _files(folder)]
    (folder / SUMS).write_text("".join(lines))


def changed_files(folder: Path) -> list[str]:
    """What is wrong with a folder's files, one line each; none where they are as listed.

    A file that is missing, has other bytes than listed, or is not listed; or no list.
    """
    try:
        lines = (folder / SUMS).read_text("ascii").splitlines()
        listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    except FileNotFoundError:
        return [f"{SUMS} is missing"]
    except (OSError, UnicodeDecodeError) as error:
        return [f"{SUMS} cannot be read ({error})"]
    there = {path.name: path for path in _files(folder)}
    faults = [f"{name} is missing" for name in listed if name not in there]
    faults += [f"{name} is not listed" for name in there if name not in listed]
    for name in listed.keys() & there.keys():
        try:
            if _sum(there[name]) != listed[name]:
                faults.append(f"{name} has changed")
        except OSError as error:
            faults.append(f"{name} cannot be read ({error.strerror})")
    return sorted(faults)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and path.name != SUMS and path.name[0] != ".")


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
