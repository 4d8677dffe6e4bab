"""Edits of photos and drawings of 12 and 50 megapixels: peak memory, and time beside the codec's: results/large.json.

python benchmarks/large_photo.py [--rounds 11] [-o results/large.json]

Peak memory is that of the process of `lbie edit`. Time is taken in another process: reading, editing and writing a file,
and reading and writing it with Pillow alone, in turns; what counts is the ratio, for machines differ. The codec has one
thread; the model, and what is done to bands of a photo, have as many as the machine. Luminance at this size is measured
by full_size.py.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lbie.bench.command import peak_mib

SIZES = {"12": (4000, 3000), "50": (8192, 6144)}
"""Megapixels to width and height."""
GOALS = {"peak_mib": 1536, "ratio_at_12": 2.5}
KINDS = {
    "colour": ("flowers", "flower", "The flower is red in color.", ".jpg", ".jpg"),
    "recolour": ("photos", "coffee", "make the cup blue", ".jpg", ".jpg"),
    "darken": ("photos", "coffee", "darken everything except the cup", ".jpg", ".jpg"),
    "blur": ("photos", "coffee", "blur everything except the cup", ".jpg", ".jpg"),
    "cut out": ("photos", "coffee", "cut out the cup", ".jpg", ".png"),
    "sketch": ("sketch", "drawing", "", ".png", ".png"),
}
"""Model, image, sentence, format of the source and of the result."""


def make(name: str, size: tuple[int, int], path: Path) -> str:
    """Write a sample at such a size, with grain so that it has detail there; or a drawing, whose sentences it returns."""
    import cv2
    import numpy as np
    from PIL import Image

    if name == "drawing":
        from sketch_time import large_world

        world, _ = large_world()
        large = cv2.resize(world.source, size, interpolation=cv2.INTER_CUBIC)
        Image.fromarray(large).save(path, compress_level=1)
        return " ".join(world.sentences)
    from lbie.samples import sample_path

    image = Image.open(sample_path(name)).convert("RGB").resize(size, Image.Resampling.BICUBIC)
    large = np.array(image.convert("L") if name == "flower" else image)
    rng = np.random.default_rng(0)
    for top in range(0, size[1], 256):
        rows = large[top : top + 256]
        grain = cv2.GaussianBlur(rng.normal(0, 12, rows.shape[:2]).astype(np.float32), (0, 0), 1.2)
        rows[:] = (rows + grain.reshape(*grain.shape, *[1] * (rows.ndim - 2))).clip(0, 255)
    Image.fromarray(large).save(path, quality=95)
    return ""


def measure(model: str, sentence: str, source: Path, suffix: str, rounds: int) -> dict[str, float]:
    """Medians: all but the codec over the codec, and seconds of the model, of the codec and of the rest."""
    import io

    import numpy as np
    from PIL import Image

    from lbie import Editor
    from lbie.image_io.encode import _OPTIONS, SUFFIXES

    Image.MAX_IMAGE_PIXELS = None
    editor, spent = Editor.from_pretrained(model, "cpu"), [0.0]

    def timed(run: Callable[..., Any]) -> Callable[..., Any]:
        def call(*values: Any, **named: Any) -> Any:
            before, began = spent[0], time.perf_counter()
            result = run(*values, **named)
            spent[0] = before + time.perf_counter() - began  # calls within it are part of it
            return result

        return call

    for name in ("encode_image", "encode_sentence", "fuse", "fuse_descriptions", "fuse_phrases", "kinds"):
        setattr(editor.runtime, name, timed(getattr(editor.runtime, name)))
    form, found = SUFFIXES[suffix], []
    for _ in range(rounds):
        spent[0], began = 0.0, time.perf_counter()
        edit = editor.set_image(source).edit(sentence)
        edit.encode(suffix)
        whole = time.perf_counter() - began
        pixels = edit.image
        began = time.perf_counter()
        Image.open(source).load()
        pixels.save(io.BytesIO(), form, **_OPTIONS[form])
        codec = time.perf_counter() - began
        found.append(((whole - codec) / codec, spent[0], codec, whole - codec - spent[0]))
    values = np.median(found[1:] or found, axis=0).round(3).tolist()  # the first makes tables and loads modules
    return dict(zip(("ratio", "model_seconds", "codec_seconds", "rest_seconds"), values, strict=True))


def child(name: str, *words: str) -> Any:
    """What `main` prints in a process of its own."""
    done = subprocess.run([sys.executable, __file__, "--child", name, *words], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def run_child(name: str, *words: str) -> Any:
    """See `child`."""
    if name == "make":
        image, size, path = words
        return make(image, SIZES[size], Path(path))
    if name == "machine":
        from lbie.evaluation.report import machine

        return machine()
    model, sentence, source, suffix, rounds = words
    return measure(model, sentence, Path(source), suffix, int(rounds))


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=11, help="at 12 megapixels; at 50 there is one")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("-o", "--output", type=Path, default=Path("results/large.json"))
    options = parser.parse_args()
    if options.child:
        print(json.dumps(run_child(*options.child)))
        return
    figures: dict[str, Any] = {"goals": GOALS, "sizes": {}}
    with TemporaryDirectory() as folder:
        for size in SIZES:
            rows = figures["sizes"][size] = {}
            for kind, (model, image, said, suffix, written) in KINDS.items():
                source, output = Path(folder) / f"{image}{size}{suffix}", Path(folder) / f"out{written}"
                if not source.exists():
                    told = child("make", image, size, str(source))
                sentence = said or told
                command = [sys.executable, "-m", "lbie.cli", "edit", str(source), sentence, "-o", str(output)]
                peak = peak_mib([*command, "--model", model, "--device", "cpu"])
                rounds = str(options.rounds if size == "12" else 1)
                rows[kind] = {"peak_mib": peak} | child("time", model, sentence, str(source), written, rounds)
                print(size, kind, rows[kind], flush=True)
    every = [row for rows in figures["sizes"].values() for row in rows.values()]
    jpeg = [row for kind, row in figures["sizes"]["12"].items() if KINDS[kind][3:] == (".jpg", ".jpg")]
    figures["met"] = {
        "memory": all(row["peak_mib"] <= GOALS["peak_mib"] for row in every),
        "time": all(row["ratio"] <= GOALS["ratio_at_12"] for row in jpeg),
    }
    figures["machine"] = child("machine")
    options.output.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(figures["met"])


if __name__ == "__main__":
    main()
