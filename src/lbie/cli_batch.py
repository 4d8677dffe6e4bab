"""The verb `lbie batch`."""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from contextlib import closing
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lbie.cli_common import DeviceOption, RuntimeOption, busy, need_extra, say
from lbie.cli_edit import Metadata
from lbie.errors import InputError, NoMatchError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from lbie.scale.journal import Item, Journal, Outcome
    from lbie.scale.settings import BatchSettings

_LISTED = 20  # earlier failures that are told


class Form(StrEnum):
    """Format of all results."""

    PNG = "png"
    JPG = "jpg"
    WEBP = "webp"


class Engine(StrEnum):
    """Who does the work."""

    POOL = "pool"
    RAY = "ray"


def batch(
    folder: Annotated[
        str,
        typer.Argument(metavar="IN_DIR", help="Folder of images or of shards, or s3://…; folders in it are read, too."),
    ],
    output: Annotated[
        str,
        typer.Option(
            "-o", "--output", metavar="OUT_DIR", help="Folder of the results, or s3://…: same names and tree."
        ),
    ],
    sentence: Annotated[
        str | None,
        typer.Argument(
            metavar="SENTENCE|TABLE.csv",
            help="What every result looks like; or a .csv or .tsv with the columns file, sentence and maybe model.",
        ),
    ] = None,
    segment: Annotated[
        list[str] | None,
        typer.Option(help="Find this instead, and write masks and annotations.json (COCO). Repeatable, or 'A + B'."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="As for lbie edit and segment [by what image and sentence show; photos].")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=65_536, help="Processes; each loads the model once [1; a processor of Ray's each]."),
    ] = None,
    engine: Annotated[Engine, typer.Option(help="Who works: processes of this machine, or a cluster.")] = Engine.POOL,
    address: Annotated[str | None, typer.Option(help="Of the Ray cluster [RAY_ADDRESS; one on this machine].")] = None,
    device: DeviceOption = "auto",
    runtime: RuntimeOption = "auto",
    strength: Annotated[float, typer.Option(help="How far a photo changes: above 0, at most 2.")] = 1.0,
    keep_background: Annotated[
        bool, typer.Option("--keep-background", help="Colour only what the sentence speaks of.")
    ] = False,
    panorama: Annotated[
        bool, typer.Option("--panorama", help="Photos are equirectangular: left and right side touch, no seam.")
    ] = False,
    seed: Annotated[int, typer.Option(help="0: the model's best; 1, 2, ...: other shades of the colours named.")] = 0,
    form: Annotated[Form | None, typer.Option("--format", help="Format of all results [that of each file].")] = None,
    metadata: Annotated[Metadata, typer.Option(help="The source's EXIF, XMP and colour profile.")] = Metadata.KEEP,
    max_megapixels: Annotated[float, typer.Option(min=0.001, help="Larger images fail.")] = 52,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try files again that failed before.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files in OUT_DIR that are not of this batch; begin anew.")
    ] = False,
    report: Annotated[Path | None, typer.Option(help="Also write a page with small pictures: report.html.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Edit all images of a folder, or find things in them. Stopped, the same command goes on where it was. Exit code
    0: all done; 2: some failed; 3: in some nothing matched.
    """  # fmt: skip
    from lbie.data.shards import as_shards
    from lbie.remote import Remote, place_of
    from lbie.scale.plan import check_folders, plan
    from lbie.scale.settings import BatchSettings
    from lbie.scale.stored import open_journal
    from lbie.scale.table import TABLES, read_table

    began = time.perf_counter()
    if engine is Engine.RAY:
        need_extra("cluster", "ray")
    elif address is not None:
        raise InputError("--address is that of a Ray cluster: it goes with --engine ray")
    phrases = _phrases(sentence, segment)
    _check_options(phrases, strength, max_megapixels, form, report, panorama)
    table = None
    if sentence is not None and Path(sentence).suffix.lower() in TABLES:
        table = read_table(Path(sentence))
    if phrases:
        need_extra("refer", "pycocotools")
        model = model or "photos"
    if model is not None:
        from lbie.registry import resolve_model

        resolve_model(model)
    source, results = place_of(folder), place_of(output)
    if isinstance(source, Remote) or source.is_dir():
        source = as_shards(source) or source
    check_folders(source, results)
    settings = BatchSettings(
        source=source if isinstance(source, Remote) else source.resolve(),
        sentence=None if table is not None else sentence, phrases=phrases, model=model, strength=strength,
        keep_background=keep_background, panorama=panorama, seed=seed, metadata=metadata.value,
        suffix=None if form is None else f".{form}", max_pixels=round(max_megapixels * 1e6),
    )  # fmt: skip
    with open_journal(results) as journal:
        with busy(f"reading the folder '{folder}'"):
            plan(journal, settings, table, overwrite=overwrite, retry_failed=retry_failed)
        if not as_json:
            _print_failed(journal)
        given: dict[str, Any] = {"workers": workers, "device": device, "runtime": runtime}
        if engine is Engine.RAY:
            from lbie.scale.cluster import work_on_cluster

            start = partial(work_on_cluster, journal, settings, address=address, **given)
        else:
            from lbie.scale.run import work_through

            start = partial(work_through, journal, settings, overwrite=overwrite, **given)
        used = _work(journal, start)
        values = _write_all(journal, settings, report, used) | {"seconds": round(time.perf_counter() - began, 3)}
        _print_summary(journal, values, as_json)
        counts = journal.counts()
    if counts.get("failed"):
        raise typer.Exit(InputError.exit_code)
    if counts.get("unmatched"):
        raise typer.Exit(NoMatchError.exit_code)


def _phrases(sentence: str | None, segment: list[str] | None) -> tuple[str, ...]:
    """What to find, without spaces around; none where a sentence is given.

    Raises:
        InputError: both or neither, or an empty one.
    """
    if (sentence is None) == (segment is None):
        raise InputError("what is to be done? give one of SENTENCE, TABLE.csv or --segment PHRASE")
    phrases = tuple(part.strip() for phrase in segment or () for part in phrase.split("+"))
    if sentence is not None and not sentence.strip():
        raise InputError("the sentence is empty: describe the result, e.g. 'The flower is red.'")
    if not all(phrases):
        raise InputError("a phrase is empty: name a thing, such as 'the dog on the left'")
    return phrases


def _check_options(
    phrases: tuple[str, ...],
    strength: float,
    max_megapixels: float,
    form: Form | None,
    report: Path | None,
    panorama: bool,
) -> None:
    from lbie.image_io import check_output

    if not 0 < strength <= 2:
        raise InputError(f"--strength must be above 0 and at most 2, got {strength}")
    if not math.isfinite(max_megapixels):
        raise InputError(f"--max-megapixels must be a finite number, got {max_megapixels}")
    if phrases and panorama:
        raise InputError("--panorama is for edits: it does not go with --segment")
    if phrases and form not in (None, Form.PNG):
        raise InputError(f"masks are written as PNG: --format {form} does not go with --segment")
    if report is not None:
        check_output(report, suffixes=(".html", ".htm"))


def _work(journal: Journal, start: Callable[[], Generator[tuple[Item, Outcome], None, None]]) -> str | None:
    """Work on all files with a progress bar; returns the device, or None where there was nothing to do."""
    from tqdm import tqdm

    counts = Counter(journal.counts())
    skipped = counts.pop("skipped", 0)
    if skipped:
        say(f"{skipped:,} other file{'' if skipped == 1 else 's'} skipped")
    waiting, total = counts["waiting"], counts.total()
    used = None
    if not waiting:
        return used
    if waiting < total:
        say(f"{total - waiting:,} of {total:,} files were done or had failed before")
    with closing(start()) as outcomes, tqdm(total=total, initial=total - waiting, unit=" files", disable=None) as bar:
        try:
            for item, outcome in outcomes:
                used = outcome.details.get("device", used)
                if outcome.state != "done":
                    counts[outcome.state] += 1
                    bar.set_postfix(failed=counts["failed"], refresh=False)
                    with bar.external_write_mode():
                        say(f"{shown(item.path)}: {shown(outcome.reason or '')}")
                bar.update()
        except KeyboardInterrupt:
            bar.close()
            now = Counter(journal.counts())
            left = now["waiting"] + now["writing"]
            say(f"stopped with {left:,} of {total:,} files to do: the same command goes on")
            raise
    return used


def _print_failed(journal: Journal) -> None:
    """Tell which files failed before this run; those that fail in it are told as they do."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    count = journal.counts().get("failed", 0)
    if not count:
        return
    table = Table("failed before", "reason", box=None)
    for row in islice(journal.rows("failed"), _LISTED):
        table.add_row(Text(shown(row.path)), Text(shown(row.reason or "")))
    if count > _LISTED:
        table.add_row("…", f"and {count - _LISTED:,} more")
    Console(stderr=True).print(table)


def _write_all(journal: Journal, settings: BatchSettings, report: Path | None, used: str | None) -> dict[str, Any]:
    """Write what there is of the whole lot; returns the summary."""
    counts = journal.counts()
    values: dict[str, Any] = {"output": str(journal.results), "device": used}
    values |= {state: counts.get(state, 0) for state in ("done", "unmatched", "failed", "skipped")}
    if settings.phrases:
        from lbie.scale.annotations import FILE_NAME, write_annotations

        values["annotations"] = f"{journal.results}/{FILE_NAME}"
        write_annotations(journal.folder / FILE_NAME, journal)
        if journal.store:
            journal.store.write(FILE_NAME, (journal.folder / FILE_NAME).read_bytes())
    if report is not None:
        from tqdm import tqdm

        from lbie.scale.page import MOST_PICTURES, write_batch_page

        values["report"] = str(report)
        with tqdm(
            total=min(MOST_PICTURES, values["done"]), unit=" files", desc="report", leave=False, disable=None
        ) as bar:
            write_batch_page(report, journal, settings, bar.update)
    return values


def _print_summary(journal: Journal, values: dict[str, Any], as_json: bool) -> None:
    """A table on standard error, or JSON on standard output."""
    if as_json:
        failures = [{"file": row.path, "reason": row.reason} for row in journal.rows("failed")]
        print(json.dumps(values | {"failures": failures}))
        return
    from rich.console import Console
    from rich.table import Table

    console = Console(stderr=True)
    names = {"done": "done", "unmatched": "nothing matched", "failed": "failed", "skipped": "other files"}
    table = Table(*names.values(), "seconds")
    table.add_row(*(f"{values[state]:,}" for state in names), f"{values['seconds']:,.1f}")
    console.print(table)
    for name in ("annotations", "report"):
        if name in values:
            say(f"wrote {values[name]}")
    say(f"results are in '{values['output']}'" + (f", worked out on {values['device']}" if values["device"] else ""))
