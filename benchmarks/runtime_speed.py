"""The runtimes side by side, as ratios of one interleaved run: results/runtime.json.

python benchmarks/runtime_speed.py speed [--models flowers photos] [--rounds 20] [--cold-rounds 7]
python benchmarks/runtime_speed.py install   # sizes of installations with and without torch, in fresh environments

Warm: opening an image with its first edit, and the next sentence on the same image. Cold: the whole command
`lbie edit`, in a process of its own. A ratio is onnx over torch of the same round: below 1, onnx is faster.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

from lbie import Editor
from lbie.bench.command import as_installed
from lbie.bench.rounds import Work, in_turn, ratio
from lbie.bench.run import network_input
from lbie.evaluation.report import machine, write_section

ROOT = Path(__file__).resolve().parent.parent
RUNTIMES = ("onnx", "torch")
GOALS = {"warm": 1.0, "cold": 1 / 3, "size": 1 / 3}
ASKED = {
    "flowers": ("sample:flower", "this flower has white petals and a yellow center"),
    "photos": ("sample:chelsea", "make the cat on the left blue"),
    "cosal": ("sample:shapes", "The circle is red. The shape above the circle is blue."),
    "sketch": ("sample:shapes", "The circle is red. The shape above the circle is blue."),
}


def onnx_over_torch(work: dict[str, Work], rounds: int, warm_up: int) -> dict[str, float]:
    """Median and quartiles of the ratio, of rounds in turn."""
    taken = in_turn(work, rounds, warm_up)
    return ratio(taken["onnx"], taken["torch"])


def measure(model: str, rounds: int, cold_rounds: int, folder: Path) -> dict[str, Any]:
    image, sentence = ASKED[model]
    editors = {name: Editor.from_pretrained(model, "cpu", name) for name in RUNTIMES}
    prepare = {name: lambda e=e: e.runtime.encode_image(given) for name, e in editors.items()}  # type: ignore[misc]
    given = network_input(editors["onnx"], image)
    opened = {name: lambda e=e: e.set_image(image).edit(sentence) for name, e in editors.items()}  # type: ignore[misc]
    edited = {name: lambda e=e: e.edit(sentence) for name, e in editors.items()}  # type: ignore[misc]
    figures = {
        "encode_image": onnx_over_torch(prepare, rounds, 3),
        "open_and_edit": onnx_over_torch(opened, rounds, 3),
        "next_edit": onnx_over_torch(edited, rounds, 3),
    }
    command = [str(Path(sys.executable).with_name("lbie")), "edit", image, sentence, "-o", "out.png", "--model", model]
    compiled = as_installed(folder)  # by the round that warms up

    def call(name: str) -> object:
        return subprocess.run([*command, "--runtime", name], cwd=folder, env=compiled, check=True, capture_output=True)

    figures["command"] = onnx_over_torch({name: lambda n=name: call(n) for name in RUNTIMES}, cold_rounds, 1)  # type: ignore[misc]
    return figures


def installed_size(folder: Path, extra: str, *more: str) -> int:
    """Bytes of a fresh environment with lbie, an extra of it ("" for none) and more packages."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    options = ["-q", "--no-compile", "--disable-pip-version-check", "-c", str(ROOT / "constraints.txt")]
    subprocess.run([python, "-m", "pip", "install", *options, f"{ROOT}{extra}", *more], check=True)
    subprocess.run([python, "-m", "pip", "uninstall", "-q", "-y", "pip", "setuptools"], check=True)
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def measure_speed(models: list[str], rounds: int, cold_rounds: int) -> dict[str, Any]:
    """Warm and cold ratios of models, and whether the goals are met."""
    figures: dict[str, Any] = {"models": {}}
    with tempfile.TemporaryDirectory() as folder:
        for model in models:
            figures["models"][model] = measure(model, rounds, cold_rounds, Path(folder))
            print(model, figures["models"][model], flush=True)
    for name, keys in (("warm", ("open_and_edit", "next_edit")), ("cold", ("command",))):
        largest = max(own[key]["ratio"] for own in figures["models"].values() for key in keys)
        figures[name] = {"largest_ratio": largest, "goal": round(GOALS[name], 4), "met": largest <= GOALS[name]}
    return figures


def measure_install() -> dict[str, Any]:
    """Size of the core install over those with torch."""
    with tempfile.TemporaryDirectory() as folder:
        core = installed_size(Path(folder) / "core", "")
        with_torch = installed_size(Path(folder) / "torch", "", "torch")
        train = installed_size(Path(folder) / "train", "[train]")
    figures: dict[str, Any] = {"core_mb": round(core / 1e6), "goal": round(GOALS["size"], 4)}
    for name, size in (("core_and_torch", with_torch), ("train", train)):
        figures[name] = {"mb": round(size / 1e6), "ratio": round(core / size, 4), "met": core / size <= GOALS["size"]}
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("speed", "install"))
    parser.add_argument("--models", nargs="+", default=list(ASKED), choices=list(ASKED))
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--cold-rounds", type=int, default=7)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "results" / "runtime.json")
    options = parser.parse_args()
    if options.what == "install":
        figures = measure_install()
    else:
        figures = measure_speed(options.models, options.rounds, options.cold_rounds)
    threads = os.environ.get("OMP_NUM_THREADS", "each runtime's own number")
    figures["provenance"] = machine() | {"threads": threads, "load": round(os.getloadavg()[0], 1)}
    write_section(options.output, options.what, figures)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
