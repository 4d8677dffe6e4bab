"""Whether the outlines of a path are closed."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"([MmLlHhVvCcSsQqTtAaZz])|([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
_TAKES = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2, "a": 7}
_ARC = re.compile(
    r"[\s,]*".join([r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"] * 3 + ["([01])"] * 2)
    + r"[\s,]*"
    + r"[\s,]*".join([r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"] * 2)
)
_NEAR = 1e-3  # of the outline's extent


def path_is_closed(data: str) -> bool:
    """Whether every outline of a path's `d` ends where it began, by Z or by its points. False of no path."""
    outlines = _outlines(data)
    return bool(outlines) and all(closed or _meets(points) for points, closed in outlines)


def points_are_closed(points: str) -> bool:
    """Whether a polyline's `points` end where they began."""
    numbers = [float(m[2]) for m in _TOKEN.finditer(points) if m[2]]
    return _meets(list(zip(numbers[::2], numbers[1::2], strict=False)))


def _meets(points: list[tuple[float, float]]) -> bool:
    if len(points) < 3:
        return False
    (x0, y0), (x1, y1) = points[0], points[-1]
    across = [max(values) - min(values) for values in zip(*points, strict=True)]
    return max(abs(x1 - x0), abs(y1 - y0)) <= _NEAR * max(across)


def _outlines(data: str) -> list[tuple[list[tuple[float, float]], bool]]:
    """Points that each outline of a path goes through, and whether Z closes it; up to the first error."""
    outlines: list[tuple[list[tuple[float, float]], bool]] = []
    points: list[tuple[float, float]] = []
    x = y = 0.0
    for command, text in re.findall(r"([A-Za-z])([^A-DF-Za-df-z]*)", data):  # E and e are part of numbers
        kind = command.lower()
        if kind == "z":
            if points:
                outlines.append((points, True))
                x, y = points[0]
            points = []
            continue
        takes = _TAKES.get(kind)
        if takes is None:
            break
        groups = [m.groups() for m in _ARC.finditer(text)] if kind == "a" else _grouped(text, takes)
        for number, group in enumerate(groups):
            values = [float(value) for value in group]
            dx, dy = (x, y) if command.islower() else (0.0, 0.0)
            if kind == "h":
                x = values[0] + dx
            elif kind == "v":
                y = values[0] + dy
            else:
                x, y = values[-2] + dx, values[-1] + dy
            if kind == "m" and number == 0:
                if len(points) > 1:
                    outlines.append((points, False))
                points = []
            elif not points:
                points = [_start(outlines, (x, y))]
            points.append((x, y))
    if len(points) > 1:
        outlines.append((points, False))
    return outlines


def _start(outlines: list[tuple[list[tuple[float, float]], bool]], default: tuple[float, float]) -> tuple[float, float]:
    """Where a line after Z sets out: where the outline before it began."""
    return outlines[-1][0][0] if outlines else default


def _grouped(text: str, size: int) -> list[list[str]]:
    numbers = [m[2] for m in _TOKEN.finditer(text) if m[2]]
    return [numbers[i : i + size] for i in range(0, len(numbers) - size + 1, size)]
