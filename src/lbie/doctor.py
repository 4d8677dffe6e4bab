"""A look at an installation: what is there, whether it works, and what to do where it does not."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import lbie
from lbie.checksums import changed_files
from lbie.errors import InputError, LbieError, ResourceError
from lbie.registry import WEIGHTS_ROOT, read_card

if TYPE_CHECKING:
    from packaging.requirements import Requirement

    from lbie.editor import Editor

MEMORY = 2**30
"""Bytes of memory that should be free: a 12-megapixel photo takes 0.8 GB (`results/full_size.json`)."""
DISK = 2**28
"""Bytes of disk that should be free."""
_REINSTALL = "install lbie again, with pip's --force-reinstall --no-deps"


class State(StrEnum):
    """How it stands with one thing."""

    OK = "ok"
    ABSENT = "absent"
    """Not installed, and not needed for what lbie does without it."""
    BROKEN = "broken"
    SHORT = "short"
    """Less of it than an edit may need."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    about: str
    state: State
    found: str
    advice: str = ""
    """What to do, where something is to be done."""


def examine(device: str = "auto", runtime: str = "auto") -> Iterator[Check]:
    """Look at versions, extras, devices, weights, an edit by each model, memory and disk; no fault is raised.

    Args:
        device: on which the edits are tried: auto, cpu, cuda or mps.
        runtime: by which: auto, onnx or torch.
    """
    yield Check("lbie", State.OK, f"{lbie.__version__} in {Path(lbie.__file__).parent}")
    yield Check("python", State.OK, f"{platform.python_version()} ({sys.executable}), {platform.platform()}")
    yield from _packages()
    used = _device(device, runtime)
    yield used
    names = sorted(path.name for path in WEIGHTS_ROOT.glob("*/"))
    yield from map(_weights, names) if names else [Check("weights", State.BROKEN, "there are none", _REINSTALL)]
    if used.state is State.OK:
        yield from (_trial(name, device, runtime) for name in names)
    yield _memory()
    yield _disk("working folder", os.getcwd)
    yield _disk("temporary folder", tempfile.gettempdir)


def exit_code(checks: list[Check]) -> int:
    """0, 2 where something is broken, else 5 where there is too little memory or disk."""
    states = {check.state for check in checks}
    if State.BROKEN in states:
        return InputError.exit_code
    return ResourceError.exit_code if State.SHORT in states else 0


def _packages() -> Iterator[Check]:
    """What lbie needs, each; and its extras, as far as they are installed."""
    from packaging.requirements import Requirement

    needed = [Requirement(text) for text in metadata.requires("lbie") or ()]
    for requirement in needed:
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            version, fault = _version(requirement.name), _lacks(requirement)
            name, advice = f"package {requirement.name}", f"pip install '{requirement.name}{requirement.specifier}'"
            yield Check(name, State.BROKEN, fault, advice) if fault else Check(name, State.OK, version or "")
    for extra in sorted(metadata.metadata("lbie").get_all("Provides-Extra") or ()):
        wanted = [r for r in needed if r.marker is not None and r.marker.evaluate({"extra": extra})]
        missing = ", ".join(r.name for r in wanted if _version(r.name) is None)
        faults = [f"not installed: {missing}"] if missing else []
        faults += [fault for r in wanted if _version(r.name) and (fault := _lacks(r))]
        if faults:
            yield Check(f"extra {extra}", State.ABSENT, "; ".join(faults), f"pip install 'lbie[{extra}]', if wanted")
        else:
            yield Check(f"extra {extra}", State.OK, f"all {len(wanted)} packages")


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _lacks(requirement: Requirement) -> str:
    """What is wrong with a package, or nothing."""
    version = _version(requirement.name)
    if version is None:
        return f"{requirement.name} is not installed"
    fits = requirement.specifier.contains(version, prereleases=True)
    return "" if fits else f"{requirement.name} is {version}, needed is {requirement.specifier}"


def _device(name: str, runtime: str) -> Check:
    """Where models run, by which runtime, and what a model with graphs takes of that."""
    there = [f"cpu ({os.cpu_count() or 1} cores)"]
    try:
        from lbie.runtime import check_device

        check_device(name, runtime)
        used = "cpu" if name == "auto" else name
        if find_spec("torch") is not None:
            import torch

            from lbie.runtime.torch_runtime import pick_device

            used = pick_device(name) if runtime == "torch" else used

            if torch.cuda.is_available():
                there.append(f"cuda ({torch.cuda.get_device_name()})")
            if torch.backends.mps.is_available():
                there.append("mps")
        runtimes = [f"{package} {version}" for package in ("onnxruntime", "torch") if (version := _version(package))]
        return Check("device", State.OK, f"{', '.join(there)} by {' and '.join(runtimes)}; used: {used}")
    except InputError as error:
        return Check("device", State.BROKEN, str(error), "use --device auto")
    except Exception as error:  # a broken build of torch fails in many ways
        advice = "install a build of torch for this machine: https://pytorch.org/get-started/locally"
        return Check("device", State.BROKEN, _told(error), advice)


def _weights(name: str) -> Check:
    """Whether a bundled model's files are those that were published."""
    folder = WEIGHTS_ROOT / name
    faults = changed_files(folder)
    if faults:
        return Check(f"weights {name}", State.BROKEN, "; ".join(faults), _REINSTALL)
    return Check(f"weights {name}", State.OK, f"version {read_card(folder).version}, SHA-256 as published")


def _trial(name: str, device: str, runtime: str) -> Check:
    """Whether a model edits."""
    about, began = f"edit by {name}", time.perf_counter()
    try:
        from lbie.editor import Editor

        editor = Editor.from_pretrained(name, device, runtime)
        if not _TRIALS[editor.runtime.config.task](editor):
            return Check(about, State.BROKEN, "the result is not what the sentence says", _REINSTALL)
    except Exception as error:  # whatever it is, it is told
        if isinstance(error, ResourceError | MemoryError):
            return Check(about, State.SHORT, _told(error), "free some memory, or use --device cpu")
        return Check(about, State.BROKEN, _told(error), _REINSTALL)
    seconds = time.perf_counter() - began
    return Check(
        about, State.OK, f"works by {editor.runtime.name} on {editor.runtime.device}, {seconds:.1f} s with loading"
    )


def _colours_a_disc(editor: Editor) -> bool:
    """A gray disc is a flower, if not a pretty one: it comes out blue where blue is said."""
    import numpy as np

    rows, columns = np.mgrid[-64:64, -64:64]
    disc = np.where(np.hypot(rows, columns) < 40, 150, 60).astype(np.uint8)
    inside = editor.set_image(disc).edit("The flower is blue in color.").rgb[disc == 150].astype(int)
    return bool((inside[:, 2] - inside[:, 0]).mean() > 10)


def _colours_the_circle(editor: Editor) -> bool:
    """The circle in the middle of the bundled drawing becomes red."""
    rgb = editor.set_image("sample:shapes").edit("The circle is red.").rgb
    red, green, blue = rgb[rgb.shape[0] // 2, rgb.shape[1] // 2].astype(int)
    return bool(red > 150 and max(green, blue) < 100)


def _looks(editor: Editor) -> bool:
    """Looking for a person in a plain picture gives an answer of the right form."""
    import numpy as np

    answer = editor.set_image(np.full((96, 128, 3), 128, np.uint8)).segment("the person")
    return answer.mask.shape == (96, 128) and bool(np.isfinite(answer.mask).all()) and 0 <= answer.confidence <= 1


_TRIALS: dict[str, Callable[[Editor], bool]] = {
    "colorize": _colours_a_disc,
    "shapes": _colours_the_circle,
    "sketch": _colours_the_circle,
    "segment": _looks,
}
"""Of each task."""


def free_memory() -> int | None:
    """Bytes that this process can still have, by the kernel and by its control group; None where that is not told."""
    found = []
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        found.append(next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) * 1024)
        group = Path("/sys/fs/cgroup")
        found.append(int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()))
    except (OSError, ValueError, StopIteration):  # no Linux, or no limit
        pass
    return min(found, default=None)


def _memory() -> Check:
    free = free_memory()
    if free is None:
        return Check("memory", State.OK, "how much is free is not told by this system")
    if free < MEMORY:
        return Check("memory", State.SHORT, f"{free / 1e9:.1f} GB free", "close other programs, or use small images")
    return Check("memory", State.OK, f"{free / 1e9:.1f} GB free")


def _disk(about: str, find: Callable[[], str]) -> Check:
    try:
        folder = find()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check(
            about, State.BROKEN, error.strerror or _told(error), "go to a folder that is there and can be written"
        )
    found = f"{free / 1e9:.1f} GB free in {folder}"
    if free < DISK:
        return Check(about, State.SHORT, found, "make room, or write to another disk")
    return Check(about, State.OK, found)


def _told(error: Exception) -> str:
    """An error in a line."""
    text = " ".join(str(error).split())
    return text if isinstance(error, LbieError) else f"{type(error).__name__} {text}".strip()
