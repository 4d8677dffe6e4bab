"""What an edit of a large drawing costs, beside reading and writing its PNG: results/sketch_time.json.

python benchmarks/sketch_time.py [--model sketch] [--rounds 5]

A drawing of about a megapixel, with eight sentences, is edited again and again on two threads, and its PNG read and
written, in turns in the same run: what counts is the ratio, for machines differ.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from pieces import enlarged

from lbie.data.cosal.free import FreeWorld, generate_free
from lbie.editor import Editor
from lbie.evaluation.report import machine, write_figures
from lbie.image_io import read_image, source_from_array

_SENTENCES = 8


def large_world() -> tuple[FreeWorld, np.ndarray]:
    """The first world of `free` with eight sentences, and its drawing at a megapixel."""
    world = next(w for w in generate_free("free", "val") if len(w.sentences) >= _SENTENCES)
    return world, enlarged(world)


def seconds(do: Callable[[], object]) -> float:
    """Of the clock, for one call."""
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="sketch")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("-o", type=Path, default=Path("results/sketch_time.json"))
    options = parser.parse_args()
    torch.set_num_threads(2)
    world, picture = large_world()
    editor = Editor.from_pretrained(options.model, "cpu")
    text = " ".join(world.sentences)
    source = source_from_array(picture)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "drawing.png"
        made = editor.set_image(source).edit(text)
        made.save(path)
        edits, codecs = [], []
        for _ in range(options.rounds):
            edits.append(seconds(lambda: editor.set_image(source).edit(text)))
            codecs.append(seconds(lambda: (read_image(path), made.save(path))))
    edit, codec = float(np.median(edits)), float(np.median(codecs))
    figures = {
        "model": options.model,
        "pixels": int(picture.shape[0] * picture.shape[1]),
        "sentences": len(world.sentences),
        "edit_seconds": round(edit, 3),
        "png_seconds": round(codec, 3),
        "ratio": round(edit / codec, 3),
        "provenance": machine(),
    }
    write_figures(options.o, figures)
    print(
        f"{figures['pixels']:,} pixels, {figures['sentences']} sentences: edit {edit:.3f} s, PNG read and written "
        f"{codec:.3f} s, ratio {edit / codec:.2f}"
    )


if __name__ == "__main__":
    main()
