"""The sketch model measured: free drawings, any colour, and CoSaL's suites beside the weights `cosal`."""

from __future__ import annotations

from itertools import tee
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from lbie.data.cosal.free import FREE_SUITES, UNTOUCHED, generate_free
from lbie.data.cosal.free.sheet import draw_free_sheet
from lbie.data.cosal.worlds import SPLITS, generate
from lbie.evaluation.cosal import load_shapes_model
from lbie.evaluation.cosal_scores import Answers, Exam, ask, colour_ratios
from lbie.evaluation.cosal_suites import SEED
from lbie.evaluation.free_scores import FreeScores, colour_differences
from lbie.evaluation.ratios import Ratios
from lbie.evaluation.report import interval, machine, write_figures
from lbie.evaluation.sketch_answers import answer_sketches, cosal_classes, load_sketch_model, painted
from lbie.evaluation.sketch_sheet import draw_worst
from lbie.evaluation.sketch_tables import print_sketch
from lbie.model.editing_model import EditingModel

GENERATOR = "free drawings, generator 1, seed 0"
WORLDS = 1_000
"""Worlds of each suite that are measured where nothing else is asked for."""
BY_HAND = 30
"""Drawings by hand that are all drawn."""
COSAL = ("paper", "wording", "chain")


def evaluate(
    model: str, reference: str, output: Path, pictures: Path, limit: int | None = None, split: str = "test"
) -> dict[str, Any]:
    """Measure, print, write `output` and draw into `pictures`; returns the figures.

    Args:
        model: name or folder of the model.
        reference: that of the model of CoSaL alone.
        output: JSON file to write.
        pictures: folder of the pictures to write.
        limit: worlds of each suite (None: 1,000).
        split: `test`, or `val` to choose between models.

    Raises:
        InputError: there is no such model, or it does not colour sketches.
    """
    network, other = load_sketch_model(model), load_shapes_model(reference)
    count = min(limit or WORLDS, SPLITS[split])
    pictures.mkdir(parents=True, exist_ok=True)
    figures: dict[str, Any] = {
        "model": model,
        "split": split,
        "worlds": count,
        "parameters": sum(p.numel() for p in network.parameters()),
        "provenance": machine() | {"data": GENERATOR, "seed": SEED},
        "free": {},
        "cosal": {},
    }
    for suite in FREE_SUITES:
        figures["free"][suite] = _free(network, suite, split, count, pictures / f"worst-{suite}.png")
    figures["by_hand"] = _by_hand(network, split, pictures / "by-hand.png")
    for suite in COSAL:
        figures["cosal"][suite] = _cosal(network, other, suite, split, count)
    write_figures(output, figures)
    print_sketch(figures)
    return figures


def _free(model: EditingModel, suite: str, split: str, count: int, worst: Path) -> dict[str, Any]:
    """Figures of a suite of free drawings; its worst answers are drawn."""
    bar = tqdm(generate_free(suite, split, count), desc=suite, total=count, unit="drawing", disable=None, leave=False)
    worlds, asked = tee(bar)
    scored, answered, told, steps = [], [], [], []
    for world, answer in zip(worlds, answer_sketches(model, ((w.source, w.sentences) for w in asked)), strict=True):
        steps.append(answer.steps)
        out, known = painted(answer, world)
        scored.append((known, out))
        answered.append(answer)
        if suite.startswith("palette"):
            away = colour_differences(answer.pieces.paint(answer.colours), world)
            on = world.told != UNTOUCHED
            held = np.array([world.mentions[by].held_out for by in world.told_by[on] if world.mentions[by]], bool)
            direct = np.array([world.mentions[by] is not None for by in world.told_by[on]], bool)
            told.append((away[on], away[on][direct], held))
    scores = FreeScores.of([w for w, _ in scored], [p for _, p in scored])
    found: dict[str, Any] = {"average": _mean(scores.average())}
    for name, groups in (
        ("by_sentence", scores.by_form()),
        ("by_manner", scores.by_manner()),
        ("by_shapes", scores.by_count()),
        ("by_hops", scores.by_hops()),
    ):
        found[name] = {key: _mean(ratios) for key, ratios in groups.items()}
    if told:
        found["delta_e"] = _differences(told)
    found["mean_steps"] = round(float(np.concatenate(steps).mean()), 3)
    draw_worst([w for w, _ in scored], answered, scores, worst)
    return found


def _by_hand(model: EditingModel, split: str, path: Path) -> dict[str, Any]:
    """Figures of the first thirty drawings of `hand`, all of which are drawn."""
    worlds = list(generate_free("hand", split, BY_HAND))
    answers = list(answer_sketches(model, ((w.source, w.sentences) for w in worlds)))
    known = [painted(answer, world) for answer, world in zip(answers, worlds, strict=True)]
    scores = FreeScores.of([w for _, w in known], [p for p, _ in known])
    draw_free_sheet(worlds, 2, [answer.pieces.paint(answer.colours) for answer in answers]).save(path)
    whole = [all(part.iou > 0.8 for part in parts) for parts in scores.parts]
    return {"drawings": len(worlds), "average": _mean(scores.average()), "right_in_all": sum(whole)}


def _mean(ratios: Ratios) -> dict[str, float]:
    return ratios.interval(SEED)


def _differences(told: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> dict[str, Any]:
    """Mean CIEDE2000 over told shapes; of those told by a name, seen in training or not."""
    every = np.concatenate([a for a, _, _ in told])
    direct, held = np.concatenate([d for _, d, _ in told]), np.concatenate([h for _, _, h in told])
    return {
        "all": interval(every),
        "names_seen": interval(direct[~held]),
        "names_held_out": interval(direct[held]),
        "median": round(float(np.median(every)), 4),
        "shapes": len(every),
    }


def _cosal(model: EditingModel, reference: EditingModel, suite: str, split: str, count: int) -> dict[str, Any]:
    """IoU by colour (reading a), beside that of the model of CoSaL."""
    worlds = list(generate(suite, split, count))
    answers = list(answer_sketches(model, ((w.source, w.sentences) for w in worlds)))
    exam = Exam.of(worlds, reference.vocabulary, reference.config.max_words)
    classes = np.stack([cosal_classes(answer, world) for answer, world in zip(answers, worlds, strict=True)])
    own = Answers(classes, np.zeros((len(worlds), 1, 1), np.uint8), 0)
    theirs = ask(reference, exam)
    return {
        "by_colour": colour_ratios(own, exam).interval(SEED),
        "reference": colour_ratios(theirs, exam).interval(SEED),
        "mean_steps": round(float(np.concatenate([a.steps for a in answers]).mean()), 3),
    }
