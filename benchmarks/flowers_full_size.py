"""Test photos at their full size: gray, coloured by one of their captions, true; out/full/test-N.png, to be looked at.

python benchmarks/flowers_full_size.py [--data DIR] [--photos 60]

The photos, and the caption of each, are random (seed 7). Nothing is written into results/: what one sees of them is in
docs/colorization.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from tqdm import tqdm

from lbie.data.cosal.sheet import stack
from lbie.data.flowers import read_records
from lbie.data.storage import data_root
from lbie.editor import Editor
from lbie.lettering import wrap

_SIDE, _GAP, _ROWS, _COLUMNS, _LINE = 240, 6, 6, 2, 15


def panel(editor: Editor, path: Path, caption: str, number: int) -> Image.Image:
    """Gray, coloured and true photo with the caption."""
    true = cv2.imread(str(path))[..., ::-1]
    gray = np.repeat(cv2.cvtColor(true, cv2.COLOR_RGB2GRAY)[..., None], 3, 2)
    made = editor.set_image(gray).edit(caption).rgb
    font = ImageFont.load_default(11)
    out = Image.new("RGB", (3 * (_SIDE + _GAP), _SIDE + 3 * _LINE), "white")
    for place, picture in enumerate((gray, made, true)):
        small = Image.fromarray(np.ascontiguousarray(picture))
        small.thumbnail((_SIDE, _SIDE))
        out.paste(small, (place * (_SIDE + _GAP), 0))
    draw = ImageDraw.Draw(out)
    for row, line in enumerate(wrap(f"{number}: {caption}", font, out.width - _GAP)[:2]):
        draw.text((0, _SIDE + row * _LINE), line, fill="black", font=font)
    return out


def main() -> None:
    """Draw the sheets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--photos", type=int, default=60)
    parser.add_argument("-o", type=Path, default=Path("out/full"))
    options = parser.parse_args()
    folder = data_root(options.data) / "flowers"
    records = read_records(folder, "test")
    rng = np.random.default_rng(7)
    chosen = [records[i] for i in rng.permutation(len(records))[: options.photos]]
    editor = Editor.from_pretrained("flowers")
    panels = [
        panel(
            editor,
            folder / record.file_name,
            record.captions[int(rng.integers(len(record.captions)))],
            number,
        )
        for number, record in enumerate(tqdm(chosen, unit="photo", disable=None))
    ]
    options.o.mkdir(parents=True, exist_ok=True)
    page = _ROWS * _COLUMNS
    for first in range(0, len(panels), page):
        stack(panels[first : first + page], _COLUMNS).save(options.o / f"test-{first // page}.png")
    print(f"wrote {-(-len(panels) // page)} sheets into {options.o}")


if __name__ == "__main__":
    main()
