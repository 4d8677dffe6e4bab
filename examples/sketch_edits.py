"""Edit drawings by sentences and show them before and after: docs/sketch.png.

python examples/sketch_edits.py [-o docs/sketch.png]

The drawings come with lbie (`sample:sketch`, `sample:shapes`) or are drawn by this script.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from lbie import Editor
from lbie.samples import resolve_input

WIDTH, HEIGHT, HEAD = 300, 230, 52


def outlines() -> np.ndarray:
    """(240, 300, 3) uint8: circles, boxes and a triangle in thin outlines."""
    picture = np.full((240, 300, 3), 255, np.uint8)
    for x, radius in ((55, 40), (140, 28), (205, 18)):
        cv2.circle(picture, (x, 70), radius, (20, 20, 20), 2, cv2.LINE_AA)
    for x, side in ((25, 60), (110, 80)):
        cv2.rectangle(picture, (x, 140), (x + side, 200), (20, 20, 20), 2, cv2.LINE_AA)
    cv2.polylines(picture, [np.array([(220, 205), (285, 205), (252, 120)])], True, (20, 20, 20), 2, cv2.LINE_AA)
    return picture


ROWS: tuple[tuple[str | None, tuple[str, ...]], ...] = (
    ("sample:sketch", ("The left rectangle is teal. The other rectangle is gold.", "Now all triangles are #ff8800.")),
    (None, ("The smallest circle is crimson.", "The other circles are pale blue. The right box is dark olive.")),
    ("sample:shapes", ("All shapes are lavender.", "Now make the circle the colour of brick.")),
)


def framed(picture: Image.Image) -> Image.Image:
    """A picture in its frame."""
    return ImageOps.expand(ImageOps.pad(picture.convert("RGB"), (WIDTH, HEIGHT), color="white"), 1, "#cccccc")


def main() -> None:
    """Edit and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", type=Path, default=Path("docs/sketch.png"))
    parser.add_argument("--model", default="sketch")
    options = parser.parse_args()
    editor, font = Editor.from_pretrained(options.model, "cpu"), ImageFont.load_default(13)
    wide = WIDTH + 8
    sheet = Image.new("RGB", (3 * wide, len(ROWS) * (HEIGHT + HEAD)), "white")
    pen = ImageDraw.Draw(sheet)
    for row, (place, sentences) in enumerate(ROWS):
        source = Image.fromarray(outlines()) if place is None else Image.open(resolve_input(place)).convert("RGB")
        editor.set_image(source)
        shown = [(source, "the drawing")]
        for count, sentence in enumerate(sentences, 1):
            shown.append((editor.edit(sentences[0], then=sentences[1:count]).image, sentence))
        for column, (picture, text) in enumerate(shown):
            x, y = column * wide, row * (HEIGHT + HEAD)
            sheet.paste(framed(picture), (x, y + HEAD - 4))
            lines = text.replace(". ", ".\n")
            pen.multiline_text((x + 2, y + 6), lines, "black", font, spacing=3)
    sheet.save(options.o, optimize=True)
    print(f"wrote {options.o}")


if __name__ == "__main__":
    main()
