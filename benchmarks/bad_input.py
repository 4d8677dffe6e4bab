"""Some hundred bad files through everything that takes files: the section `bad_input` of results/trust.json.

python benchmarks/bad_input.py [--routes edit,api] [--groups cut,huge] [-o results/trust.json]

Each route is a process of its own that holds the models and is given one file after the other, so that a file takes its
own time and not that of a start. It ends in a result, in an error of one line, or in a fault: a traceback, a death, a
line that is none of lbie's, an output in spite of an error, more than 10 s of the processor (RLIMIT_CPU), twice two
minutes by the clock, or more than 1 GiB beyond the process at its start (the peak of its resident memory; allocations beyond
that fail, by RLIMIT_DATA). Some files, one of each group at least, also go through commands of their own; and all of
them, as one folder, through `lbie batch` as it is.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bad_files import GROUPS, Bad, make_corpus
from bad_routes import DRAWN, MEMORY, ROUTES, SECONDS, SENTENCE, judge

from lbie.evaluation.report import machine, read_section, write_section

WALL = 120.0
"""Seconds by the clock for one file."""
HERE = Path(__file__).parent
_ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
_COMMAND_MEMORY = 2**30 + 700 * 2**20  # beside its gibibyte, what a command takes for itself


class Route:
    """A process that puts files through a route; one that dies is replaced."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._start()

    def _start(self) -> None:
        words = [sys.executable, str(HERE / "bad_routes.py"), self.name]
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_ENVIRONMENT
        )
        good = self._answer(600)
        if good is None or good["kind"] != "result":
            sys.exit(f"{self.name} does not work on a good file: {good}")
        self.start_mib = good["start_mib"]

    def __call__(self, place: Path, again: bool = False) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(str(place)) + "\n")
        self._process.stdin.flush()
        outcome = self._answer(WALL)
        if outcome is None and self._process.poll() is None and not again:  # the machine may have slept
            self.close()
            self._start()
            return self(place, again=True)
        if outcome is None:
            code = self._process.poll()
            self.close()
            died = "no answer within the time" if code is None else f"the process died: {_signal(code)}"
            outcome = {"kind": "fault", "code": "", "said": died, "seconds": float(SECONDS), "mib": 0}
            self._start()
        return outcome

    def _answer(self, seconds: float) -> dict[str, Any] | None:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        line = self._process.stdout.readline() if ready else ""
        return json.loads(line) if line else None

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def _signal(code: int | None) -> str:
    return signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"


def as_command(bad: Bad) -> dict[str, Any]:
    """Call `lbie edit` as people do, in the folder of the file and by its bare name."""
    vector = bad.path.suffix in (".svg", ".svgz", ".dxf")
    with tempfile.TemporaryDirectory() as work:
        output = Path(work) / ("out.svg" if vector else "out.png")
        words = [sys.executable, "-m", "lbie.cli", "edit", "-o", str(output), "--device", "cpu"]
        words += ["--", bad.path.name, DRAWN if vector else SENTENCE]
        began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        try:
            done = subprocess.run(
                words, capture_output=True, cwd=bad.path.parent, env=_ENVIRONMENT, preexec_fn=_limits, timeout=WALL,
                stdin=subprocess.DEVNULL, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return {"kind": "fault", "code": "", "said": "no answer within the time", "seconds": 0.0, "mib": 0}
        seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - began
        told = judge(
            done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"), output
        )
    return {"kind": told.kind, "code": told.code, "said": told.said, "seconds": round(seconds, 2), "mib": 0}


def _limits() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + 20, SECONDS + 20))  # with the start of Python and torch
    resource.setrlimit(resource.RLIMIT_DATA, (_COMMAND_MEMORY, _COMMAND_MEMORY))


def whole_folder(corpus: Path) -> dict[str, Any]:
    """`lbie batch` of the whole corpus, in a process whose workers have the limit on memory, too."""
    with tempfile.TemporaryDirectory() as work:
        words = [sys.executable, "-m", "lbie.cli", "batch", str(corpus), SENTENCE, "-o", str(Path(work) / "out")]
        began = time.perf_counter()
        done = subprocess.run(
            [*words, "--device", "cpu", "--json"], capture_output=True, text=True, env=_ENVIRONMENT, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (_COMMAND_MEMORY, _COMMAND_MEMORY)),
        )  # fmt: skip
        seconds = time.perf_counter() - began
    told = json.loads(done.stdout) if done.stdout else {}
    reasons = [failure["reason"] for failure in told.get("failures", [])]
    counts = {state: told.get(state, 0) for state in ("done", "unmatched", "failed", "skipped")}
    return {
        "exit_code": done.returncode,
        **counts,
        "files": sum(counts.values()),
        "tracebacks": done.stderr.count("Traceback"),
        "unexpected": [reason for reason in reasons if reason.startswith("an unexpected") or "worker died" in reason],
        "minutes": round(seconds / 60, 1),
    }


def put_through(name: str, bads: list[Bad], show: bool = True) -> dict[str, dict[str, Any]]:
    """Every file through a route: outcome by the name of the file."""
    outcomes = {}
    route = as_command if name == "command" else Route(name)
    for bad in bads:
        outcome = route(bad) if isinstance(route, type(as_command)) else route(bad.path)
        if outcome["kind"] != "fault" and (outcome["seconds"] > SECONDS or outcome["mib"] * 2**20 > MEMORY):
            outcome |= {"kind": "fault", "said": f"{outcome['seconds']} s, {outcome['mib']} MiB"}
        outcomes[f"{bad.group}: {bad.name}"] = outcome
        if show and outcome["kind"] == "fault":
            print(f"{name:8} {bad.group}: {bad.name}: {outcome}", flush=True)
    if isinstance(route, Route):
        route.close()
    return outcomes


def summary(outcomes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Counts and extremes of a route."""
    slowest = max(outcomes, key=lambda name: outcomes[name]["seconds"])
    largest = max(outcomes, key=lambda name: outcomes[name]["mib"])
    counts = Counter(outcome["kind"] for outcome in outcomes.values())
    return {
        "files": len(outcomes),
        **{kind: counts[kind] for kind in ("result", "refused", "fault")},
        "codes": dict(sorted(Counter(o["code"] for o in outcomes.values() if o["kind"] == "refused").items())),
        "slowest": f"{outcomes[slowest]['seconds']} s: {slowest}",
        **({"largest": f"{outcomes[largest]['mib']} MiB: {largest}"} if outcomes[largest]["mib"] else {}),
        "faults": {name: o["said"] for name, o in outcomes.items() if o["kind"] == "fault"},
    }


def told(outcome: dict[str, Any]) -> str:
    """An outcome in two words."""
    return outcome["kind"] if outcome["kind"] != "refused" else f"refused ({outcome['code']})"


def rows(routes: dict[str, dict[str, dict[str, Any]]]) -> dict[str, dict[str, str]]:
    """Name of a file to what became of it by each route."""
    table: dict[str, dict[str, str]] = {}
    for name, outcomes in routes.items():
        for file, outcome in outcomes.items():
            table.setdefault(file, {})[name] = told(outcome)
    return table


def merged(before: dict[str, Any], figures: dict[str, Any], table: dict[str, dict[str, str]]) -> dict[str, Any]:
    """The section with these routes, and those that were measured before."""
    lines = {}
    for file, row in table.items():
        old = dict(part.split(" ", 1) for part in before.get("table", {}).get(file, "").split(" | ") if part)
        lines[file] = " | ".join(f"{name} {outcome}" for name, outcome in (old | row).items())
    section = before | figures | {"routes": before.get("routes", {}) | figures["routes"]}
    return section | {"table": before.get("table", {}) | lines, "machine": machine()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--routes", default=",".join([*ROUTES, "command", "folder"]))
    parser.add_argument("--groups", help="of files [all]")
    parser.add_argument("-o", "--output", type=Path, help="write there; routes that are not run stay as they are")
    options = parser.parse_args()
    if options.output and options.groups:
        parser.error("what is written is of all groups")
    names = options.routes.split(",")
    with tempfile.TemporaryDirectory() as work:
        corpus = Path(work) / "corpus"
        bads = make_corpus(corpus)
        groups = options.groups.split(",") if options.groups else list(dict.fromkeys(bad.group for bad in bads))
        chosen = [bad for bad in bads if bad.group in groups]
        few = [next(bad for bad in chosen if bad.group == group) for group in groups if group in GROUPS]
        few += [bad for bad in chosen if bad.group not in GROUPS]
        routes = {name: put_through(name, few if name == "command" else chosen) for name in names if name != "folder"}
        whole = {"folder": whole_folder(corpus)} if "folder" in names else {}
    figures: dict[str, Any] = {
        "files": len(chosen),
        "groups": dict(Counter(bad.group for bad in chosen)),
        "limits": {"seconds_of_the_processor": SECONDS, "mib_beyond_the_start": MEMORY // 2**20},
        "routes": {name: summary(outcomes) for name, outcomes in routes.items()},
    } | whole
    print(json.dumps(figures, indent=1))
    if options.output:
        section = merged(read_section(options.output, "bad_input"), figures, rows(routes))
        write_section(options.output, "bad_input", section)
    sys.exit(any(of["fault"] for of in figures["routes"].values()) or bool(whole and whole["folder"]["unexpected"]))


if __name__ == "__main__":
    main()
