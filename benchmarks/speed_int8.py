"""What int8 would bring: section `int8` of results/speed.json. Nothing of it is in the product.

python benchmarks/speed_int8.py [--models flowers photos] [--rounds 15] [-o results/speed.json]

The weights of linear layers and convolutions of each graph are quantised by ONNX Runtime's dynamic quantisation. Edits of
samples are compared level by level; a figure of quality is taken on a few pictures of the data sets; times are of the same
rounds.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import QuantType, quantize_dynamic

from lbie import Editor
from lbie.bench.asked import ASKED
from lbie.bench.rounds import CLOCKS, Work, in_turn, ratio
from lbie.colour.lab import rgb_to_lab
from lbie.data.cosal.shapes import NO_SHAPE, PALETTE
from lbie.data.cosal.worlds import generate
from lbie.data.flowers import load_arrays
from lbie.data.instances import load_coco
from lbie.data.storage import data_root
from lbie.errors import SentenceError
from lbie.evaluation.refer_exam import PHRASES
from lbie.evaluation.report import machine, write_section
from lbie.language.refer import evaluation_phrases
from lbie.registry import resolve_model
from lbie.runtime.graphs import graph_file
from lbie.runtime.onnx_runtime import OnnxRuntime

ROOT = Path(__file__).resolve().parent.parent
MOST_LEVELS = 2
"""Of 255: what the goal allows."""
QUANTISED = ("Conv", "MatMul", "Gemm")
Quality = tuple[str, Callable[[Editor], float]]


def quantise(editor: Editor, model: str, folder: Path, threads: int) -> Editor:
    """Give an editor graphs in int8."""
    assert isinstance(editor.runtime, OnnxRuntime)
    graphs = editor.runtime._graphs
    for name in graphs._about:
        if name.startswith("panorama"):
            continue
        whole = onnx.load_model(resolve_model(model) / graph_file(name), load_external_data=False)
        for value in whole.graph.initializer:
            if value.name in graphs._weights:
                value.CopyFrom(onnx.numpy_helper.from_array(graphs._weights[value.name], value.name))
        plain, folded, small = (folder / f"{model}-{name}-{kind}.onnx" for kind in ("plain", "folded", "int8"))
        onnx.save_model(whole, plain)
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(folded)
        onnxruntime.InferenceSession(plain, options, providers=["CPUExecutionProvider"])  # weights are folded
        # The kernel of convolutions takes weights without a sign only.
        quantize_dynamic(folded, small, op_types_to_quantize=list(QUANTISED), weight_type=QuantType.QUInt8)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        graphs._sessions[name] = onnxruntime.InferenceSession(small, options, providers=["CPUExecutionProvider"])
    return editor


def flowers_error(root: Path, count: int) -> Quality:
    """Mean absolute error of ab over that of gray."""
    photos = load_arrays(root / "flowers", "val", 128)

    def measure(editor: Editor) -> float:
        own, gray = 0.0, 0.0
        for number in np.linspace(0, len(photos.rgb) - 1, count).astype(int):
            rgb = photos.rgb[number]
            shown = np.repeat(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[..., None], 3, 2)
            made = editor.set_image(shown).edit(photos.records[number].captions[0]).rgb
            true = rgb_to_lab(rgb)[..., 1:]
            own += float(np.abs(rgb_to_lab(made)[..., 1:] - true).mean())
            gray += float(np.abs(true).mean())
        return own / gray

    return "ab error over gray, val (lower is better)", measure


def photos_overlap(root: Path, count: int) -> Quality:
    """Overall IoU."""
    album = load_coco(root, "val")
    scenes = [album.scene(number) for number in range(min(count, len(album)))]
    asked = [(s, next((p for p in evaluation_phrases(s, PHRASES) if p.target is not None), None)) for s in scenes]

    def measure(editor: Editor) -> float:
        both = either = 0
        for scene, phrase in asked:
            if phrase is not None and phrase.target is not None:
                mask = editor.set_image(scene.image).segment(phrase.text).mask > 0.5
                truth = scene.instances[phrase.target].mask
                both, either = both + int((mask & truth).sum()), either + int((mask | truth).sum())
        return both / either

    return "overall IoU, val", measure


def drawings_right(enlarged: int, count: int) -> Quality:
    """Share of the pixels of shapes that get their colour."""
    worlds = list(generate("chain", "val", count))

    def measure(editor: Editor) -> float:
        right = total = 0
        for world in worlds:
            shapes, classes = (x.repeat(enlarged, 0).repeat(enlarged, 1) for x in (world.shapes, world.classes))
            source = world.source.repeat(enlarged, 0).repeat(enlarged, 1)
            try:
                made = editor.set_image(source).edit(" ".join(world.sentences)).rgb.astype(int)
            except SentenceError:
                made = source.astype(int)
            nearest = np.abs(made[:, :, None] - PALETTE[None, None, :6].astype(int)).sum(-1).argmin(-1)
            on = shapes != NO_SHAPE
            right, total = right + int((nearest == classes)[on].sum()), total + int(on.sum())
        return right / total

    return "share of shapes' pixels that are right, chains of val", measure


def measure(model: str, quality: Quality, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """A model in single precision and in int8."""
    single = Editor.from_pretrained(model, "cpu", "onnx", options.threads)
    small = quantise(Editor.from_pretrained(model, "cpu", "onnx", options.threads), model, folder, options.threads)
    asked = ASKED["sketch" if model == "cosal" else model]
    if model == "cosal":  # which has no squares
        asked = replace(asked, sentences=tuple(said for said in asked.sentences if "square" not in said))
    picture = asked.picture("256 px")
    off = [
        np.abs(one.edit(said).rgb.astype(int) - other.edit(said).rgb).max(-1)
        for one, other in [(single.set_image(picture), small.set_image(picture))]
        for said in asked.sentences
    ]
    works: dict[str, Work] = {}
    for label, editor in (("single", single), ("int8", small)):
        said, other = cycle(asked.sentences), Editor(editor.runtime, editor.card).set_image(picture)
        works[f"{label} first"] = lambda e=editor, s=said: e.set_image(picture).edit(next(s))  # type: ignore[misc]
        works[f"{label} next"] = lambda e=other, s=said: e.edit(next(s))  # type: ignore[misc]
    times = in_turn(works, options.rounds, 2, options.clock)
    figures: dict[str, Any] = {
        kind: ratio(times[f"int8 {kind}"], times[f"single {kind}"]) for kind in ("first", "next")
    }
    most, over = int(max(o.max() for o in off)), float(np.mean([o > MOST_LEVELS for o in off]))
    what, figure = quality
    figures |= {"most_levels": most, "share_over_2": round(over, 6)}
    figures["quality"] = {"what": what, "single": round(figure(single), 4), "int8": round(figure(small), 4)}
    quicker = all(figures[kind]["high_quartile"] < 1 for kind in ("first", "next"))
    return figures | {"pays": most <= MOST_LEVELS and quicker}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--models", nargs="+", choices=[*ASKED, "cosal"], default=[*ASKED, "cosal"])
    parser.add_argument("--pictures", type=int, default=60, help="on which quality is measured")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "results" / "speed.json")
    options = parser.parse_args()
    qualities: dict[str, Callable[[], Quality]] = {
        "flowers": lambda: flowers_error(data_root(options.data), options.pictures),
        "photos": lambda: photos_overlap(data_root(options.data), options.pictures),
        "sketch": lambda: drawings_right(6, options.pictures),
        "cosal": lambda: drawings_right(1, options.pictures),
    }
    figures: dict[str, Any] = {"models": {}}
    with tempfile.TemporaryDirectory() as folder:
        for model in options.models:
            figures["models"][model] = measure(model, qualities[model](), Path(folder), options)
            print(model, figures["models"][model], flush=True)
    about = {"clock": options.clock, "threads": options.threads, "rounds": options.rounds, "pictures": options.pictures}
    write_section(options.output, "int8", figures | about | {"provenance": machine()})


if __name__ == "__main__":
    main()
