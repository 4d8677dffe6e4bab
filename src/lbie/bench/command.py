"""The whole command `lbie edit`, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2

from lbie.bench.asked import ASKED
from lbie.bench.rounds import Work

# A small process starts the command, since one that a large process starts counts that one's memory as its own.
_PEAK = (
    "import os, sys; status = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0); "
    "sys.exit('failed') if status[1] else print(status[2].ru_maxrss)"
)


def peak_mib(words: list[str], environment: dict[str, str] | None = None) -> float:
    """Most memory that a command has had at once.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    launcher = [sys.executable, "-I", "-S", "-c", _PEAK, *words]
    done = subprocess.run(launcher, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    units = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, KiB elsewhere
    return round(int(done.stdout.split()[-1]) / units, 1)


def as_installed(folder: Path) -> dict[str, str]:
    """The environment of a command whose modules are compiled once, into a folder, whatever this process was told."""
    return os.environ | {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}


@dataclass(frozen=True)
class Command:
    """Edits a file of a size by a model."""

    model: str
    size: str
    folder: Path
    """For the files that it reads and writes, and for compiled modules: as installed, they are compiled once."""
    threads: int

    def words(self) -> list[str]:
        """What is called."""
        asked = ASKED[self.model]
        source = self.folder / f"{self.model} {self.size}{'.png' if self.model == 'sketch' else '.jpg'}"
        if not source.exists():
            cv2.imwrite(str(source), cv2.cvtColor(asked.picture(self.size), cv2.COLOR_RGB2BGR))
        out = self.folder / f"out{source.suffix}"
        edit = ["-m", "lbie.cli", "edit", str(source), asked.sentences[0], "-o", str(out), "--model", self.model]
        return [sys.executable, *edit]

    def work(self) -> Work:
        """Calls it."""
        words, environment = self.words(), self._environment()
        return lambda: subprocess.run(words, env=environment, check=True, capture_output=True)

    def peak_mib(self) -> float:
        """Most memory that it has had at once."""
        return peak_mib(self.words(), self._environment())

    def _environment(self) -> dict[str, str]:
        return as_installed(self.folder) | {"OMP_NUM_THREADS": str(self.threads)}
