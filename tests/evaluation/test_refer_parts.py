from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from drawn_scenes import DrawnScenes
from lbie.data.scene import Instance, Phrase, Scene
from lbie.evaluation.answers import Answer, answers, ask, is_right, look
from lbie.evaluation.photo_ratio import PhotoRatio
from lbie.evaluation.refer import evaluate
from lbie.evaluation.refer_baselines import baseline_masks, best_box, box_mask
from lbie.evaluation.refer_exam import generated
from lbie.evaluation.refer_groups import groups, place_of
from lbie.evaluation.refer_measure import Sample
from lbie.language.refer.templates import RELATIONS
from lbie.training.recipe import load_recipe
from segmenters import drawn_exam, tiny_segmenter

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def part(rows: slice, columns: slice, size: tuple[int, int] = (40, 80)) -> np.ndarray:
    mask = np.zeros(size, bool)
    mask[rows, columns] = True
    return mask


def scene(*things: tuple[str, np.ndarray]) -> Scene:
    return Scene("a", np.zeros((40, 80, 3), np.uint8), tuple(Instance(kind, mask) for kind, mask in things))


LEFT, RIGHT, ALL = part(slice(10, 20), slice(0, 20)), part(slice(10, 30), slice(60, 80)), part(slice(40), slice(80))
TWO = scene(("cat", LEFT), ("cat", RIGHT), ("dog", ALL))


@pytest.mark.parametrize("size", [(40, 80), (60, 30), (48, 48)])
def test_best_box_is_that_of_centred_masks(size: tuple[int, int]) -> None:
    mask = box_mask(size, (0.5, 0.25))
    assert best_box([mask, mask]) == pytest.approx((0.5, 0.25), abs=0.05)
    assert best_box([np.ones(size, bool)]) == (1.0, 1.0) and best_box([]) is None


def test_baselines() -> None:
    found = baseline_masks(TWO, Phrase("left cat", 0), (1.0, 0.5), complete=True)
    np.testing.assert_array_equal(found["union of the named kind (oracle)"], LEFT | RIGHT)
    np.testing.assert_array_equal(found["largest of the named kind (oracle)"], RIGHT)
    assert found["union of all instances"].all() and found["whole image"].all()
    assert found["best centred box"].mean() == 0.5
    assert set(baseline_masks(TWO, Phrase("a", 0), None, complete=False)) == {"whole image"}


def test_right_among_its_kind() -> None:
    assert is_right(TWO, 0, LEFT) is True and is_right(TWO, 0, RIGHT) is False
    assert is_right(TWO, 0, LEFT & False) is False  # nothing is no better than another
    assert is_right(TWO, 2, LEFT) is None
    assert is_right(scene(("", LEFT), ("", RIGHT)), 0, LEFT) is None


def test_ratio_over_photos() -> None:
    one, other = PhotoRatio(), PhotoRatio()
    assert one.interval() is None and one.minus(other) is None
    for photo, above in (("a", 1.0), ("a", 0.0), ("b", 1.0)):
        one.add(photo, above)
        other.add(photo, above / 2)
    assert one.interval()["value"] == pytest.approx(2 / 3, abs=1e-4)  # type: ignore[index]
    less = one.minus(other)
    assert less and less["value"] == pytest.approx(1 / 3, abs=1e-4) and less["low"] == 0.25 and less["high"] == 0.5
    assert one.minus(one) == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_ratio_of_photos_that_differ() -> None:
    one, other = PhotoRatio(), PhotoRatio()
    for i in range(6):
        one.add(f"{i}", 1.0)
        other.add(f"{i + 3}", 0.0)
    assert one.minus(other) == {"value": 1.0, "low": 1.0, "high": 1.0}


def test_groups() -> None:
    assert groups(TWO, Phrase("x", None, "none")) == {}
    assert groups(TWO, Phrase("left cat", 0)) == {"kind": "human", "size": "2 to 10 %", "category": "animal"}
    found = groups(TWO, Phrase("left cat", 1, "side", 0, "side/loose:h/{s} {n}"))
    assert found["place"] == "side: left or right" and found["hops"] == "0" and found["size"] == "10 % and more"
    assert "category" not in groups(scene(("", LEFT)), Phrase("x", 0))


@pytest.mark.parametrize("relation", RELATIONS)
def test_place_of_a_relation(relation: str) -> None:
    for words in RELATIONS[relation]:
        place = place_of(Phrase(f"the cat {words} the dog", 0, "relation", 1, "relation/related/a"))
        assert place is not None
        if relation in ("above", "below"):
            assert place == "relation: above or below"
        if relation in ("left of", "right of"):
            assert place == "relation: left or right of", words
    assert place_of(Phrase("a", 0, "relation", 2, "relation/chained/a")) is None
    assert place_of(Phrase("a", 0, "order", 0, "order/middle/a")) == "order"


def test_sample_is_even_and_bounded() -> None:
    times = np.zeros(20)
    given = [Answer(TWO, Phrase(str(i), None), np.zeros((1, 1)), 0.5, np.ones((1, 1), int)) for i in range(20)]
    for seed in range(300):
        sample = Sample(5, seed)
        for answer in given:
            sample.add(answer)
        assert len({a.phrase.text for a in sample.kept}) == 5
        times[[int(a.phrase.text) for a in sample.kept]] += 1
    assert times.min() > 45 and times.max() < 110


def test_asked_one_by_one_or_together() -> None:
    model = tiny_segmenter()
    drawn = DrawnScenes(64).draw(np.random.default_rng(0))
    phrases = [*generated(drawn)[0], Phrase("zyzzyva", 0), *generated(drawn)[2]]
    phrases = (phrases * 5)[:40]
    together = answers(model, drawn, phrases)
    features = look(model, drawn.image)
    for answer, phrase in list(zip(together, phrases, strict=True))[:12]:
        alone = ask(model, features, drawn, [phrase])[0]
        np.testing.assert_allclose(alone.probability, answer.probability, atol=1e-4)
        np.testing.assert_array_equal(alone.stops, answer.stops)
    forced = ask(model, features, drawn, phrases, force_steps=3)
    assert {int(a.stops.min()) for a in forced if a.phrase.text != "zyzzyva"} == {3}
    unknown = next(a for a in together if a.phrase.text == "zyzzyva")
    assert unknown.presence == 0 and not unknown.mask.any() and not unknown.refined.any()
    same = {
        a.logits.tobytes()
        for a in ask(model, features, drawn, [Phrase("red box", 0), Phrase("the bar", 0)], blank=True)
    }
    assert len(same) == 1


@pytest.fixture
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def script(name: str) -> ModuleType:
    return importlib.import_module(name)


@pytest.mark.usefixtures("benchmarks")
def test_every_variant_is_a_recipe() -> None:
    found = script("refer_ablations")
    loaded = {name: found._recipe(name, 300) for name in found.VARIANTS}
    assert len({str(recipe) for recipe in loaded.values()}) == len(loaded)
    assert (
        loaded["one step, no attention"].model.max_steps == 1 and not loaded["one step, no attention"].model.attention
    )
    assert all(recipe.validate_every == recipe.epochs for recipe in loaded.values())


@pytest.mark.usefixtures("benchmarks")
@pytest.mark.parametrize("steps", [1, 3, 10, 781, 3600])
def test_budget_of_scenes_comes_to_the_steps(steps: int) -> None:
    recipe = load_recipe("photos")
    found = script("budget").scene_budget(recipe, steps)
    assert found["segment.scenes"] // recipe.batch_size * found["epochs"] == pytest.approx(steps, abs=recipe.epochs / 2)
    assert found["epochs"] <= recipe.epochs


@pytest.mark.usefixtures("benchmarks")
def test_text_of_the_readme(tmp_path: Path) -> None:
    tiny_segmenter().save_pretrained(tmp_path / "tiny")
    evaluate(
        str(tmp_path / "tiny"), {"T = 1": str(tmp_path / "tiny")}, drawn_exam(), tmp_path / "a.json", tmp_path / "a.png"
    )
    figures = json.loads((tmp_path / "a.json").read_text())
    own = figures["rows"]["model"]
    run = {key: own[key] for key in ("overall_iou", "mean_iou", "right_instance")}
    run |= {"precision_at_half": own["precision"]["0.5"], "over_blanked": None, "presence": None, "split": "val"}
    text = script("readme_photos").photos_text(figures, {"minutes": 15, "variants": {"full": run}})
    assert "needs the photos: not run" in text and "COCO photos: T = 1" in text and "| full |" in text
    assert all(line.count("|") > 3 for line in text.splitlines() if line.startswith("|"))
