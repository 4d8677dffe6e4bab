"""What stopping early saves of the fusion, in time: section `gates` of results/speed.json.

python benchmarks/speed_gates.py [--worlds 50] [--photos 100] [--rounds 7] [-o results/speed.json]

The fusion stage alone, of chains of references (`cosal`, at most 8 steps) and of phrases of photos of the test set
(`photos`), one at a time, by both runtimes in turn: with the gates, over all regions running all steps.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lbie.bench.rounds import CLOCKS, Work, in_turn, ratio
from lbie.data.cosal.worlds import generate
from lbie.data.instances import load_coco
from lbie.data.storage import data_root
from lbie.evaluation.cosal_scores import Exam
from lbie.evaluation.cosal_termination import STEPS
from lbie.evaluation.refer_exam import PHRASES
from lbie.evaluation.report import machine, write_section
from lbie.language.padding import pad_ids, pad_sentences
from lbie.language.refer import evaluation_phrases
from lbie.registry import resolve_model
from lbie.runtime.fusion_loop import run_fusion
from lbie.runtime.onnx_runtime import OnnxRuntime
from lbie.runtime.torch_runtime import TorchRuntime
from lbie.tasks.photo_view import view

ROOT = Path(__file__).resolve().parent.parent
GOAL = 0.7
NEVER = 2.0
"""A probability of having stopped that no region reaches."""
Item = tuple[np.ndarray, np.ndarray]
"""An image as runtimes take it, and the ids of a description (1, N) or (1, S, L)."""


def chains(runtime: OnnxRuntime, count: int) -> Iterator[Item]:
    """Worlds of the test split of `chain`."""
    exam = Exam.of(generate("chain", "test", count), runtime.vocabulary, runtime.config.max_words)
    for number in range(len(exam)):
        yield exam.image(slice(number, number + 1)).numpy(), pad_sentences(exam.ids[number : number + 1])


def photos(runtime: OnnxRuntime, root: Path, count: int) -> Iterator[Item]:
    """Photos of the test split, each with one phrase."""
    album = load_coco(root, "test")
    for number in range(min(count, len(album))):
        scene = album.scene(number)
        for phrase in evaluation_phrases(scene, PHRASES)[:1]:
            ids = runtime.vocabulary.encode(phrase.text, runtime.config.max_words).ids
            yield view(scene.image, runtime.config.working_size, runtime.size_multiple), pad_ids([ids])


def fusions(
    model: str, steps: int, threads: int, items: Callable[[OnnxRuntime], Iterator[Item]]
) -> tuple[dict[str, Work], dict[str, float]]:
    """The fusion of all items by either runtime with gates and without, and what is said of their steps."""
    folder = resolve_model(model)
    onnx, network = OnnxRuntime(folder, threads), TorchRuntime(folder, "cpu", threads)
    given = list(items(onnx))
    of_onnx = [(onnx.encode_image(image)[0].values, onnx.encode_ids(ids)) for image, ids in given]
    of_torch = [(network.encode_image(image)[0], network.encode_ids(ids)) for image, ids in given]

    def by_onnx(stop: float) -> list[int]:
        return [run_fusion(onnx._graphs.run, image, said, steps, stop, False).executed for image, said in of_onnx]

    def by_torch(forced: int | None) -> list[int]:
        with torch.inference_mode():
            fuse = network._model.fusion
            return [fuse(image.start, said, steps, force_steps=forced).executed for image, said in of_torch]

    gated, whole = sum(by_onnx(onnx.config.stop_probability)), sum(by_onnx(NEVER))
    assert whole == sum(by_torch(steps)), "the runtimes take different steps"
    works: dict[str, Work] = {
        "onnx gates": lambda: by_onnx(onnx.config.stop_probability),
        "onnx": lambda: by_onnx(NEVER),
        "torch gates": lambda: by_torch(None),
        "torch": lambda: by_torch(steps),
    }
    return works, {"items": len(given), "most_steps": steps, "region_updates": round(gated / whole, 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--worlds", type=int, default=50)
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "results" / "speed.json")
    options = parser.parse_args()
    root, figures = data_root(options.data), {}
    for name, model, steps, items in (
        ("chain", "cosal", STEPS, lambda runtime: chains(runtime, options.worlds)),
        ("photos", "photos", 4, lambda runtime: photos(runtime, root, options.photos)),
    ):
        works, about = fusions(model, steps, options.threads, items)
        times = in_turn(works, options.rounds, 1, options.clock)
        own: dict[str, Any] = {"model": model, **about}
        for runtime in ("onnx", "torch"):
            found = ratio(times[f"{runtime} gates"], times[runtime])
            own[runtime] = found | {"met": found["ratio"] <= GOAL}
        figures[name] = own
        print(name, own, flush=True)
    about_run = {"goal": GOAL, "clock": options.clock, "threads": options.threads, "rounds": options.rounds}
    write_section(options.output, "gates", figures | about_run | {"provenance": machine()})


if __name__ == "__main__":
    main()
