"""Edit photos by sentences, and draw them before, with what was matched, and after.

python examples/photo_edits.py                          # docs/photos.jpg: photos of installed packages
python examples/photo_edits.py --list examples/photo_edits.tsv --root ../shared/data -o out/photo-edits.png

A list has lines of a photo's path under the root, a tab, and a sentence; the one beside this file is of twenty
validation photos.

Photos: Chelsea the cat by Stefan van der Walt (CC0), coffee by Rachel Michetti (CC0), Eileen Collins by NASA (public
domain), a rocket by SpaceX (CC0), from scikit-image; Summer Palace by danielbuechele (Flickr 6061409035, CC BY 2.0),
from scikit-learn.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from lbie import Editor
from lbie.editing.overlay import draw_overlay
from lbie.errors import InputError, SentenceError
from lbie.samples import resolve_input

SENTENCES = (
    ("sample:chelsea", "gray out everything except the cat"),
    ("sample:coffee", "make the cup blue"),
    ("sample:coffee", "cut out the spoon"),
    ("sample:astronaut", "blur everything except the woman"),
    ("sample:rocket", "make the rocket red"),
    ("sample:china", "make the person on the left red"),
)
WIDTH, HEIGHT, HEAD = 300, 220, 20


def fitted(picture: Image.Image) -> Image.Image:
    """A picture in its frame, what is transparent shown as a light check."""
    picture = picture.convert("RGBA")
    y, x = np.mgrid[: picture.height, : picture.width] // 12
    check = Image.fromarray(np.where((x + y) % 2, 255, 215).astype(np.uint8)).convert("RGBA")
    return ImageOps.pad(Image.alpha_composite(check, picture).convert("RGB"), (WIDTH, HEIGHT), color="white")


def row(editor: Editor, path: str, sentence: str) -> Image.Image:
    """Photo, match and result under the sentence; where there is none, why not."""
    frame = Image.new("RGB", (3 * WIDTH, HEAD + HEIGHT), "white")
    source = Image.open(resolve_input(path)).convert("RGB")
    pictures, note = [source], ""
    try:
        edit = editor.set_image(source).edit(sentence)
        pictures.append(draw_overlay(np.array(source), edit.matches))
        if edit.found:
            pictures.append(edit.image)
            note = f"  ({edit.confidence:.2f})"
            untouched = edit.mask == 0
            assert edit.alpha is not None or np.array_equal(edit.rgb[untouched], np.array(source)[untouched])
        else:
            note = f"  nothing matches ({edit.confidence:.2f})"
    except (InputError, SentenceError) as error:
        note = f"  {error}"
    ImageDraw.Draw(frame).text((4, 3), sentence + note, fill="black", font=ImageFont.load_default(13))
    for i, picture in enumerate(pictures):
        frame.paste(fitted(picture), (i * WIDTH, HEAD))
    return frame


def main() -> None:
    """Write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", type=Path)
    parser.add_argument("--root", type=Path, default=Path())
    parser.add_argument("--model", default="photos")
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/photos.jpg"))
    options = parser.parse_args()
    asked = SENTENCES
    if options.list:
        lines = [line.split("\t", 1) for line in options.list.read_text("utf-8").splitlines() if line]
        asked = tuple((str(options.root / place), sentence) for place, sentence in lines)
    editor = Editor.from_pretrained(options.model)
    rows = [row(editor, path, sentence) for path, sentence in asked]
    sheet = Image.new("RGB", (3 * WIDTH, len(rows) * (HEAD + HEIGHT)), "white")
    for i, picture in enumerate(rows):
        sheet.paste(picture, (0, i * (HEAD + HEIGHT)))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(options.output, quality=88)


if __name__ == "__main__":
    main()
