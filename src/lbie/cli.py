"""The verbs of `lbie`; thin, and nothing heavy is imported before it is needed."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from lbie.cli_batch import batch
from lbie.cli_bench import bench
from lbie.cli_common import DeviceOption, need_extra, say
from lbie.cli_doctor import doctor
from lbie.cli_edit import edit
from lbie.cli_evaluate import evaluate_app
from lbie.cli_export import export
from lbie.cli_refer import data_refer
from lbie.cli_reproduce import reproduce
from lbie.cli_segment import segment
from lbie.cli_serve import serve
from lbie.cli_study import study_app
from lbie.completion import complete_model, complete_sample, rejoin_colons
from lbie.errors import InputError, LbieError, ResourceError, is_out_of_memory

app = typer.Typer(
    help="Edit images by describing the result.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
data_app = typer.Typer(help="Prepare data sets from local copies.", no_args_is_help=True)
app.add_typer(data_app, name="data")
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(study_app, name="study")


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


app.command()(edit)
app.command()(segment)
app.command()(batch)
app.command()(serve)
app.command()(export)


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
    name: Annotated[
        str,
        typer.Argument(help="Name of the image; without one, they are listed.", autocompletion=complete_sample),
    ] = "",
    output: Annotated[str, typer.Option("-o", "--output", help="Image file to write, or '-'.")] = "",
) -> None:
    """Write out an image that comes with lbie or an installed package."""
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
    say(f"wrote {output}: {SAMPLES[name].credit}")


@app.command()
def train(
    recipe: Annotated[str, typer.Argument(help="A YAML file, or the name of a bundled recipe (flowers, folder).")],
    data: Annotated[
        Path | None, typer.Option(help="Folder of the data sets [LBIE_DATA, ../shared/data]; for folder, your photos.")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="Start from the weights of this model: a name (flowers) or a folder.",
            autocompletion=complete_model,
        ),
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder of the runs.")] = Path("runs"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint.")] = False,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Replace a value: --set epochs=2 --set model.width=64")
    ] = None,
    device: DeviceOption = "cpu",
) -> None:
    """Train a model as a recipe says."""
    import yaml

    overrides: dict[str, Any] = {"start_from": start} if start else {}
    for item in set_ or []:
        key, equals, value = item.partition("=")
        if not equals:
            raise InputError(f"--set takes NAME=VALUE, got '{item}'")
        try:
            overrides[key] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise InputError(f"--set {item}: '{value}' is not a YAML value") from error
    need_extra("train", "lightning")
    from lbie.training.recipe import load_recipe
    from lbie.training.trainer import Trainer

    loaded = load_recipe(recipe, overrides)
    trainer = Trainer(loaded, data, runs / loaded.name, device=device, resume=resume)
    first = trainer.processes.first  # of those that torchrun started
    if trainer.notice and first:
        say(trainer.notice)
    progress = trainer.run()
    trainer.processes.close()
    if progress.stopped_by is not None:
        if first:
            say(f"stopped at step {progress.step}; go on with the same command and --resume")
        raise typer.Exit(128 + progress.stopped_by)
    if first:
        say(f"done; the best weights are in '{runs / loaded.name / 'best'}'")


@data_app.command("flowers")
def data_flowers(
    source: Annotated[Path, typer.Argument(help="Folder with jpg/, imagelabels.mat, setid.mat and text_c10/.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write images/ and metadata.jsonl to.")],
) -> None:
    """Import Oxford-102 Flowers as its authors distribute it, with the captions of Reed et al."""
    need_extra("train", "scipy")
    from lbie.data.flowers_import import import_flowers

    count = import_flowers(source, output)
    say(f"wrote {count:,} photos to '{output}'")


@data_app.command("folder")
def data_folder(
    folder: Annotated[Path, typer.Argument(help="Folder with metadata.jsonl, or with train, val and test.")],
    model: Annotated[
        str,
        typer.Option(help="The model whose vocabulary the words are compared with.", autocompletion=complete_model),
    ] = "flowers",
) -> None:
    """Check a folder of your own photos: counts, splits, words, and what is wrong with it."""
    from lbie.data.folder import name_faults
    from lbie.data.folder_check import check_folder
    from lbie.language.vocabulary import Vocabulary
    from lbie.registry import resolve_model

    vocabulary = Vocabulary.load(resolve_model(model) / "vocabulary.json")
    report = check_folder(folder)
    print("\n".join(report.lines(vocabulary, model)))
    if report.faults:
        raise InputError(name_faults(report.faults))


@data_app.command("shard")
def data_shard(
    folder: Annotated[Path, typer.Argument(help="Folder of images; with metadata.jsonl, its sentences go along.")],
    output: Annotated[str, typer.Option("-o", "--output", help="Folder of the shards, or s3://…")],
    rows: Annotated[int, typer.Option(min=1, max=1_000_000, help="Images of a shard.")] = 1_000,
) -> None:
    """Put a folder of images into Parquet files of many images each, which lbie batch and train read as a folder."""
    need_extra("cluster", "pyarrow")
    from lbie.data.sharding import photos_of
    from lbie.data.shards import write_shards
    from lbie.remote import place_of

    place = place_of(output)
    photos, shards = write_shards(photos_of(folder, place), folder, place, rows)
    say(f"wrote {photos:,} images into {shards:,} shard{'' if shards == 1 else 's'} in '{place}'")


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
        say("no Parquet: it needs the package 'datasets': pip install 'lbie[data]'")
    say(f"wrote {count:,} worlds to '{output}'; look at '{output / 'sheet.png'}'")


data_app.command("refer")(data_refer)
app.command()(doctor)
app.command()(reproduce)
app.command()(bench)


def main() -> None:
    """Entry point: every expected error is one line and an exit code."""
    rejoin_colons(os.environ)
    try:
        app()
    except LbieError as error:
        say(f"error: {' '.join(str(error).split())}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        say(f"error: {error.strerror or error}: '{error.filename or ''}'")
        sys.exit(ResourceError.exit_code if error.errno in (errno.ENOSPC, errno.EMFILE) else 2)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        say("error: not enough memory for this: use a smaller image")
        sys.exit(ResourceError.exit_code)


if __name__ == "__main__":
    main()
