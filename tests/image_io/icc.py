"""Small ICC profiles, made by hand: Pillow makes only sRGB, Lab and XYZ ones."""

from __future__ import annotations

import struct

P3 = {"rXYZ": (0.5151, 0.2412, -0.0011), "gXYZ": (0.2920, 0.6922, 0.0419), "bXYZ": (0.1571, 0.0666, 0.7841)}
D50 = (0.9642, 1.0, 0.8249)


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in values)


def _curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IHH", 1, round(gamma * 256), 0)


def _description(text: str) -> bytes:
    ascii_ = text.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(ascii_)) + ascii_ + bytes(4 + 4 + 2 + 1 + 67)


def _profile(kind: bytes, space: bytes, connection: bytes, tags: dict[str, bytes]) -> bytes:
    table, body, offset = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        padded = data + bytes(-len(data) % 4)
        table += name.encode() + struct.pack(">II", offset + len(body), len(data))
        body += padded
    head = bytes(8) + struct.pack(">I", 0x02400000) + kind + space + connection
    head += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _xyz(D50)[8:]
    data = head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", len(data)) + data[4:]


def rgb_profile(name: str = "Wide test", gamma: float = 2.2) -> bytes:
    """A matrix profile with the primaries of Display P3."""
    tags = {"desc": _description(name), "cprt": b"text\0\0\0\0none\0", "wtpt": _xyz(D50)}
    tags |= {k: _xyz(v) for k, v in P3.items()} | {f"{c}TRC": _curve(gamma) for c in "rgb"}
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags)


def gray_profile(gamma: float = 1.8) -> bytes:
    """A gray profile of one gamma."""
    tags = {"desc": _description("Gray test"), "cprt": b"text\0\0\0\0none\0", "wtpt": _xyz(D50), "kTRC": _curve(gamma)}
    return _profile(b"mntr", b"GRAY", b"XYZ ", tags)


def input_only_profile() -> bytes:
    """A scanner's RGB profile: a table towards Lab and none back."""
    ramp = bytes(range(256))
    corners = [(100 * (r + g + b) / 3, 60 * (r - g), 60 * (g - b)) for r in (0, 1) for g in (0, 1) for b in (0, 1)]
    grid = b"".join(bytes((round(l_ * 2.55), round(a + 128), round(b + 128))) for l_, a, b in corners)
    identity = b"".join(struct.pack(">i", v) for v in (65536, 0, 0, 0, 65536, 0, 0, 0, 65536))
    lut = b"mft1\0\0\0\0" + bytes((3, 3, 2, 0)) + identity + ramp * 3 + grid + ramp * 3
    tags = {"desc": _description("Scanner"), "cprt": b"text\0\0\0\0none\0", "wtpt": _xyz(D50), "A2B0": lut}
    return _profile(b"scnr", b"RGB ", b"Lab ", tags)
