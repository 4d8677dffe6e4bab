"""One run of all of it: ratios first."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lbie.bench import limits, rivals
from lbie.bench.asked import ASKED, BATCHES, SIZES
from lbie.bench.command import Command
from lbie.bench.rounds import Work, in_turn, milliseconds, ratio
from lbie.editor import Editor
from lbie.evaluation.report import machine

GOALS = {"first": 6.0, "next": 15.0}
"""At 256 px: how many times faster than a forward of CLIPSeg."""
_TWIN = "photos"
_SMALL = "256 px"


@dataclass(frozen=True)
class Plan:
    """How long it takes."""

    sizes: tuple[str, ...]
    rounds: int
    """At the smallest size; a third of it at the others."""
    cold_rounds: int

    @classmethod
    def of(cls, quick: bool) -> Plan:
        """All of it, or what can be had in less than a minute."""
        return cls(tuple(SIZES)[:1], 5, 2) if quick else cls(tuple(SIZES), 21, 5)


def run(plan: Plan, clock: str, threads: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Measure everything.

    Args:
        plan: how much of it.
        clock: one of `CLOCKS`.
        threads: of each network; 0 for as many as there are processor cores.
        tell: is told what is measured.
    """
    threads = threads or os.cpu_count() or 1
    torch.set_num_threads(threads)
    editors = {name: Editor.from_pretrained(name, "cpu", threads=threads) for name in ASKED}
    ours: dict[str, Any] = {name: {} for name in ASKED}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        taken: dict[str, dict[str, np.ndarray]] = {}
        clipseg, unet = rivals.clipseg(), rivals.UNet().eval()
        beside = {"clipseg": rivals.clipseg_forward(clipseg)}
        for size in plan.sizes:
            tell(f"edits at {size}")
            small = size == _SMALL
            works = dict(_edits(editors, size)) | beside
            if small:
                # Both by torch, so that no graphs have to be made.
                for label, of in (("own", _TWIN), ("twin", rivals.twin(_TWIN, folder / "twin"))):
                    works |= dict(_networks(_TWIN, Editor.from_pretrained(of, "cpu", "torch", threads), label))
                works |= {"unet": rivals.unet_forward(unet), "matmul": limits.matmul(), "copy": limits.copy()}
            taken[size] = in_turn(works, plan.rounds if small else max(3, plan.rounds // 3), 2 if small else 1, clock)
        tell("commands from a cold start")
        commands = {(n, size): Command(n, size, folder, threads) for n in ASKED for size in plan.sizes}
        cold = in_turn({f"{n} {size}": c.work() for (n, size), c in commands.items()}, plan.cold_rounds, 1, clock)
        tell("memory")
        peak = {key: command.peak_mib() for key, command in commands.items()}
        tell("sentences at once")
        together = {name: _throughput(editors[name], name, plan.rounds // 3, clock) for name in ASKED}
    for name, own in ours.items():
        for size in plan.sizes:
            times = taken[size]
            first, following = times[f"{name} first"], times[f"{name} next"]
            own[size] = {
                "clipseg_over_first": ratio(times["clipseg"], first),
                "clipseg_over_next": ratio(times["clipseg"], following),
                "next_over_first": ratio(following, first),
                "first": milliseconds(first),
                "next": milliseconds(following),
                "command": milliseconds(cold[f"{name} {size}"]),
                "peak_mib": peak[name, size],
            }
    small_times = taken[_SMALL]
    figures = {
        "goals": {
            kind: {"goal": goal}
            | {n: _reached(own[_SMALL][f"clipseg_over_{kind}"]["ratio"], goal) for n, own in ours.items()}
            for kind, goal in GOALS.items()
        },
        "models": ours,
        "rivals": {
            "clipseg": milliseconds(small_times["clipseg"]) | _weights(clipseg),
            "unet": milliseconds(small_times["unet"]) | _weights(unet),
            "unet_over_flowers_first": ratio(small_times["unet"], small_times["flowers first"]),
            "unet_over_flowers_next": ratio(small_times["unet"], small_times["flowers next"]),
            "photos_over_twin_first": ratio(small_times["own first"], small_times["twin first"]),
            "photos_over_twin_next": ratio(small_times["own next"], small_times["twin next"]),
        },
        "at_once": together,
        "limits": _limits(small_times, threads),
    }
    return figures | {"clock": clock, "threads": threads, "rounds": plan.rounds, "provenance": _machine()}


def _edits(editors: dict[str, Editor], size: str) -> Iterator[tuple[str, Work]]:
    """Opening a decoded image with a first edit, and the next edit of it."""
    for name, editor in editors.items():
        picture, said = ASKED[name].picture(size), cycle(ASKED[name].sentences)
        yield f"{name} first", lambda e=editor, p=picture, s=said: e.set_image(p).edit(next(s))  # type: ignore[misc]
        other = Editor(editor.runtime, editor.card).set_image(picture)
        yield f"{name} next", lambda e=other, s=said: e.edit(next(s))  # type: ignore[misc]


def _networks(model: str, editor: Editor, label: str) -> Iterator[tuple[str, Work]]:
    """What the network alone does for a first and for a next sentence."""
    runtime, seen = editor.runtime, network_input(editor, ASKED[model].picture(_SMALL))
    ids = ASKED[model].several(runtime)[0]
    encoded = runtime.encode_image(seen)[0]
    yield f"{label} first", lambda: runtime.fuse(runtime.encode_image(seen)[0], runtime.encode_sentence(ids))
    yield f"{label} next", lambda: runtime.fuse(encoded, runtime.encode_sentence(ids))


def network_input(editor: Editor, picture: Any) -> Any:
    """What an editor gives its runtime for an image."""
    runtime, seen = editor.runtime, []
    encode = runtime.encode_image

    def watched(image: Any, wraps: bool = False) -> Any:
        seen.append(image)
        return encode(image, wraps)

    runtime.encode_image = watched  # type: ignore[method-assign]
    try:
        editor.set_image(picture)
    finally:
        runtime.encode_image = encode  # type: ignore[method-assign]
    return seen[0]


def _throughput(editor: Editor, model: str, rounds: int, clock: str) -> dict[str, Any]:
    """Sentences or phrases a second by how many are fused at once, over one at a time."""
    runtime, ids = editor.runtime, ASKED[model].several(editor.runtime)
    encoded = runtime.encode_image(network_input(editor, ASKED[model].picture(_SMALL)))[0]
    works = {str(n): partial(runtime.fuse_phrases, encoded, ids[:n]) for n in BATCHES}
    each = {n: seconds / int(n) for n, seconds in in_turn(works, max(3, rounds), 1, clock).items()}
    return {n: ratio(each["1"], own) | {"per_second": round(float(np.median(1 / own)), 1)} for n, own in each.items()}


def _limits(times: dict[str, np.ndarray], threads: int) -> dict[str, Any]:
    """What the machine can do at most, and which share of it models use at 256 px."""
    peak, shares = limits.MATMUL_FLOPS / times["matmul"], {}
    for name, asked in ASKED.items():
        editor = Editor.from_pretrained(name, "cpu", "torch", threads).set_image(asked.picture(_SMALL))
        once = limits.flops(lambda e=editor, a=asked: e.edit(a.sentences[0]))  # type: ignore[misc]
        opened = limits.flops(lambda e=editor, a=asked: e.set_image(a.picture(_SMALL)).edit(a.sentences[0]))  # type: ignore[misc]
        shares[name] = {
            "first_gflop": round(opened / 1e9, 4),
            "next_gflop": round(once / 1e9, 4),
            "first_share": round(float(np.median(opened / times[f"{name} first"] / peak)), 4),
            "next_share": round(float(np.median(once / times[f"{name} next"] / peak)), 4),
        }
    return {
        "matmul_gflop_per_second": round(float(np.median(peak)) / 1e9, 1),
        "copy_gb_per_second": round(float(np.median(2 * limits.COPIED / times["copy"])) / 1e9, 2),
        "models": shares,
    }


def _reached(value: float, goal: float) -> dict[str, Any]:
    return {"ratio": value, "met": value >= goal}


def _weights(network: torch.nn.Module) -> dict[str, float]:
    return {"million_weights": round(sum(p.numel() for p in network.parameters()) / 1e6, 1)}


def _machine() -> dict[str, Any]:
    import transformers

    return machine() | {"transformers": transformers.__version__, "load": round(os.getloadavg()[0], 1)}
