from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from drawn import COLOURS


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Figures and sheet."""
    folder = tmp_path_factory.mktemp("evaluation") / "new"
    return folder / "flowers.json", folder / "sheets" / "flowers.png"


def run(cli: Any, model: Path, flowers: Path, places: tuple[Path, Path], *more: Any) -> tuple[int, str, str]:
    return cli(
        *("evaluate", "flowers", "--model", model, "--data", flowers.parent),
        *("-o", places[0], "--sheet", places[1], *more),
    )


def test_evaluate(
    cli: Callable[..., tuple[int, str, str]], tiny_model: Path, drawn_flowers: Path, places: tuple[Path, Path]
) -> None:
    rivals = ("--twin", tiny_model, "--before", tiny_model, "--judge", places[0].parent)
    code, out, err = run(cli, tiny_model, drawn_flowers, places, *rivals)
    assert code == 0, err
    assert "own caption" in out and "mean steps" in out and "part control" in out
    assert "consistency is not measured" in err
    figures = json.loads(places[0].read_text())
    assert figures["photos"] == 8 and figures["provenance"]["seed"] == 0
    errors = figures["ab_error"]
    assert set(errors) == {
        *("gray", "own_caption", "other_caption", "own_over_gray", "other_over_gray"),
        *("twin", "twin_over_gray", "own_over_twin"),
        *("without_mirror_over_gray", "own_over_without_mirror"),
    }
    assert errors["own_over_twin"] == {"value": 1.0, "low": 1.0, "high": 1.0}  # the same model
    assert errors["own_over_gray"]["value"] < 0.8
    assert errors["own_caption"]["value"] < 0.9 * errors["other_caption"]["value"]
    control = figures["control"]
    assert set(control["by_colour"]) == set(control["prototypes_ab"]) == set(COLOURS)
    assert control["true_photos_overall"] == 1.0
    assert control["overall"]["value"] > 0.7
    for colour, found in control["by_colour"].items():
        assert found["true_photos_n"] == 2
        assert sum(control["mistaken_for"][colour].values()) == round(8 * (1 - found["value"]))
    thirty = figures["control_thirty"]
    assert len(thirty["by_colour"]) == 30 and thirty["gray_overall"] == pytest.approx(1 / 30, abs=1e-4)
    parts = figures["parts"]
    assert parts["by_pair"].keys() == {"white, red", "red, yellow", "yellow, red", "blue, yellow"}
    assert parts["true_photos"] is None and parts["gray"] == {"petals": 0.25, "centre": 0}
    similarity = figures["similarity"]
    assert similarity["true_photos"]["psnr"] is None and similarity["true_photos"]["ssim"]["value"] == 1
    assert similarity["gray"]["colourfulness"]["value"] == 0 < similarity["own_caption"]["colourfulness"]["value"]
    assert figures["bleeding"]["outside_over_before"] == {"value": 1.0, "low": 1.0, "high": 1.0}  # the same model
    assert figures["unexplained_edges"]["gray"]["strength"]["value"] == 0
    quality = figures["quality"]
    assert quality["photos_a_half"] == 4 and quality["fid"]["true_photos"]["value"] > 0
    assert "consistency" not in figures
    gates = figures["gates"]
    assert sum(gates["share_by_step"].values()) == pytest.approx(1, abs=1e-3)
    assert set(gates["share_by_step"]) == set(gates["fixed_steps_over_gray"]) == {"1", "2", "3"}
    assert 1 <= gates["mean_steps"] <= 3 and gates["best_fixed_steps"] in (1, 2, 3)
    assert all(0 <= f["warned"] <= 1 for f in figures["domain"].values())
    sheet = np.asarray(Image.open(places[1]))
    assert sheet.shape[1] == (3 + len(COLOURS)) * 128 and sheet.std() > 20
    assert np.asarray(Image.open(places[1].with_name("flowers-gallery.png"))).shape[1] == 6 * 128


def test_limit(cli: Callable[..., tuple[int, str, str]], tiny_model: Path, drawn_flowers: Path, tmp_path: Path) -> None:
    code, _, err = run(cli, tiny_model, drawn_flowers, (tmp_path / "a.json", tmp_path / "a.png"), "--limit", "3")
    assert code == 0, err
    figures = json.loads((tmp_path / "a.json").read_text())
    assert figures["photos"] == 3 and "twin" not in figures["ab_error"]
    assert figures["quality"] is None and "outside_before" not in figures["bleeding"]


def test_no_model_or_data_is_a_usage_error(
    cli: Callable[..., tuple[int, str, str]], tiny_model: Path, drawn_flowers: Path, tmp_path: Path
) -> None:
    places = tmp_path / "a.json", tmp_path / "a.png"
    for model, flowers in ((tmp_path, drawn_flowers), (tiny_model, tmp_path / "nowhere" / "flowers")):
        code, _, err = run(cli, model, flowers, places)
        assert code == 2 and str(tmp_path) in err
    assert not any(p.exists() for p in places)
