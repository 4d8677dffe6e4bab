"""Make the README's picture: scikit-learn's flower photo in gray, and coloured by seven sentences.

Photo: dahlia by vultilion (Flickr 6056698931), CC BY 2.0, from scikit-learn.
"""

from __future__ import annotations

import sys

import numpy as np
from PIL import Image

from lbie import Editor
from lbie.evaluation.sheets import tile
from lbie.image_io import read_image
from lbie.language.colour_names import CONTROL_COLOURS
from lbie.samples import sample_path


def main(output: str = "docs/flower.jpg", model: str = "flowers") -> None:
    """Write the picture to `output`."""
    photo = Image.fromarray(read_image(sample_path("flower")).rgb).convert("L")
    photo = photo.crop((80, 30, 560, 427)).resize((300, 248), Image.Resampling.LANCZOS)
    editor = Editor.from_pretrained(model).set_image(photo)
    pictures = [np.array(photo.convert("RGB"))]
    pictures += [editor.edit(f"The flower is {colour} in color.").rgb for colour in CONTROL_COLOURS]
    titles = ["the photo", *(f'"The flower is {colour} in color."' for colour in CONTROL_COLOURS)]
    top, bottom = tile([pictures[:4]], titles[:4]), tile([pictures[4:]], titles[4:])
    sheet = Image.new("RGB", (top.width, top.height * 2), "white")
    sheet.paste(top, (0, 0))
    sheet.paste(bottom, (0, top.height))
    sheet.save(output, quality=88)


if __name__ == "__main__":
    main(*sys.argv[1:])
