"""Draw how sentences are read, step by step: the pictures of docs/reading.md.

python examples/reading_pictures.py [-o docs/reading] [--only cosal] [--model cosal=runs/cosal/best]

The images are samples of installed packages; credits stand on the page.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

from PIL import Image

from lbie import Edit, Editor
from lbie.explain import explain

MOST_BYTES = 100_000
SENTENCES = {
    "flowers": ("sample:flower", "this flower has white petals and a yellow center"),
    "photos": ("sample:coffee", "make the spoon right of the cup blue"),
    "sketch": (
        "sample:sketch",
        "The left rectangle is teal. The other rectangle is gold. "
        "The rightmost triangle has the same colour as the left rectangle.",
    ),
    "cosal": (
        "sample:shapes",
        "The circle is red. The diamond has the same color as the circle. "
        "The triangle has the same color as the diamond. The rectangle has the same color as the triangle.",
    ),
}


def drawn(edit: Edit) -> bytes:
    """The steps of an edit as a JPEG that a repository can hold."""
    picture = explain(edit)
    for width in range(min(picture.width, 1400), 600, -100):
        smaller = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
        data = io.BytesIO()
        smaller.save(data, "JPEG", quality=82, optimize=True, progressive=True)
        if data.tell() <= MOST_BYTES:
            break
    return data.getvalue()


def main() -> None:
    """Edit and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", type=Path, default=Path("docs/reading"))
    parser.add_argument("--only", choices=list(SENTENCES), action="append")
    parser.add_argument(
        "--model", action="append", default=[], metavar="NAME=FOLDER", help="in place of the bundled model NAME"
    )
    options = parser.parse_args()
    models = {name: name for name in options.only or SENTENCES} | dict(item.split("=", 1) for item in options.model)
    options.o.mkdir(parents=True, exist_ok=True)
    for model, folder in models.items():
        place, sentence = SENTENCES[model]
        edit = Editor.from_pretrained(folder, "cpu").set_image(place).edit(sentence)
        data = drawn(edit)
        path = options.o / f"{model}.jpg"
        path.write_bytes(data)
        stopped = ", ".join(f"{step}: {(edit.steps == step).mean():.0%}" for step in range(1, edit.steps.max() + 1))
        told = "; ".join((f"regions that stop at step {stopped}", *edit.warnings))
        print(f"wrote {path} ({len(data) / 1000:.0f} kB); {told}")


if __name__ == "__main__":
    main()
