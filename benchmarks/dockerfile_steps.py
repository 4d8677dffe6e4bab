"""Run the steps of deploy/Dockerfile without Docker, in folders of their own, and try what comes out.

python benchmarks/dockerfile_steps.py                     # some minutes; writes results/dockerfile.json

Every instruction is read from the file. Absolute places that it names (WORKDIR, where COPY puts things) lie below a
temporary folder instead, and the base image's Python is this machine's: what the base image itself brings is not tried.
Then, as another user and without a network where this machine lets us: an edit, the doctor, and the default command
until HEALTHCHECK is content.
"""

from __future__ import annotations

import argparse
import ctypes
import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
KNOWN = ["FROM", "ENV", "WORKDIR", "COPY", "RUN", "LABEL", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"]
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
STARTED_IN = 120
"""Seconds in which HEALTHCHECK must be content."""


def instructions(text: str) -> list[tuple[str, str]]:
    """(word, rest) of each instruction of a Dockerfile.

    Raises:
        ValueError: one that this program does not know.
    """
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines()
    found = [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined)]
    unknown = {word for word, _ in found} - set(KNOWN)
    if unknown:
        raise ValueError(f"instructions that are not understood: {', '.join(sorted(unknown))}")
    return found


def command(text: str) -> list[str]:
    """The words of CMD, ENTRYPOINT or HEALTHCHECK in its JSON form."""
    return json.loads(text[text.index("[") :])


def in_context(path: str, ignore: str) -> bool:
    """Whether `.dockerignore` lets a file of the repository into the build; the last line that fits decides."""
    inside = True
    parents = ["/".join(path.split("/")[:n]) for n in range(1, path.count("/") + 2)]
    for line in ignore.split():
        pattern = line.removeprefix("!")
        anywhere = pattern.startswith("**/")
        names = path.split("/") if anywhere else parents
        if any(fnmatch.fnmatchcase(name, pattern.removeprefix("**/")) for name in names):
            inside = line.startswith("!")
    return inside


@dataclass
class Image:
    """What a Dockerfile makes, below a folder."""

    folder: Path
    environment: dict[str, str]
    places: list[str]
    """Absolute places that lie below the folder."""
    workdir: str = "/"
    settings: dict[str, str] = field(default_factory=dict)
    """USER, EXPOSE, HEALTHCHECK, ENTRYPOINT and CMD of the last stage."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Of each RUN."""

    def below(self, text: str) -> str:
        """A text with the places that it names put below the folder."""
        names = "|".join(map(re.escape, sorted(self.places, key=len, reverse=True)))
        return re.sub(rf"(?<![\w/.-])({names})(?![\w.-])", rf"{self.folder}\1", text)

    def path(self, name: str) -> Path:
        """A place of the image."""
        return Path(f"{self.folder}{os.path.normpath(os.path.join(self.workdir, name))}")

    def take(self, word: str, rest: str) -> None:
        """Carry out one instruction."""
        if word == "FROM":
            self.settings.clear()
            self.workdir = "/"
        elif word == "ENV":
            for pair in shlex.split(rest):
                name, _, value = pair.partition("=")
                self.environment[name] = self.below(value).replace("$PATH", self.environment["PATH"])
        elif word == "WORKDIR":
            self.workdir = rest
            self.path(".").mkdir(parents=True, exist_ok=True)
        elif word == "COPY":
            self._copy(rest.split())
        elif word == "RUN":
            began = time.perf_counter()
            print(f"RUN {rest}", flush=True)
            script = ["sh", "-euc", self.below(rest)]
            subprocess.run(script, cwd=self.path("."), env=self.environment, check=True)
            self.seconds[rest] = round(time.perf_counter() - began, 1)
        elif word != "LABEL":
            self.settings[word] = rest

    def _copy(self, words: list[str]) -> None:
        *sources, target = words
        if sources[0].startswith("--from="):
            if sources[1:] != [target]:
                raise ValueError(f"only a copy to the same place is understood: COPY {' '.join(words)}")
            assert self.path(target).exists()
            return
        ignore = (ROOT / ".dockerignore").read_text()
        listed = subprocess.run(["git", "ls-files", *sources], cwd=ROOT, capture_output=True, text=True, check=True)
        for name in listed.stdout.splitlines():
            if in_context(name, ignore):
                place = self.path(target) / (
                    os.path.relpath(name, sources[0]) if (ROOT / sources[0]).is_dir() else name
                )
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, place)


def build(folder: Path, python: str) -> Image:
    """Carry out the Dockerfile below a folder.

    Args:
        folder: empty.
        python: what `python` is in the base image.

    Raises:
        subprocess.CalledProcessError: a RUN failed.
    """
    steps = instructions(DOCKERFILE.read_text())
    places = [rest for word, rest in steps if word == "WORKDIR"]
    places += [target for word, rest in steps if word == "COPY" and (target := rest.split()[-1]).startswith("/")]
    base = folder / "base"
    base.mkdir()
    (base / "python").symlink_to(python)
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME")}
    environment["PATH"] = f"{base}:/usr/bin:/bin"
    image = Image(folder, environment, places)
    for step in steps:
        image.take(*step)
    return image


def cut_network() -> bool:
    """Leave this process and its children nothing of the network but a loopback; False where that is not allowed."""
    if not sys.platform.startswith("linux") or ctypes.CDLL(None).unshare(_NEW_NETWORK) != 0:
        return False
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    return True


def try_image(image: Image) -> dict[str, object]:
    """Use what was built as a container would, and say what came of it.

    Raises:
        subprocess.CalledProcessError: a command failed.
        TimeoutError: HEALTHCHECK was not content in time.
    """
    user, group = map(int, image.settings["USER"].split(":"))
    drop = {"user": user, "group": group, "extra_groups": []} if os.geteuid() == 0 else {}
    entry, default = command(image.settings["ENTRYPOINT"]), command(image.settings["CMD"])
    healthy = command(image.settings["HEALTHCHECK"])
    work = image.folder / "mounted"
    work.mkdir()
    if drop:
        os.chown(work, user, group)
    options = {"cwd": work, "env": image.environment}
    entry[0] = shutil.which(entry[0], path=image.environment["PATH"]) or entry[0]
    healthy[0] = shutil.which(healthy[0], path=image.environment["PATH"]) or healthy[0]
    edit = ["edit", "sample:flower", "The flower is blue in color.", "-o", "blue.png"]
    for words in (["doctor"], edit):
        subprocess.run([*entry, *words], **options, **drop, check=True)
    began = time.perf_counter()
    server = subprocess.Popen([*entry, *default], **options, **drop)
    try:
        while subprocess.run(healthy, **options, **drop, capture_output=True, check=False).returncode:
            if time.perf_counter() - began > STARTED_IN or server.poll() is not None:
                raise TimeoutError(f"'{shlex.join(default)}' was not healthy within {STARTED_IN} s")
            time.sleep(0.5)
        healthy_after = time.perf_counter() - began
    finally:
        server.terminate()
        server.wait(60)
    return {
        "user": user if drop else os.geteuid(),
        "edit_bytes": (work / "blue.png").stat().st_size,
        "healthy_after_seconds": round(healthy_after, 1),
        "server_exit": server.returncode,
    }


def main() -> None:
    """Build, try, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=shutil.which("python3", path="/usr/bin") or sys.executable)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "results" / "dockerfile.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        image = build(folder, options.python)
        network = "none" if cut_network() else "there"
        figures = {"runs": image.seconds, "network": network, **try_image(image)}
        options.output.write_text(json.dumps(figures, indent=1) + "\n")
        print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
