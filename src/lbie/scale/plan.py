"""Which files of a folder are worked on, and where their results go: all of it in the journal."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

from lbie.editing.vector_file import VECTOR_PACKAGES
from lbie.errors import InputError, shown
from lbie.remote import Place, Remote
from lbie.scale.annotations import FILE_NAME as ANNOTATIONS
from lbie.scale.folder import walk
from lbie.scale.journal import Journal
from lbie.scale.names import other_names, result_name
from lbie.scale.settings import BatchSettings
from lbie.scale.table import Ask


def check_folders(source: Place, output: Place) -> None:
    """Refuse folders that do not go together, before anything is written; makes that of the results.

    Raises:
        InputError: no folder of images, one within that of the results, or results that cannot be written.
    """
    if isinstance(source, Remote) and f"{source}/".startswith(f"{output}/"):
        raise InputError(f"results in '{output}' could take the place of images in '{source}': choose another folder")
    if not isinstance(source, Remote):
        _check_source(source)
    if not isinstance(output, Remote):
        _make_output(source, output)


def _check_source(source: Path) -> None:
    if not source.is_dir():
        raise InputError(f"'{source}' is {'not a folder' if source.exists() else 'no such folder'}: give one of images")
    if not os.access(source, os.R_OK | os.X_OK):
        raise InputError(f"cannot read the folder '{source}': permission denied")


def _make_output(source: Place, output: Path) -> None:
    if not isinstance(source, Remote) and source.resolve().is_relative_to(output.resolve()):
        raise InputError(f"results in '{output}' could take the place of images in '{source}': choose another folder")
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder '{output}': {error.strerror}") from error
    if not os.access(output, os.W_OK | os.X_OK):
        raise InputError(f"cannot write into the folder '{output}': permission denied")


def plan(
    journal: Journal,
    settings: BatchSettings,
    table: Mapping[str, Ask] | None = None,
    *,
    overwrite: bool = False,
    retry_failed: bool = False,
) -> None:
    """Bring the journal up to date with the folder.

    Args:
        journal: of the folder of results.
        settings: of the batch.
        table: what is asked of each file, where it is not the same for all.
        overwrite: begin anew where the results have other settings, and replace files that are in the way.
        retry_failed: work again on files that failed.

    Raises:
        InputError: results of other settings, files in the way, or nothing to work on.
    """
    asked = {file: (ask.sentence, ask.model) for file, ask in (table or {}).items()}
    with journal.transaction():
        first = journal.settle(settings.identity() | {"table": table is not None}, overwrite)
        if retry_failed:
            journal.retry_failed()
        _enter(journal, settings, table, asked)
        journal.forget_unseen()
        _name(journal, settings)
        blocked = [] if overwrite else journal.in_the_way()
        if first and settings.phrases and not overwrite and journal.has(ANNOTATIONS):
            blocked.append(ANNOTATIONS)
        if blocked:
            more = f" and {len(blocked) - 1:,} more" if len(blocked) > 1 else ""
            raise InputError(
                f"'{shown(blocked[0])}'{more} in '{journal.results}' would be replaced, which this batch did not "
                "write: choose another folder, or give --overwrite"
            )
        counts = journal.counts()
        if not set(counts) - {"skipped"}:
            raise InputError(f"no image in '{settings.source}' ({counts.get('skipped', 0):,} other files)")


def _enter(
    journal: Journal,
    settings: BatchSettings,
    table: Mapping[str, Ask] | None,
    asked: dict[str, tuple[str, str | None]],
) -> None:
    """Note each file of the folder, and each of the table that is not there."""
    common = settings.sentence or " + ".join(settings.phrases), None
    for found in walk(settings.source, journal.results, _no_drawings(settings)):
        sentence, model = asked.pop(found.path, (None, None)) if table is not None else common
        if found.skipped and sentence is not None and table is not None:
            journal.leave(found.path, "failed", found.skipped, sentence)
        elif found.skipped:
            journal.leave(found.path, "skipped", found.skipped)
        elif sentence is None:
            journal.leave(found.path, "skipped", "the table has no sentence for it")
        else:
            journal.enter(found.path, sentence, model, found.size, found.changed)
    for path, (sentence, _) in asked.items():
        assert table is not None
        journal.leave(path, "failed", f"the folder has no such image (line {table[path].line} of the table)", sentence)


def _no_drawings(settings: BatchSettings) -> str | None:
    """Why vector drawings are not worked on, or None."""
    if settings.phrases:
        return "a vector drawing: things are found in pictures alone"
    if any(find_spec(package) is None for package in VECTOR_PACKAGES):
        return "a vector drawing: this needs pip install 'lbie[vector]'"
    return None


def _name(journal: Journal, settings: BatchSettings) -> None:
    """Give each file a name for its result; files whose own name it is come first, and others are told apart."""
    suffix = ".png" if settings.phrases else settings.suffix
    for own in (True, False):
        for path in journal.unnamed():
            name = result_name(path, suffix)
            if own and name == path:
                journal.name(path, name)
            elif not own:
                next(other for other in chain([name], other_names(path, name)) if journal.name(path, other))
