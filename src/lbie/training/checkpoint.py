"""Checkpoints that survive a kill: written aside, flushed to the disk, then renamed; the one before is kept."""

from __future__ import annotations

import os
import pickle
import shutil
import struct
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import torch

from lbie.errors import InputError
from lbie.image_io import whole_file

DAMAGE = (RuntimeError, EOFError, ValueError, LookupError, BadZipFile, zlib.error, struct.error, pickle.UnpicklingError)
"""What readers raise at a file that is cut or has other bytes than were written."""


def previous(path: Path) -> Path:
    """Where the checkpoint before `path` is kept."""
    return path.with_name(f"previous{path.suffix}")


def save_tensors(path: Path, values: dict[str, Any]) -> None:
    """Write tensors and plain values to a file, whole or not at all. Raises as `whole_file`."""
    with whole_file(path) as file:
        try:
            torch.save(values, file)
        except RuntimeError as error:
            if isinstance(error.__context__, OSError):  # what the file said; torch goes on with an error of its own
                raise error.__context__ from error
            raise


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write a state to `path`, and keep the one that was there; at every moment one of them is there, whole.

    Raises:
        ResourceError: the disk is full; nothing has changed.
        InputError: it cannot be written.
    """
    fresh = path.with_suffix(path.suffix + ".part")
    save_tensors(fresh, state)
    if path.exists():
        os.replace(path, previous(path))
    os.replace(fresh, path)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read what `save_checkpoint` wrote; nothing but tensors and plain values is admitted.

    Raises:
        InputError: missing, truncated, with other bytes than were written, or with anything else inside.
    """
    try:
        with ZipFile(path) as archive:  # torch compares no sums
            damaged = archive.testzip()
        if damaged is not None:
            raise BadZipFile(f"'{damaged}' in it is damaged")
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise InputError(f"cannot resume from '{path}': there is none; begin without --resume") from error
    except (OSError, *DAMAGE) as error:
        raise InputError(
            f"cannot resume from '{path}': {(str(error) or 'it ends too early').splitlines()[0]}"
        ) from error


def load_newest(path: Path) -> tuple[dict[str, Any], str | None]:
    """Read the checkpoint `path`, or where it is missing or damaged, the one before, which takes its place.

    Returns:
        The state, and what is wrong with the newest.

    Raises:
        InputError: neither can be used.
    """
    try:
        return load_checkpoint(path), None
    except InputError as error:
        unread = isinstance(error.__cause__, OSError) and not isinstance(error.__cause__, FileNotFoundError)
        if unread or not previous(path).exists():
            raise
        try:
            state = load_checkpoint(previous(path))
        except InputError as other:
            raise InputError(f"{error}; {other}") from other
        os.replace(previous(path), path)
        return state, str(error)


def replace_folder(target: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a fresh folder, then put it in the place of `target`. For what a kill leaves: `clear_away`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    try:
        aside.chmod(0o755)
        write(aside)
        for path in filter(Path.is_file, aside.rglob("*")):
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        old = target.with_name(f".{target.name}-old")
        shutil.rmtree(old, ignore_errors=True)
        if target.exists():
            os.replace(target, old)
        os.replace(aside, target)
        shutil.rmtree(old, ignore_errors=True)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def clear_away(folder: Path, *targets: Path) -> None:
    """Remove from a run's folder what a kill left half written.

    Args:
        folder: of the run.
        targets: folders in it that `replace_folder` writes; one that a kill has left set aside is put back.
    """
    for target in targets:
        old = target.with_name(f".{target.name}-old")
        if old.exists() and not target.exists():
            os.replace(old, target)
        for left in target.parent.glob(f".{target.name}-*"):
            shutil.rmtree(left)
    for part in (*folder.rglob(".lbie-*.part"), *folder.glob("*.ckpt.part")):
        part.unlink()
