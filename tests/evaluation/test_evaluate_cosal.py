from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lbie.data.cosal import generate
from lbie.data.cosal.shapes import KINDS
from lbie.evaluation.cosal_attention import WANTED, find_examples, path_of, read_shape
from lbie.evaluation.cosal_goals import Goal, goals
from lbie.evaluation.cosal_scores import Answers, Exam
from lbie.evaluation.cosal_suites import reference_figures, reference_means
from lbie.evaluation.cosal_worst import WorstWorlds
from lbie.model.editing_model import EditingModel

LIMIT = 8
RED = 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cosal")


def test_evaluate(
    cli: Callable[..., tuple[int, str, str]], shapes_model: EditingModel, folder: Path, tmp_path: Path
) -> None:
    shapes_model.save_pretrained(tmp_path / "four-4")
    for direct in ("6", "9"):
        (tmp_path / f"four-{direct}").symlink_to(tmp_path / "four-4")
    output, pictures = folder / "new" / "cosal.json", folder / "pictures"
    code, out, err = cli(
        *("evaluate", "cosal", "--model", tmp_path / "four-4", "--limit", LIMIT, "-o", output, "--figures", pictures),
        *("--paper-one", tmp_path / "four-4", "--paper-four", tmp_path / "four-{direct}"),
    )
    assert code == 0, err
    assert "0.5033" in out and "not met" in out and "Spearman" in out
    figures = json.loads(output.read_text())
    assert figures["worlds"] == LIMIT and figures["split"] == "test"
    assert {"commit", "hardware", "seed", "data", "threads"} <= set(figures["provenance"])
    paper = figures["paper"]
    assert list(paper["model"]) == ["1", "4", "6", "9"] and len(paper["model"]["4"]["worlds_sha256"]) == 64
    assert set(paper["rivals"]) == {"paper_one", "paper_four"}
    assert paper["rivals"]["paper_one"]["1"] == paper["model"]["1"]
    assert "1" not in paper["rivals"]["paper_four"] and paper["rivals"]["paper_four"]["9"] == paper["model"]["9"]
    mean = np.mean([w["by_shape"]["value"] for w in figures["wording"]["by_direct"].values()])
    assert figures["wording"]["mean"]["by_shape"] == pytest.approx(mean, abs=1e-4)
    references = figures["chain"]["references"]
    assert sum(r["worlds"] for r in references.values()) == LIMIT
    assert sum(h["shapes"] for r in references.values() for h in r["by_hops"].values()) == 9 * LIMIT
    termination = figures["termination"]
    assert list(termination["fixed_steps"]) == [str(n) for n in range(1, 9)]
    assert [f["mean_steps"] for f in termination["fixed_steps"].values()] == list(range(1, 9))
    assert list(termination["by_stop_probability"]) == [f"0.{n}" for n in range(2, 10)]
    means = [f["mean_steps"] for f in termination["by_stop_probability"].values()]
    assert means == sorted(means)
    assert set(termination["compute"]) == {"batch_1", "batch_250"}
    for compute in termination["compute"].values():
        assert compute["a_world"]["8"]["updates"] == 72
        assert compute["saved"]["updates"] == pytest.approx(1 - compute["a_world"]["gates"]["updates"] / 72, abs=1e-3)
    assert {g["name"] for g in figures["goals"] if g["name"].startswith("paper")} == {
        f"paper, {d} direct" for d in (1, 4, 6, 9)
    }
    for name in ("hops", "stopping", "tradeoff", "attention", "worst"):
        with Image.open(pictures / f"{name}.png") as picture:
            assert min(picture.size) > 200, name


def test_model_of_another_task(cli: Callable[..., tuple[int, str, str]], tiny_model: Path, tmp_path: Path) -> None:
    code, _, err = cli("evaluate", "cosal", "--model", tiny_model, "--limit", 2, "-o", tmp_path / "a.json")
    assert code == 2 and "does not colour shapes" in err and not (tmp_path / "a.json").exists()


def test_references_named_and_spatial_apart(shapes_model: EditingModel) -> None:
    exam = Exam.of(generate("chain", "test", 40), shapes_model.vocabulary, 64)
    classes = exam.classes.copy()
    classes[exam.spatial] = 6  # nothing of the spatial ones
    answers = Answers(classes, np.ones((40, 3, 3), np.uint8), 0)
    found = reference_figures(answers, exam)
    assert found["named"]["1_to_4"] == found["named"]["5_and_6"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert {h["value"] for h in found["spatial"]["by_hops"].values()} == {0.0}
    assert found["named"]["worlds"] == (~exam.spatial).sum()
    means = reference_means(answers, exam)
    assert means["named_5_and_6"] == 1.0 and means["spatial_1_to_4"] == 0.0


def test_goals_are_met_by_perfect_figures() -> None:
    one = {"value": 1.0, "low": 1.0, "high": 1.0}
    read = {"by_colour": one, "by_shape": one}
    references = {"by_hops": {str(h): one for h in range(7)}, "1_to_4": one, "5_and_6": one}
    plain = {"by_colour": 1.0, "by_shape": 1.0}
    figures: dict[str, Any] = {
        "paper": {"model": dict.fromkeys(("1", "4", "6", "9"), read)},
        "wording": {"by_direct": {"4": read}},
        "chain": {"references": {"named": references, "spatial": dict(references)}},
        "termination": {
            "stopping": {"spearman": {"all": 0.8}},
            "compute": {"batch_1": {"saved": {"multiply_adds": 0.35, "fusion_time": 0.35}}},
            "gates": plain,
            "fixed_steps": {"8": {"by_colour": 1.003, "by_shape": 0.997}},
        },
    }
    assert [g.name for g in goals(figures) if not g.met] == []
    figures["paper"]["model"]["9"] = {"by_colour": {"value": 0.9979}}
    references["by_hops"]["6"] = {"value": 0.9}
    figures["termination"]["stopping"]["spearman"]["all"] = None
    assert [g.name for g in goals(figures) if not g.met] == [
        "paper, 9 direct",
        "chain, named, 5 and 6 hops, the lowest",
        "stopping step and hops, Spearman",
    ]
    assert Goal.at_least("a", 0.5, None) == Goal("a", "≥ 0.5", None, False)


def test_examples_are_as_wanted() -> None:
    found = find_examples("test")
    assert len(found) == len(WANTED)
    for (world, kind), (_, references, form, hops) in zip(found, WANTED, strict=True):
        path = path_of(world.programme, kind)
        assert world.hops[kind] == hops and world.references == references
        assert world.programme[path[0]].target == kind and world.programme[path[0]].form is form
        assert world.programme[path[-1]].colour == world.colours[kind]
        assert len(path) == (hops + 1 if references != "none" else 1)


def test_attention_of_a_shape_sums_to_one(shapes_model: EditingModel) -> None:
    for world, kind in find_examples("val"):
        reading = read_shape(shapes_model, world, kind)
        assert reading.attention.shape == (round(reading.stopped), 9)
        assert reading.attention.sum(1) == pytest.approx(1, abs=1e-4)


def test_worst_worlds_say_what_is_wrong(shapes_model: EditingModel) -> None:
    exam = Exam.of(generate("chain", "test", 12), shapes_model.vocabulary, 64)
    row = int(np.flatnonzero(exam.spatial)[1])
    kind = int(np.flatnonzero(exam.colours[row] != RED)[0])
    classes = exam.classes.copy()
    classes[row][exam.shapes[row] == kind] = RED
    worst = WorstWorlds()
    worst.add_chains(Answers(classes, np.full((12, 3, 3), 5, np.uint8), 0), exam)
    assert len(worst.found) == 1
    found = worst.found[0]
    assert f"spatial: world {row}," in found.title and found.sentences == exam.sentences[row]
    assert len(found.faults) == 1 and KINDS[kind] in found.faults[0]
    assert "not red" in found.faults[0] and "stopped at step 5" in found.faults[0]
