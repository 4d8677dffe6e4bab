"""Drawings made by code, of which it is known where each shape lies and what it is to become."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from lxml import etree

Matrix = np.ndarray  # (3, 3)
COLOURS = ("#0000ff", "#00c000", "#ff0000", "#ffd700", "#8a2be2", "#ff69b4", "#123456", "#00ced1")
GRAYS = ("black", "#777", "#ddd", "lightgray", "rgb(90, 90, 90)")
STROKE = "#d06010"
KINDS = ("rect", "round", "circle", "ellipse", "polygon", "polyline", "path", "curve", "arc", "quadratic", "hole")


@dataclass
class Shape:
    """A shape as it is drawn."""

    id: str
    points: np.ndarray
    """(N, 2) its outline in the units of the view box."""
    clip: np.ndarray | None
    """(M, 2) what of it is seen."""
    target: str | None
    """The colour that the painter gives it, or None."""
    filled: bool = True
    opaque: bool = True
    hole: np.ndarray | None = None
    use: bool = False


@dataclass
class Drawn:
    """A drawing, and what is in it."""

    text: str
    box: tuple[float, float, float, float]
    aspect: str
    """`meet`, `min` or `none`: how the box is fitted into the picture."""
    shapes: list[Shape] = field(default_factory=list)

    def to_pixels(self, points: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """(N, 2) of the box to pixels of a picture (H, W)."""
        left, top, width, height = self.box
        scale = np.array([size[1] / width, size[0] / height])
        rest = np.zeros(2)
        if self.aspect != "none":
            scale[:] = scale.min()
            if self.aspect == "meet":
                rest = (np.array(size[::-1]) - scale * (width, height)) / 2
        return (points - (left, top)) * scale + rest

    def owners(self, size: tuple[int, int]) -> np.ndarray:
        """(H, W) number of the shape whose inside each pixel is, or -1; outlines give way to what is inside."""
        owner = np.full(size, -1, np.int16)
        area = [abs(cv2.contourArea(s.points.astype(np.float32))) for s in self.shapes]
        last = sorted(range(len(self.shapes)), key=lambda i: (self.shapes[i].filled, i))
        outlines = sorted((i for i in last if not self.shapes[i].filled), key=lambda i: -area[i])
        for i in [*outlines, *(i for i in last if self.shapes[i].filled)]:
            owner[self._inside(self.shapes[i], size)] = i
        return owner

    def _inside(self, shape: Shape, size: tuple[int, int]) -> np.ndarray:
        mask = _fill(self.to_pixels(shape.points, size), size)
        if shape.hole is not None:
            mask &= ~_fill(self.to_pixels(shape.hole, size), size)
        if shape.clip is not None:
            mask &= _fill(self.to_pixels(shape.clip, size), size)
        return mask

    def paint(self, rgb: np.ndarray) -> np.ndarray:
        """The painter: every shape in its target, strokes as they are."""
        owner, out = self.owners(rgb.shape[:2]), rgb.copy()
        ink = np.abs(rgb.astype(int) - to_rgb(STROKE)).max(-1) < 40
        for i, shape in enumerate(self.shapes):
            if shape.target:
                out[(owner == i) & ~ink] = to_rgb(shape.target)
        return out


def draw(seed: int) -> Drawn:
    """A drawing of three to twelve shapes, some in groups, copied, clipped, or over each other."""
    return _Maker(random.Random(seed), seed).make()


def to_rgb(colour: str) -> np.ndarray:
    """(3,) of `#rrggbb`."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])


def without_fills(data: bytes) -> bytes:
    """The file in canonical form (C14N), all fills taken out."""
    root = etree.fromstring(data)
    for node in root.iter("*"):
        node.attrib.pop("fill", None)
        if "style" in node.attrib:
            kept = [d.strip() for d in node.get("style").split(";") if d.strip() and not re.match(r"\s*fill\s*:", d)]
            node.set("style", ";".join(kept))
            if not kept:
                del node.attrib["style"]
    return etree.tostring(root.getroottree(), method="c14n")


class _Maker:
    def __init__(self, rng: random.Random, seed: int) -> None:
        self.rng, self.seed = rng, seed
        self.defs: list[str] = []
        self.rules: list[str] = []
        self.shapes: list[Shape] = []

    def make(self) -> Drawn:
        rng = self.rng
        box = rng.choice([(0, 0, 400, 300), (-50, 20, 300, 500), (0, 0, 1000, 400), (10, 10, 4, 3), (0, 0, 600, 600)])
        size = rng.choice(['width="100mm" height="75mm"', 'width="4in" height="7in"', "", 'width="900" height="300"',
                           'width="100%" height="100%"', 'width="3cm"'])  # fmt: skip
        aspect = rng.choice(["", "", 'preserveAspectRatio="xMinYMin"', 'preserveAspectRatio="none"'])
        columns, rows = rng.choice([(3, 3), (4, 2), (2, 3), (3, 1)])
        cell = min(box[2] / columns, box[3] / rows)
        body = []
        if rng.random() < 0.4:
            body.append(f'<rect id="page" x="{box[0]}" y="{box[1]}" width="{box[2]}" height="{box[3]}" fill="white"/>')
        for number in range(columns * rows):
            at = np.array(box[:2]) + (np.array(divmod(number, columns))[::-1] + 0.5) * (
                box[2] / columns,
                box[3] / rows,
            )
            body.append(self._cell(at, cell * 0.36))
            if rng.random() < 0.2:
                body.append(self._cell(at + cell * 0.12, cell * 0.2))  # over the other
        text = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- drawn by code -->\n'
        text += f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {size} {aspect}\n'
        text += f'  viewBox="{box[0]} {box[1]},{box[2]} {box[3]}">\n<title>Nö. {self.seed} &amp; more</title>\n'
        text += f"<style>{' '.join(self.rules)}</style>\n<defs>{''.join(self.defs)}</defs>\n"
        fit = "none" if "none" in aspect else "min" if "Min" in aspect else "meet"
        return Drawn(text + "\n".join(body) + "\n</svg>\n", box, fit, self.shapes)

    def _cell(self, at: np.ndarray, reach: float) -> str:
        rng = self.rng
        if rng.random() < 0.15:
            return self._copies(at, reach)
        name, matrix, groups = f"e{len(self.shapes)}", _move(*at), []
        for _ in range(rng.randint(0, 3)):
            text, step = self._transform()
            groups.append(text)
            matrix = matrix @ step
        element, points, hole = self._shape(name, reach / 1.2)
        clip, clipping = None, ""
        if rng.random() < 0.15:
            clip = _circle(reach * 0.7) + reach * 0.2
            clipping = f' clip-path="url(#c{name})"'
            self.defs.append(
                f'<clipPath id="c{name}"><circle cx="{reach * 0.2:.6g}" cy="{reach * 0.2:.6g}" r="{reach * 0.7:.6g}"/>'
                "</clipPath>"
            )
        filled = hole is not None or rng.random() < 0.8 or bool(clipping)
        look, opaque = self._look(name, filled, reach)
        inner = f'<{element} id="{name}"{look}{clipping}/>'
        for text in reversed(groups):
            inner = f'<g transform="{text}">{inner}</g>'
        target = rng.choice(COLOURS) if rng.random() < 0.7 else None
        place = [None if p is None else _apply(matrix, p) for p in (points, clip, hole)]
        self.shapes.append(Shape(name, place[0], place[1], target, filled, opaque, place[2]))
        return f'<g transform="translate({at[0]:.6g},{at[1]:.6g})">{inner}</g>'

    def _copies(self, at: np.ndarray, reach: float) -> str:
        """Two copies of a definition side by side, of which each has its own colour."""
        rng, name = self.rng, f"d{len(self.shapes)}"
        element, points, hole = self._shape(name, reach * 0.45)
        own = f' fill="{rng.choice(GRAYS)}"' if rng.random() < 0.5 else ""
        if rng.random() < 0.5:
            self.defs.append(f'<g id="{name}"><{element}{own}/></g>')
        else:
            self.defs.append(f'<{element} id="{name}"{own}/>')
        out = []
        for side in (-1, 1):
            x, y = at + np.array([side * reach * 0.55, 0])
            use, link = f"e{len(self.shapes)}", rng.choice(["href", "xlink:href"])
            out.append(f'<use id="{use}" {link}="#{name}" x="{x:.6g}" y="{y:.6g}"/>')
            place = [None if p is None else p + np.array([x, y]) for p in (points, hole)]
            target = rng.choice(COLOURS) if rng.random() < 0.8 else None
            self.shapes.append(Shape(use, place[0], None, target, hole=place[1], use=True))
        return "".join(out)

    def _look(self, name: str, filled: bool, reach: float) -> tuple[str, bool]:
        rng = self.rng
        stroke = f' stroke="{STROKE}" stroke-width="{reach * 0.05:.6g}"'
        if not filled:
            return rng.choice([f' fill="none"{stroke}', f' style="fill : none"{stroke}']), True
        look = rng.choice([stroke, "", ' fill-opacity="0.9"' if rng.random() < 0.3 else ""])
        gray = rng.choice(GRAYS)
        ways = ["attribute", "style", "class", "important", "default", "gradient", "both", "opacity"]
        way = rng.choice(ways)
        if way in ("class", "important"):
            self.rules.append(f".k{name} {{ fill: {gray}{' !important' if way == 'important' else ''} }}")
            look += f' class="k{name}"' + (' fill="white"' if rng.random() < 0.3 else "")
        elif way == "gradient":
            self.defs.append(
                f'<linearGradient id="g{name}"><stop stop-color="#444"/><stop offset="1" stop-color="#999"/>'
                "</linearGradient>"
            )
            look += f' fill="url(#g{name})"'
        elif way == "style":
            look += f" style='stroke-linejoin: round;fill:{gray} ; stroke-dashoffset:0'"
        elif way != "default":
            look += f' fill="{gray}"' + (' style="fill: #555555"' if way == "both" else "")
            look += ' opacity=".8"' if way == "opacity" else ""
        return look, "opacity" not in look

    def _transform(self) -> tuple[str, Matrix]:
        rng = self.rng
        kind = rng.choice(["rotate", "scale", "matrix", "skewX", "translate"])
        if kind == "rotate":
            a = rng.uniform(-180, 180)
            return f"rotate({a:.4f})", _rotate(a)
        if kind == "scale":
            x, y = rng.uniform(0.8, 1.05), rng.choice([-1, 1]) * rng.uniform(0.8, 1.05)
            return f"scale({x:.4f} {y:.4f})", np.diag([x, y, 1.0])
        if kind == "matrix":
            m = _rotate(rng.uniform(0, 360)) * 0.9
            return "matrix({:.5f},{:.5f},{:.5f},{:.5f},0,0)".format(*m[:2, :2].T.ravel()), _affine(m[:2, :2])
        if kind == "skewX":
            return "skewX(12)", _affine(np.array([[1, np.tan(np.radians(12))], [0, 1]]))
        return "translate(0 0)", np.eye(3)

    def _shape(self, name: str, r: float) -> tuple[str, np.ndarray, np.ndarray | None]:  # noqa: PLR0911
        """Start of a tag, the points of its outline (N, 2) around 0, and those of a hole."""
        rng, kind = self.rng, self.rng.choice(KINDS)
        a, b = r * rng.uniform(0.6, 1), r * rng.uniform(0.6, 1)
        corners = np.array([(-a, -b), (a, -b), (a, b), (-a, b)])
        if kind in ("rect", "round"):
            more = f' rx="{a * 0.2:.6g}"' if kind == "round" else ""
            return f'rect x="{-a:.6g}" y="{-b:.6g}" width="{2 * a:.6g}" height="{2 * b:.6g}"{more}', corners, None
        if kind == "circle":
            return f'circle r="{r:.6g}"', _circle(r), None
        if kind == "ellipse":
            return f'ellipse rx="{a:.6g}" ry="{b:.6g}"', _circle(1) * (a, b), None
        if kind in ("polygon", "polyline", "path"):
            n = rng.randint(3, 7)
            turn = np.linspace(0, 2 * np.pi, n, endpoint=False)
            points = np.stack([a * np.cos(turn), b * np.sin(turn)], 1)
            if kind == "path":
                text = "L".join(f"{x:.6g} {y:.6g}" for x, y in points)
                return f'path d="M{text}{rng.choice(["Z", " z ", f"L{a:.6g},0"])}"', points, None
            listed = [*points, points[0]] if kind == "polyline" else points
            return f'{kind} points="{" ".join(f"{x:.6g},{y:.6g}" for x, y in listed)}"', points, None
        if kind == "arc":
            half = _circle(r)[:33]
            return f'path d="M{r:.6g} 0a{r:.6g} {r:.6g} 0 01-{2 * r:.6g} 0z"', half, None
        if kind == "hole":
            inner = corners * 0.4
            text = "".join("M" + "L".join(f"{x:.6g} {y:.6g}" for x, y in p) + "Z" for p in (corners, inner))
            return f'path fill-rule="evenodd" d="{text}"', corners, inner
        t = np.linspace(0, 1, 40)[:, None]
        if kind == "curve":
            p = np.array([(-a, b), (-a, -1.5 * b), (a, -1.5 * b), (a, b)])
            points = (1 - t) ** 3 * p[0] + 3 * t * (1 - t) ** 2 * p[1] + 3 * t**2 * (1 - t) * p[2] + t**3 * p[3]
            return "path d='M{:.6g},{:.6g}C{:.6g},{:.6g} {:.6g},{:.6g} {:.6g},{:.6g}z'".format(*p.ravel()), points, None
        p = np.array([(-a, b), (0, -2 * b), (a, b)])
        points = (1 - t) ** 2 * p[0] + 2 * t * (1 - t) * p[1] + t**2 * p[2]
        return "path d='M{:.6g} {:.6g}Q{:.6g} {:.6g} {:.6g} {:.6g}H{:.6g}'".format(*p.ravel(), -a), points, None


def _fill(points: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(size, np.uint8)
    fixed: Any = np.rint((points - 0.5) * 256).astype(np.int32)
    cv2.fillPoly(mask, [fixed], 1, shift=8)
    return mask > 0


def _circle(r: float) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    return np.stack([r * np.cos(turn), r * np.sin(turn)], 1)


def _move(x: float, y: float) -> Matrix:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])


def _affine(m: np.ndarray) -> Matrix:
    full = np.eye(3)
    full[:2, :2] = m
    return full


def _rotate(degrees: float) -> Matrix:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return _affine(np.array([[c, -s], [s, c]]))


def _apply(matrix: Matrix, points: np.ndarray) -> np.ndarray:
    return points @ matrix[:2, :2].T + matrix[:2, 2]
