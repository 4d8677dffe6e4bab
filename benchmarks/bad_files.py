"""Some hundred bad files, made by code, always the same ones; some are good, but rare.

python benchmarks/bad_files.py FOLDER
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import bad_contents
import bad_modes
from bad_pictures import SUFFIX, header_fields
from bad_places import odd_places

Content = tuple[str, str, bytes]
GROUPS = {
    "cut": bad_modes.cuts,
    "header fields": lambda: ((name, f"field{SUFFIX[form]}", data) for name, form, data in header_fields()),
    "huge": bad_contents.huge,
    "bombs": bad_contents.bombs,
    "odd chunks": bad_contents.odd_chunks,
    "endless": bad_contents.endless,
    "wrong suffixes": bad_contents.wrong_suffixes,
    "other kinds": bad_contents.other_kinds,
    "vector": bad_contents.vector,
    "modes": bad_modes.modes,
    "sizes": bad_modes.sizes,
    "EXIF": bad_modes.exif_blocks,
    "profiles": bad_modes.profiles,
}
"""Group to its files: name, file name and bytes."""
LAWFUL = frozenset(("modes", "sizes", "EXIF", "profiles"))
"""Groups of which most should come to a result."""


@dataclass(frozen=True)
class Bad:
    """A file of the corpus."""

    group: str
    name: str
    path: Path
    """In a folder of its own."""


def make_corpus(root: Path, leave_out: Collection[str] = ()) -> list[Bad]:
    """Write the files of all groups but some into a folder that is new or empty."""
    return list(_make(root, leave_out))


def _make(root: Path, leave_out: Collection[str]) -> Iterator[Bad]:
    for group in (group for group in GROUPS if group not in leave_out):
        for number, (name, file, data) in enumerate(GROUPS[group]()):
            path = root / f"{group.replace(' ', '-')}{number:03d}" / file
            path.parent.mkdir(parents=True)
            path.write_bytes(data)
            yield Bad(group, name, path)
    for group, name, path in odd_places(root):
        yield Bad(group, name, path)


if __name__ == "__main__":
    made = make_corpus(Path(sys.argv[1]))
    print(f"{len(made)} files in {len({bad.group for bad in made})} groups")
