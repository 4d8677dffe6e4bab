"""The verbs of `lbie`; thin, and nothing heavy is imported before it is needed."""

from __future__ import annotations

import errno
import json
import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lbie.errors import InputError, LbieError, ResourceError

app = typer.Typer(
    help="Edit images by describing the result.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
data_app = typer.Typer(help="Prepare data sets from local copies.", no_args_is_help=True)
evaluate_app = typer.Typer(help="Measure a model and write the figures to results/.", no_args_is_help=True)
app.add_typer(data_app, name="data")
app.add_typer(evaluate_app, name="evaluate")


class Metadata(StrEnum):
    """What becomes of the source's metadata."""

    KEEP = "keep"
    STRIP = "strip"


DataOption = Annotated[Path | None, typer.Option("--data", help="Folder of the data sets [LBIE_DATA, ../shared/data].")]
DeviceOption = Annotated[str, typer.Option("--device", help="auto, cpu, cuda or mps.")]


def _say(text: str) -> None:
    print(f"lbie: {text}", file=sys.stderr)


@contextmanager
def _busy(text: str) -> Iterator[None]:
    """A spinner on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


def _version(wanted: bool) -> None:
    if wanted:
        from lbie import __version__

        print(f"lbie {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def edit(
    image: Annotated[str, typer.Argument(help="Image file, '-' for standard input, or sample:NAME.")],
    sentence: Annotated[str, typer.Argument(help="What the result looks like: 'The flower is blue in color.'")],
    output: Annotated[str, typer.Option("-o", "--output", help="Image file to write, or '-' for standard output.")],
    model: Annotated[str, typer.Option(help="Bundled name, model folder, or owner/name on the hub.")] = "flowers",
    explain: Annotated[str | None, typer.Option(help="Also draw what each step read, to this image file.")] = None,
    device: DeviceOption = "auto",
    seed: Annotated[int, typer.Option(help="Stored in the output; edits of this model do not depend on it.")] = 0,
    metadata: Annotated[Metadata, typer.Option(help="The source's EXIF and colour profile.")] = Metadata.KEEP,
    max_megapixels: Annotated[float, typer.Option(min=0.001, help="Refuse larger images.")] = 50,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Allow the output to be the source itself.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
) -> None:
    """Edit an image: colour a grayscale photo as the sentence says."""
    from lbie.image_io import SUFFIXES, check_output, encode_image, read_image, write_bytes
    from lbie.registry import resolve_model
    from lbie.samples import resolve_input

    began = time.perf_counter()
    if not sentence.strip():
        raise InputError("the sentence is empty: describe the result, e.g. 'The flower is red.'")
    if output == "-" and as_json:
        raise InputError("--json and the image cannot both go to standard output: give -o a file name")
    if explain == "-" and (output == "-" or as_json):
        raise InputError("only one thing can go to standard output: give --explain a file name")
    if not math.isfinite(max_megapixels):
        raise InputError(f"--max-megapixels must be a finite number, got {max_megapixels}")
    place = resolve_input(image)
    check_output(output, place, overwrite)
    if explain:
        check_output(explain, place, overwrite)
        if explain != "-" and output != "-" and Path(explain).resolve() == Path(output).resolve():
            raise InputError(f"--explain and -o both name '{output}'")
    resolve_model(model)
    source = read_image(place, round(max_megapixels * 1e6))
    with _busy(f"loading the model '{model}'"):
        from lbie.editor import Editor

        editor = Editor.from_pretrained(model, device)
    with _busy("editing"):
        result = editor.set_image(source).edit(sentence, seed=seed)
    suffix = (
        next((s for s, f in SUFFIXES.items() if f == source.format), ".png") if output == "-" else Path(output).suffix
    )
    data, notices = encode_image(result.rgb, suffix, source=source, record=result.record, metadata=metadata.value)
    drawn = b""
    if explain:
        import numpy as np

        from lbie.explain import explain as draw

        drawn, _ = encode_image(np.asarray(draw(result)), ".png" if explain == "-" else Path(explain).suffix)
    write_bytes(output, data)
    if explain:
        write_bytes(explain, drawn)
    warnings = [*result.warnings, *notices]
    for line in warnings:
        _say(line)
    seconds = time.perf_counter() - began
    if as_json:
        height, width = result.rgb.shape[:2]
        mean_steps = round(float(result.steps.mean()), 3)
        values = {"output": output, "width": width, "height": height, "device": editor.runtime.device, **result.record}
        values |= {"confidence": round(result.confidence, 4), "mean_steps": mean_steps}
        values |= {"unknown_words": list(result.unknown_words), "warnings": warnings, "seconds": round(seconds, 3)}
        print(json.dumps(values))
    elif output != "-":
        _say(f"wrote {output} with the model '{model}' on {editor.runtime.device} in {seconds:.1f} s")


@app.command()
def models() -> None:
    """List the models that are installed."""
    from rich.console import Console
    from rich.table import Table

    from lbie.registry import bundled_models, read_card, resolve_model

    table = Table("model", "made for", "trained on", "figures", "licence")
    for name in bundled_models():
        card = read_card(resolve_model(name))
        figures = "\n".join(f"{k}: {v}" for k, v in card.figures.items())
        table.add_row(f"{name}\n{card.version}", card.made_for, card.training_data, figures, card.licence)
    Console(width=None if sys.stdout.isatty() else 160).print(table)


@app.command()
def sample(
    name: Annotated[str, typer.Argument(help="Name of the photo; without one, they are listed.")] = "",
    output: Annotated[str, typer.Option("-o", "--output", help="Image file to write, or '-'.")] = "",
) -> None:
    """Write out a photo that comes with an installed package."""
    from lbie.image_io import check_output, encode_image, read_image, write_bytes
    from lbie.samples import SAMPLES, sample_path

    if not name:
        for known, sample in SAMPLES.items():
            print(f"{known:10} {sample.credit}")
        return
    if not output:
        raise InputError("where to? give -o FILE, or -o - for standard output")
    path = sample_path(name)
    check_output(output)
    picture = read_image(path)
    suffix = path.suffix if output == "-" else Path(output).suffix
    same = suffix.lower() == path.suffix
    write_bytes(output, path.read_bytes() if same else encode_image(picture.rgb, suffix, source=picture)[0])
    _say(f"wrote {output}: {SAMPLES[name].credit}")


@app.command()
def train(
    recipe: Annotated[str, typer.Argument(help="A YAML file, or the name of a bundled recipe (flowers).")],
    data: DataOption = None,
    runs: Annotated[Path, typer.Option(help="Folder of the runs.")] = Path("runs"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint.")] = False,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Replace a value: --set epochs=2 --set model.width=64")
    ] = None,
    device: DeviceOption = "cpu",
) -> None:
    """Train a model as a recipe says."""
    import yaml

    from lbie.data.storage import data_root

    overrides = {}
    for item in set_ or []:
        key, equals, value = item.partition("=")
        if not equals:
            raise InputError(f"--set takes NAME=VALUE, got '{item}'")
        try:
            overrides[key] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise InputError(f"--set {item}: '{value}' is not a YAML value") from error
    _need_extra("train", "lightning")
    from lbie.training.recipe import load_recipe
    from lbie.training.trainer import Trainer

    loaded = load_recipe(recipe, overrides)
    trainer = Trainer(loaded, data_root(data) / loaded.data, runs / loaded.name, device=device, resume=resume)
    progress = trainer.run()
    if progress.stopped_by is not None:
        _say(f"stopped at step {progress.step}; go on with: lbie train {recipe} --resume")
        raise typer.Exit(128 + progress.stopped_by)
    _say(f"done; the best weights are in '{runs / loaded.name / 'best'}'")


@evaluate_app.command("flowers")
def evaluate_flowers(
    model: Annotated[str, typer.Option(help="The model to measure.")] = "flowers",
    twin: Annotated[str | None, typer.Option(help="Its language-free twin.")] = None,
    one_step: Annotated[str | None, typer.Option(help="A model of one fixed step, of the same budget.")] = None,
    data: DataOption = None,
    output: Annotated[Path, typer.Option("-o", help="Figures to write.")] = Path("results/flowers.json"),
    sheet: Annotated[Path, typer.Option(help="Contact sheet to draw.")] = Path("out/flowers.png"),
    limit: Annotated[int | None, typer.Option(help="Only so many photos: for a quick look.")] = None,
    split: Annotated[str, typer.Option(help="test, or val to choose between models.")] = "test",
) -> None:
    """Measure colorization on the class-disjoint test split of Oxford-102 Flowers."""
    from lbie.data.storage import data_root
    from lbie.evaluation.flowers import evaluate

    evaluate(model, twin, one_step, data_root(data) / "flowers", output, sheet, limit, split)


@data_app.command("flowers")
def data_flowers(
    source: Annotated[Path, typer.Argument(help="Folder with jpg/, imagelabels.mat, setid.mat and text_c10/.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write images/ and metadata.jsonl to.")],
) -> None:
    """Import Oxford-102 Flowers as its authors distribute it, with the captions of Reed et al."""
    _need_extra("train", "scipy")
    from lbie.data.flowers_import import import_flowers

    count = import_flowers(source, output)
    _say(f"wrote {count:,} photos to '{output}'")


@data_app.command("cosal")
def data_cosal(
    output: Annotated[Path, typer.Option("-o", "--out", "--output", help="Folder to write; new, or empty.")],
    suite: Annotated[str, typer.Option(help="paper, wording (other words) or chain (references).")] = "paper",
    split: Annotated[str, typer.Option(help="train, val or test.")] = "train",
    num: Annotated[int | None, typer.Option(help="Worlds [50,000 for train, 5,000 for val, 10,000 for test].")] = None,
    seed: Annotated[int, typer.Option(help="The published splits are here those of seed 0.")] = 0,
    direct: Annotated[
        str | None, typer.Option(help="Direct sentences of paper and wording, 1 to 9, or several to mix: 1,4,6,9 [4].")
    ] = None,
) -> None:
    """Draw CoSaL: pictures of nine shapes, and sentences that tell their colours."""
    from lbie.data.cosal.folder import write_folder
    from lbie.data.cosal.worlds import DIRECT

    if direct is not None and suite == "chain":
        raise InputError("--direct is for the suites paper and wording: chain tells two colours directly")
    try:
        counts = DIRECT if direct is None else tuple(int(item) for item in direct.split(","))
    except ValueError as error:
        raise InputError(f"--direct takes numbers, 4 or 1,4,6,9, got '{direct}'") from error
    count, parquet = write_folder(output, suite, split, num, seed=seed, direct=counts)
    if not parquet:
        _say("no Parquet: it needs the package 'datasets': pip install 'lbie[data]'")
    _say(f"wrote {count:,} worlds to '{output}'; look at '{output / 'sheet.png'}'")


def _need_extra(extra: str, package: str) -> None:
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise InputError(f"this needs the package '{package}': pip install 'lbie[{extra}]'")


def main() -> None:
    """Entry point: every expected error is one line and an exit code."""
    try:
        app()
    except LbieError as error:
        _say(f"error: {' '.join(str(error).split())}")
        sys.exit(error.exit_code)
    except MemoryError:
        _say("error: not enough memory for this: use a smaller image")
        sys.exit(ResourceError.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        _say(f"error: {error.strerror or error}: '{error.filename or ''}'")
        sys.exit(ResourceError.exit_code if error.errno in (errno.ENOSPC, errno.EMFILE) else 2)


if __name__ == "__main__":
    main()
