"""CoSaL measured: the published protocol, other words, chains of references, and termination."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from lbie.errors import InputError
from lbie.evaluation.cosal_attention import draw_attention
from lbie.evaluation.cosal_goals import PUBLISHED, goals
from lbie.evaluation.cosal_plots import plot_hops, plot_stopping, plot_tradeoff
from lbie.evaluation.cosal_scores import ask
from lbie.evaluation.cosal_suites import (
    DIRECT_COUNTS,
    SEED,
    direct_figures,
    make_exam,
    mean_over_direct,
    readings,
    reference_figures,
)
from lbie.evaluation.cosal_tables import print_cosal
from lbie.evaluation.cosal_termination import STEPS, termination_figures
from lbie.evaluation.cosal_worst import WorstWorlds
from lbie.evaluation.report import machine, write_figures
from lbie.model.editing_model import EditingModel
from lbie.registry import resolve_model

GENERATOR = "CoSaL, generator 1, seed 0"


def evaluate(
    model: str,
    rivals: dict[str, str],
    output: Path,
    pictures: Path,
    limit: int | None = None,
    split: str = "test",
) -> dict[str, Any]:
    """Measure, print, write `output` and draw into `pictures`; returns the figures.

    Args:
        model: name or folder of the model.
        rivals: models of the published sizes, by the keys of `cosal_goals.PUBLISHED`; measured on `paper` alone. Where
            a name holds `{direct}`, there is a model for each number of direct sentences.
        output: JSON file to write.
        pictures: folder of the pictures to write.
        limit: use only so many worlds of each suite.
        split: `test`, or `val` to choose between models.

    Raises:
        InputError: there is no such model, or it does not colour shapes.
    """
    network = load_shapes_model(model)
    worst = WorstWorlds()
    paper = direct_figures(network, "paper", split, limit, model, seen=worst.add)
    wording = direct_figures(network, "wording", split, limit, model, seen=worst.add)
    exam = make_exam(network, "chain", split, limit)
    answers = ask(network, exam, max_steps=STEPS, title=f"{model}: chain")
    worst.add_chains(answers, exam)
    figures: dict[str, Any] = {
        "model": model,
        "split": split,
        "worlds": len(exam),
        "parameters": sum(p.numel() for p in network.parameters()),
        "provenance": machine() | {"data": GENERATOR, "seed": SEED, "threads": torch.get_num_threads()},
        "paper": {"published": PUBLISHED, "model": paper, "rivals": _rivals(rivals, split, limit)},
        "wording": {"by_direct": wording, "mean": mean_over_direct(wording)},
        "chain": readings(answers, exam)
        | {"worlds_sha256": exam.digest(), "references": reference_figures(answers, exam)},
        "termination": termination_figures(network, exam, answers),
    }
    figures["goals"] = [asdict(goal) for goal in goals(figures)]
    write_figures(output, figures)
    pictures.mkdir(parents=True, exist_ok=True)
    plot_hops(figures, pictures / "hops.png")
    plot_stopping(figures, pictures / "stopping.png")
    plot_tradeoff(figures, pictures / "tradeoff.png")
    draw_attention(network, split, pictures / "attention.png")
    worst.draw(pictures / "worst.png")
    print_cosal(figures)
    return figures


def load_shapes_model(name: str) -> EditingModel:
    """Load a model by name or folder.

    Raises:
        InputError: there is no such model, or it does not colour shapes.
    """
    model = EditingModel.load_folder(resolve_model(name))
    if model.config.task != "shapes":
        raise InputError(f"the model '{name}' does not colour shapes: its task is '{model.config.task}'")
    return model


def _rivals(names: dict[str, str], split: str, limit: int | None) -> dict[str, Any]:
    """Readings of the models of the published sizes at each number of direct sentences."""
    found: dict[str, Any] = {}
    for key, name in names.items():
        found[key] = {"model": name}
        counts = DIRECT_COUNTS[1:] if "{direct}" in name else DIRECT_COUNTS
        for direct in counts:
            network = load_shapes_model(name.replace("{direct}", str(direct)))
            found[key] |= direct_figures(network, "paper", split, limit, name, counts=(direct,))
    return found
