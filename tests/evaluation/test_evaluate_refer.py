from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lbie.data.refer_sets import open_sets
from lbie.data.scene import Phrase
from lbie.errors import InputError
from lbie.evaluation.refer import evaluate
from lbie.evaluation.refer_exam import Asked, generated_exam
from lbie.evaluation.refer_goals import goals
from lbie.evaluation.refer_human import draw_human, human_phrases
from lbie.evaluation.refer_tables import NOT_RUN, PUBLISHED
from referred_drawn import photo, write_phrases, write_refcoco, write_referit
from segmenters import drawn_exam, oracle, tiny_segmenter

Cli = Callable[..., tuple[int, str, str]]


def one(figure: dict[str, float]) -> bool:
    return figure == {"value": 1.0, "low": 1.0, "high": 1.0}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    tiny_segmenter().save_pretrained(tmp_path / "tiny")
    return tmp_path / "tiny"


def measure(model: Path, folder: Path, **rivals: str) -> dict[str, Any]:
    found = evaluate(str(model), rivals, drawn_exam(), folder / "new" / "refer.json", folder / "pictures" / "a.png")
    assert json.loads((folder / "new" / "refer.json").read_text()) == found
    return found


def test_an_oracle_is_right_in_everything(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("lbie.evaluation.refer_measure.ask", oracle)
    found = measure(model, tmp_path)
    rows = found["rows"]
    for row in ("linear", "all steps"):
        assert rows[row]["mean_iou"]["value"] > 0.97
    assert one(rows["linear"]["overall_iou"]) and one(rows["linear"]["right_instance"])
    assert one(rows["model"]["right_instance"]) and one(rows["model"]["precision"]["0.9"])
    assert rows["with the threshold"] == rows["model"]
    assert one(found["presence"]["auc"]) and found["presence"]["answered_of_there"] == 1.0
    assert found["presence"]["answered_of_absent"] == 0.0
    assert rows["blanked"]["overall_iou"]["value"] == 0.0
    assert found["over_blanked"]["overall_iou"] == rows["model"]["overall_iou"]
    assert found["gates"]["all_steps_less_gates"]["mean_iou"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    steps = found["gates"]["steps_by_hops"]
    assert {hops: figure["value"] for hops, figure in steps.items()} == {h: 1.0 + int(h) for h in steps}
    assert set(steps) >= {"0", "1"}
    assert found["wording"]["drop"]["overall_iou"]["value"] == pytest.approx(0, abs=0.02)
    assert rows["union of the named kind (oracle)"]["mean_iou"]["value"] < 1
    largest = rows["largest of the named kind (oracle)"]
    assert 0 < largest["right_instance"]["value"] < 1 and largest["overall_iou"]["value"] < 1
    assert set(found["by"]) == {"kind", "hops", "place", "size", "category"} and "none" not in found["by"]["kind"]
    assert all(one(own["right_instance"]) for own in found["by"]["kind"].values() if own["right_instance"])
    out = capsys.readouterr().out
    assert NOT_RUN in out and "50.09" in out and "best centred box" in out


def test_a_model_that_says_nothing_of_words(model: Path, tmp_path: Path) -> None:
    free = tmp_path / "free"
    tiny_segmenter(ignore_sentence=True).save_pretrained(free)
    found = evaluate(
        str(free), {"other": str(model)}, drawn_exam(), tmp_path / "a.json", tmp_path / "a.png", threshold=0.0
    )
    rows = found["rows"]
    assert rows["blanked"] == rows["model"] and found["over_blanked"]["overall_iou"]["value"] == 0.0
    assert rows["other"]["model"] == str(model) and "over_it" in rows["other"]
    assert found["presence"]["answered_of_there"] == found["presence"]["answered_of_absent"] == 1.0
    assert found["gates"]["most_steps"] == 4 and 1 <= found["gates"]["mean_steps"] <= 4
    saved = found["gates"]["saved"]
    assert 0 <= saved["multiply_adds"] < 1 and 0 <= saved["region_updates"] <= 0.75
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.width == 6 * 240


def test_presence_that_is_always_the_same(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def blank(*words: Any, **options: Any) -> Any:
        return [replace(answer, presence=0.5) for answer in oracle(*words, **options)]

    monkeypatch.setattr("lbie.evaluation.refer_measure.ask", blank)
    assert measure(model, tmp_path)["presence"]["auc"] == {"value": 0.5, "low": 0.5, "high": 0.5}


def test_one_step_saves_nothing(tmp_path: Path) -> None:
    tiny_segmenter(max_steps=1, presence=False).save_pretrained(tmp_path / "one")
    found = measure(tmp_path / "one", tmp_path)
    assert found["gates"]["mean_steps"] == 1.0
    assert found["gates"]["saved"]["multiply_adds"] == found["gates"]["saved"]["region_updates"] == 0.0
    assert "auc" not in found["presence"] and found["rows"]["all steps"] == found["rows"]["model"]


def test_the_same_each_time(model: Path, tmp_path: Path) -> None:
    first, second = (measure(model, tmp_path / name) for name in ("a", "b"))
    assert first == second
    assert (tmp_path / "a/pictures/a.png").read_bytes() == (tmp_path / "b/pictures/a.png").read_bytes()


def test_words_that_nobody_knows_get_an_empty_mask(model: Path, tmp_path: Path) -> None:
    plain = drawn_exam(2)

    def read() -> Iterator[Asked]:
        for asked in plain.read():
            yield Asked(asked.scene, (Phrase("zyzzyva", 0), Phrase("the box", 1)))

    found = evaluate(str(model), {}, replace(plain, read=read), tmp_path / "a.json", tmp_path / "a.png")
    assert found["without_a_known_word"] == 2 and found["rows"]["model"]["pairs"] == 4
    assert found["rows"]["model"]["mean_iou"]["value"] <= 0.5 and found["wording"] is None


@pytest.mark.parametrize("kind", ["referit", "refcoco", "phrases"])
def test_sets_of_ones_own(kind: str, cli: Cli, model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    splits = {"referit": "test", "refcoco": "testA", "phrases": "val"}
    {"referit": write_referit, "refcoco": write_refcoco, "phrases": write_phrases}[kind](folder)
    output, sheet = tmp_path / "a.json", tmp_path / "a.png"
    words = ("evaluate", "refer", "--model", model, "--set", kind, "--data", folder, "-o", output, "--sheet", sheet)
    code, out, err = cli(*words, "--split", splits[kind])
    assert code == 0, err
    found = json.loads(output.read_text())
    items = open_sets(kind, folder)[0].of_split(splits[kind])
    pairs = sum(item.target_id is not None for item in items)
    assert pairs == {"referit": 2, "refcoco": 1}.get(kind, pairs) > 0
    assert found["rows"]["model"]["pairs"] == pairs and found["rows"]["whole image"]["pairs"] == pairs
    assert "union of all instances" not in found["rows"] and found["goals"] == []
    assert (NOT_RUN in out) == (kind != "referit") and sheet.is_file()
    assert "best centred box" in found["rows"] and found["centred_box"]["chosen_on"] == "train"
    code, _, err = cli(*words, "--split", "nowhere")
    assert code == 2 and "nowhere" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--model", "nowhere"), "no such model"),
        (("--set", "coca"), "no set 'coca'"),
        (("--set", "referit"), "needs --data"),
        (("--masks", "a"), "--photos and --masks are for"),
        (("--split", "nowhere"), "no split 'nowhere'"),
        (("--threshold", "2"), "threshold"),
    ],
)
def test_bad_options(words: tuple[str, ...], message: str, cli: Cli, model: Path, tmp_path: Path) -> None:
    more = () if "--set" in words else ("--data", tmp_path)
    model_of = () if "--model" in words else ("--model", model)
    code, _, err = cli("evaluate", "refer", *model_of, *words, *more, "-o", tmp_path / "a.json")
    assert code == 2 and message in err and not (tmp_path / "a.json").exists()


def test_model_of_another_task(cli: Cli, tiny_model: Path, tmp_path: Path) -> None:
    code, _, err = cli("evaluate", "refer", "--model", tiny_model, "--data", tmp_path)
    assert code == 2 and "does not segment photos" in err


def test_goals_are_met_by_perfect_figures() -> None:
    def full(value: float) -> dict[str, float]:
        return {"value": value, "low": value, "high": value}

    none = {"overall_iou": full(0.0), "mean_iou": full(0.0)}
    row = {"overall_iou": full(0.52), "mean_iou": full(0.42), "precision": {"0.5": full(0.45)}}
    figures: dict[str, Any] = {
        "rows": {"model": row | {"right_instance": full(0.75)}},
        "by": {"category": {"person": {"mean_iou": full(0.62)}}},
        "over_blanked": {"overall_iou": full(0.25)},
        "presence": {"auc": full(0.85)},
        "gates": {"two_hops_less_one": full(0.1), "all_steps_less_gates": none},
        "wording": {"drop": none},
    }
    assert [goal.name for goal in goals(figures) if not goal.met] == []
    del figures["by"]["category"]["person"]
    figures["gates"]["two_hops_less_one"] = None
    figures["wording"] = None
    assert {goal.name for goal in goals(figures) if not goal.met} == {
        "mean IoU, people",
        "steps on two hops less those on one",
        "overall IoU, drop in unseen wordings",
        "mean IoU, drop in unseen wordings",
    }


def test_human_phrases(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "refcoco"
    (folder / "images").mkdir(parents=True)
    Image.fromarray(photo()).save(folder / "images" / "1.jpg")
    rows = [{"image": "images/1.jpg", "text": text} for text in ("left", "left", "dude", "box right", "the box")]
    rows += [{"image": None, "text": "a"}, {"image": "images/2.jpg", "text": "a"}]
    (folder / "val.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert human_phrases(folder) == {"images/1.jpg": ["left", "dude", "box right", "the box"]}
    assert draw_human(str(model), folder, tmp_path / "new" / "a.png") == 3
    assert np.array(Image.open(tmp_path / "new" / "a.png")).shape[1] == 9 * 240
    (folder / "testA.jsonl").write_text('{"image": "images/1.jpg"')
    with pytest.raises(InputError, match=r"testA.jsonl', line 1"):
        human_phrases(folder)
    with pytest.raises(InputError, match="no photo with human phrases"):
        human_phrases(tmp_path)


def test_published_rows() -> None:
    assert PUBLISHED["the paper (Chen et al. 2018)"] == (32.53, 27.9, 18.76, 12.37, 4.37, 50.09)


@pytest.mark.data
def test_phrases_of_photos_are_always_the_same() -> None:
    from lbie.data.storage import data_root

    try:
        exam = generated_exam(data_root(), "val", 5)
    except InputError as error:
        pytest.skip(f"no photos: {error}")
    first, second = ([(a.scene.photo_id, a.phrases, a.more, a.held_out) for a in exam.read()] for _ in range(2))
    assert first == second and len(first) > 2
    assert exam.box is not None and min(exam.box) > 0.2
    for _, phrases, more, _ in first:
        assert len(phrases) <= 8 and not {p.text for p in phrases} & {p.text for p in more}
