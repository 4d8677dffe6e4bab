"""Draw the architecture in one picture: docs/architecture.svg.

python examples/architecture_picture.py [-o docs/architecture.svg]
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from html import escape
from pathlib import Path

WIDTH, HEIGHT, LINE = 1180, 690, 17
INK, FAINT = "#1f2933", "#52606d"
FILLS = {"file": "#ffffff", "numpy": "#e6f4ea", "network": "#e3ecfb", "face": "#fdf1dc", "made": "#f3e8f7"}
"""What a colour says: a file, arrays in numpy and OpenCV, a network, what a user touches, how weights are made."""


@dataclass(frozen=True)
class Box:
    """A part, with the folder of `src/lbie` that it lies in."""

    x: int
    y: int
    width: int
    height: int
    kind: str
    title: str
    lines: tuple[str, ...] = ()
    room: str = ""

    def svg(self) -> str:
        """The box and what stands in it."""
        middle, parts = self.x + self.width / 2, []
        parts.append(
            f'<rect x="{self.x}" y="{self.y}" width="{self.width}" height="{self.height}" rx="8" '
            f'fill="{FILLS[self.kind]}" stroke="{FAINT}"/>'
        )
        rows = [("700", INK, self.title), *(("400", INK, line) for line in self.lines)]
        if self.room:
            rows.append(("400", FAINT, self.room))
        top = self.y + (self.height - LINE * len(rows)) / 2 + 13
        for number, (weight, colour, text) in enumerate(rows):
            mono = ' font-family="monospace" font-size="11.5"' if text == self.room else ""
            parts.append(
                f'<text x="{middle:g}" y="{top + number * LINE:g}" text-anchor="middle" font-weight="{weight}" '
                f'fill="{colour}"{mono}>{escape(text)}</text>'
            )
        return "\n".join(parts)


BOXES = (
    Box(20, 60, 110, 70, "file", "image", ("JPEG … SVG",)),
    Box(
        170,
        45,
        170,
        100,
        "numpy",
        "read",
        ("safe decoding, EXIF,", "ICC, alpha; drawings:", "pieces"),
        "image_io, editing",
    ),
    Box(
        380,
        45,
        180,
        100,
        "network",
        "image encoder",
        ("once an image: a grid of", "regions, or one a piece"),
        "model/image_encoder",
    ),
    Box(20, 250, 110, 70, "file", "sentence"),
    Box(170, 235, 170, 100, "numpy", "words", ("normalised, known ones;", "what each asks for"), "language, editing"),
    Box(
        380,
        235,
        180,
        100,
        "network",
        "language encoder",
        ("a bidirectional LSTM:", "a vector a word"),
        "model/language_encoder",
    ),
    Box(625, 75, 140, 60, "network", "attend", ("state asks the words",)),
    Box(625, 165, 140, 60, "network", "GRU", ("the state is updated",)),
    Box(625, 255, 140, 60, "network", "gate", ("understood enough?",)),
    Box(
        840,
        45,
        145,
        100,
        "network",
        "decoder",
        ("chroma, a mask,", "or a pointer to the", "colour that is named"),
        "model/decoder",
    ),
    Box(
        840, 235, 145, 100, "numpy", "at full size", ("along edges; lightness", "kept, gamut mapped"), "editing, colour"
    ),
    Box(
        1020,
        235,
        140,
        100,
        "file",
        "edited image",
        ("of the source's size", "and format, with what", "was said in it"),
        "image_io",
    ),
    Box(
        20,
        440,
        965,
        62,
        "face",
        "Editor → Edit",
        ("set_image once, edit or segment many times: image, mask, confidence, steps, attention, warnings",),
    ),
    Box(20, 532, 225, 56, "face", "lbie edit, segment, …", room="cli*.py"),
    Box(267, 532, 225, 56, "face", "lbie batch: folders", room="scale"),
    Box(514, 532, 225, 56, "face", "lbie serve: page and API", room="server"),
    Box(761, 532, 224, 56, "face", "notebooks, a Space", room="display.py, deploy"),
    Box(1020, 440, 140, 62, "made", "weights", ("safetensors, card",), ""),
    Box(1020, 532, 140, 56, "made", "training", room="data, training"),
    Box(1020, 612, 140, 56, "made", "results/*.json", room="evaluation"),
)
ARROWS = (
    "M130 95 H166",
    "M340 95 H376",
    "M560 95 H621",
    "M130 285 H166",
    "M340 285 H376",
    "M560 285 H585 V115 H621",
    "M695 135 V161",
    "M695 225 V251",
    "M765 285 H795 V95 H836",
    "M912 145 V231",
    "M985 285 H1016",
    "M300 145 V190 H360 V374 H912 V339",
    "M502 440 V412",
    "M1020 471 H989",
    "M1090 532 V506",
    "M1090 588 V608",
)
"""Paths; each ends in a head."""
LOOP = "M625 297 H605 V105 H621"
"""Back to the words, dashed."""


def picture() -> str:
    """The whole as SVG."""
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="13" role="img">',
        "<title>How an image and a sentence become an edited image, and where each part lies in src/lbie</title>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M0 0 L8 4 L0 8 z" fill="{FAINT}"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="10" fill="#ffffff"/>',
        f'<rect x="577" y="28" width="232" height="332" rx="12" fill="none" stroke="{FAINT}" stroke-dasharray="2 4"/>',
        f'<text x="693" y="20" text-anchor="middle" font-weight="700" fill="{INK}">recurrent attentive fusion</text>',
        f'<text x="693" y="345" text-anchor="middle" fill="{FAINT}">each region by itself, at most T steps</text>',
        f'<text x="500" y="368" text-anchor="middle" fill="{FAINT}">the image itself</text>',
        '<rect x="10" y="4" width="1160" height="404" rx="12" fill="none" stroke="#cbd2d9"/>',
        f'<text x="24" y="398" fill="{FAINT}">it flows one way</text>',
    ]
    stroke = f'fill="none" stroke="{FAINT}" stroke-width="1.5" marker-end="url(#head)"'
    rows += [f'<path d="{d}" {stroke}/>' for d in ARROWS]
    rows.append(f'<path d="{LOOP}" stroke-dasharray="5 4" {stroke}/>')
    rows += [box.svg() for box in BOXES]
    for number, (kind, text) in enumerate(
        (
            ("numpy", "numpy and OpenCV"),
            ("network", "network"),
            ("face", "what a user touches"),
            ("made", "how models are made"),
        )
    ):
        x = 24 + number * 200
        rows.append(f'<rect x="{x}" y="634" width="16" height="16" rx="3" fill="{FILLS[kind]}" stroke="{FAINT}"/>')
        rows.append(f'<text x="{x + 24}" y="647" fill="{FAINT}">{text}</text>')
    return "\n".join([*rows, "</svg>"]) + "\n"


def main() -> None:
    """Draw and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", type=Path, default=Path("docs/architecture.svg"))
    options = parser.parse_args()
    options.o.write_text(picture(), "utf-8")
    print(f"wrote {options.o}")


if __name__ == "__main__":
    main()
