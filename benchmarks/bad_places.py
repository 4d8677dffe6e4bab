"""What lies where an image is expected: links, pipes, devices, and names that are hard on software."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

from bad_pictures import good_files

NAMES = {
    "newline": "two\nlines.png",
    "carriage return": "wiped\rout.png",
    "terminal codes": "\x1b[2J\x1b[31mred\x07.png",
    "emoji": "flower 🌸👩‍👩‍👧.png",
    "right to left": "photo\u202egnp.png",
    "zero width": "a\u200bb\ufeff.png",
    "255 bytes": "n" * 251 + ".png",
    "255 bytes of emoji": "🌸" * 62 + "abc.png",
    "not UTF-8": os.fsdecode(b"caf\xe9.png"),
    "dash": "-o.png",
    "double dash": "--help.png",
    "spaces": "  a  b  .png",
    "percent": "%s%n%00..%2f.png",
    "quotes": "a'\"`$(touch x);.png",
    "markup": "<script>alert(1)<!--.png",
    "wildcards": "[a-z]*?.png",
    "sample": "sample:flower.png",
    "combining marks": "e" + "\u0301" * 100 + ".png",
    "only a suffix": "x.PNG",
    "two suffixes": "photo.png.jpg",
}


def odd_places(root: Path) -> Iterator[tuple[str, str, Path]]:
    """Make each, in a folder of its own: group, name and path."""
    photo = good_files()["png"][1]
    for number, (name, file) in enumerate(NAMES.items()):
        place = root / f"names{number:02d}" / file
        place.parent.mkdir(parents=True)
        place.write_bytes(photo)
        yield "names", name, place
    for number, (name, target) in enumerate(LINKS.items()):
        place = root / f"links{number:02d}" / "link.png"
        place.parent.mkdir(parents=True)
        (place.parent / "photo.png").write_bytes(photo) if target == "photo.png" else None
        place.symlink_to(target)
        yield "links", name, place
    for number, name in enumerate(("pipe", "socket", "directory", "sparse", "grown", "missing")):
        place = root / f"kinds{number:02d}" / f"{name}.png"
        place.parent.mkdir(parents=True)
        if name == "pipe":
            os.mkfifo(place)
        elif name == "socket":
            _make_socket(place)
        elif name == "directory":
            place.mkdir()
        elif name in ("sparse", "grown"):  # 300 MB, and 200 MB behind a good picture, that take no room on the disk
            place.write_bytes(photo if name == "grown" else b"")
            os.truncate(place, 200_000_000 if name == "grown" else 300_000_000)
        yield "kinds of files", name, place


def _make_socket(place: Path) -> None:
    before = os.getcwd()
    os.chdir(place.parent)  # the path of a socket may have no more than 107 bytes
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(place.name)
    finally:
        os.chdir(before)


LINKS = {
    "to a photo": "photo.png",
    "to nothing": "nothing.png",
    "to itself": "link.png",
    "to a folder": "..",
    "to /dev/zero": "/dev/zero",
    "to /dev/null": "/dev/null",
    "to /dev/urandom": "/dev/urandom",
    "to /dev/full": "/dev/full",
    "to /dev/tty": "/dev/tty",
    "to /dev/stdin": "/dev/stdin",
    "to /proc/kmsg": "/proc/kmsg",
    "to /proc/self/mem": "/proc/self/mem",
    "to /proc/self/maps": "/proc/self/maps",
    "to /etc/passwd": "/etc/passwd",
}
