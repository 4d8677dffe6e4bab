"""Make figures again, one command after another, and compare them with the committed ones."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from lbie.errors import LbieError, ResourceError
from lbie.image_io import write_bytes
from lbie.reproduce.compare import Comparison, compare_files, sum_up
from lbie.reproduce.listing import Figure, Listing, Made

RUNS = "runs"
"""Folder of training runs, below the working folder."""


class State(StrEnum):
    """What became of a figure."""

    SAME = "same"
    OFF = "off"
    """Outside the tolerance."""
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Outcome:
    """What became of a figure, and why."""

    figure: Figure
    state: State
    reason: str = ""
    found: Comparison = field(default_factory=lambda: Comparison(0))
    seconds: float = 0.0
    made: tuple[tuple[Path, Path], ...] = ()
    """Files that were made, each with the committed one."""


def keep(outcome: Outcome) -> None:
    """Put files that were made in the place of the committed ones; of a part, the part alone."""
    for made, committed in outcome.made:
        data = made.read_bytes()
        if part := outcome.figure.part:
            figures = json.loads(committed.read_text("utf-8")) | {part: json.loads(data)[part]}
            data = (json.dumps(figures, indent=1, ensure_ascii=False) + "\n").encode()
        write_bytes(committed, data)


class StepFailedError(LbieError):
    """A command ended otherwise than with 0."""


@dataclass
class Reproduction:
    """One run of `lbie reproduce`: where, of what, and in which manner."""

    root: Path
    """The clone; commands run in it."""
    listing: Listing
    work: Path
    """Folder of all that is made; what was trained there is used again."""
    full: bool
    """Train from the recipes, in place of the shipped weights."""
    data: Path | None
    """Folder of the data sets, if there is one."""
    tell: Callable[[str], None]
    """Takes one line at a time, of what is begun."""

    def run(self, figures: list[Figure]) -> Iterator[Outcome]:
        """Make each, and compare it; a failure does not stop the rest.

        Raises:
            ResourceError: the disk is full.
        """
        self.work.mkdir(parents=True, exist_ok=True)
        for number, figure in enumerate(figures, 1):
            place = f"{number} of {len(figures)}, {figure.name}"
            if reason := self.refusal(figure):
                yield Outcome(figure, State.SKIPPED, reason)
                continue
            begun = time.monotonic()
            try:
                for made in self._order(figure):
                    self._make(made, place)
                yield self._measure(figure, place, begun)
            except StepFailedError as error:
                yield Outcome(figure, State.FAILED, str(error), seconds=time.monotonic() - begun)

    def refusal(self, figure: Figure) -> str:
        """Why a figure is not made; empty where it is."""
        if figure.by_hand:
            return f"by hand: {figure.by_hand}"
        if figure.trains and not self.full:
            return "trains: --full"
        needed = self._order(figure)
        for made in needed:
            if made.trains and not self.full and not self._at_hand(made):
                return f"needs '{made.name}', which is trained: --full"
        items: list[Made | Figure] = [figure, *(made for made in needed if not self._at_hand(made))]
        for item in items:
            for package in item.packages:
                if find_spec(package) is None:
                    return f"needs the package '{package}'"
            for folder in item.data:
                if self.data is None or not (self.data / folder).is_dir():
                    return f"no data '{folder}' in '{self.data or 'the folder of data sets'}': --data DIR"
        return ""

    def _named(self, name: str) -> Made:
        return next(made for made in self.listing.made if made.name == name)

    def _order(self, figure: Figure) -> list[Made]:
        """What has to be made for a figure: of models that are shipped, and of what options take, only in full."""
        names = dict.fromkeys([*figure.needs, *(figure.takes if self.full else ())])
        return [made for made in map(self._named, names) if self.full or not made.shipped]

    def _at_hand(self, made: Made) -> bool:
        return (self.work / f"{made.name}.made").exists()

    def _words(self, command: str, out: str = "") -> list[str]:
        """A command with its places filled in."""
        places = {
            m.name: m.name if m.shipped and not self.full else str(self.work / m.folder) for m in self.listing.made
        }
        places |= {"out": out, "work": str(self.work), "runs": str(self.work / RUNS), "data": str(self.data)}
        for name, place in places.items():
            command = command.replace("{" + name + "}", shlex.quote(place))
        return shlex.split(command)

    def _make(self, made: Made, place: str) -> None:
        """Make what figures need, unless it was made before; a training run that was cut off goes on."""
        if self._at_hand(made):
            return
        for command in made.commands:
            words = self._words(command)
            if words[:2] == ["lbie", "train"]:
                name = next((w.removeprefix("name=") for w in words if w.startswith("name=")), words[2])
                words += ["--resume"] if (self.work / RUNS / name / "last.ckpt").exists() else []
            self._call(words, place, self.work / f"made-{made.name}.log", made.minutes)
        (self.work / f"{made.name}.made").touch()

    def _measure(self, figure: Figure, place: str, begun: float) -> Outcome:
        committed = figure.output()
        out = self.work / committed.name if committed else None
        if out and out.is_dir():
            shutil.rmtree(out)
        elif out:
            out.unlink(missing_ok=True)
        for number, command in enumerate(figure.commands, 1):
            words = self._words(command, str(out or ""))
            if number == len(figure.commands):
                for name, options in figure.takes.items():
                    words += self._words(options) if self._at_hand(self._named(name)) else []
            self._call(words, place, self.work / f"{figure.name}.log", figure.minutes)
        seconds = time.monotonic() - begun
        if out is None:
            return Outcome(figure, State.SAME, "its command found no difference", Comparison(1), seconds)
        made = tuple(self._made(figure, out))
        tolerance = figure.full_tolerance if self.full else figure.tolerance
        found = sum_up([compare_files(*pair, tolerance, figure.apart, figure.part) for pair in made])
        return Outcome(figure, State.SAME if found.same else State.OFF, "", found, seconds, made)

    def _made(self, figure: Figure, out: Path) -> Iterator[tuple[Path, Path]]:
        """The files that were made, each with the committed one; `out` is a folder where the list has a pattern."""
        for pattern in figure.files:
            for committed in sorted(self.root.glob(pattern)):
                made = out / committed.name if out.is_dir() else out.with_name(committed.name)
                if not made.is_file():
                    raise StepFailedError(f"its command wrote no '{made}'")
                yield made, committed

    def _call(self, words: list[str], place: str, log: Path, minutes: float) -> None:
        """Run a command; what it says goes to a log.

        Raises:
            StepFailedError: it ended otherwise than with 0; the message has its last line.
        """
        self.tell(f"{place}: {shlex.join(words)} (about {minutes:g} min)")
        programs = {"lbie": [sys.executable, "-m", "lbie.cli"], "python": [sys.executable]}
        call = [*programs.get(words[0], [words[0]]), *words[1:]]
        if shutil.which(call[0]) is None:
            raise StepFailedError(f"there is no program '{call[0]}'")
        path = os.pathsep.join(filter(None, (str(self.root / "src"), os.environ.get("PYTHONPATH"))))
        environment = os.environ | {"PYTHONPATH": path} | ({"LBIE_DATA": str(self.data)} if self.data else {})
        try:
            with log.open("ab") as file:
                code = subprocess.run(
                    call, cwd=self.root, env=environment, stdout=file, stderr=file, check=False
                ).returncode
        except OSError as error:
            raise ResourceError(f"cannot run '{shlex.join(words)}': {error.strerror}") from error
        if code:
            lines = log.read_text("utf-8", "replace").strip().splitlines() or ["it said nothing"]
            raise StepFailedError(f"exit code {code}: {lines[-1].strip()[:200]} ('{log}')")
