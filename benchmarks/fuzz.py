"""Fuzz the readers of lbie with atheris: the section `fuzzing` of results/trust.json.

python benchmarks/fuzz.py TARGET|all [--minutes 10] [--work out/fuzz] [--keep tests/fuzz_corpus] [-o results/trust.json]

Each reader of fuzz_targets.py is fed what libFuzzer makes of the seeds and of tests/fuzz_corpus, guided by the coverage of
lbie (and of the parsers beneath that are written in Python). A crash is any exception but lbie's own errors of one line, a
wrong result, more than 10 s of the processor, more than 1 GiB, or a death; its input lies in WORK/TARGET/crashes. With
--keep, the fewest small inputs that run through the same lines replace those of the folder. Minutes are of the processor; a
run goes on from the corpus of the last one in WORK, and its executions and minutes are added to those written before.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import resource
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fuzz_lines import Lines
from fuzz_targets import TARGETS, Target

from lbie.evaluation.report import machine, read_section, write_section

HERE = Path(__file__).parent
KEPT = HERE.parent / "tests" / "fuzz_corpus"
_WALL = 120  # seconds by the clock for one input: the machine may be busy
_PROGRESS = re.compile(r"^#(\d+)\s+\w+\s+cov: (\d+)", re.MULTILINE)


def fuzz(name: str, target: Target, minutes: float, work: Path) -> dict[str, Any]:
    """Fuzz one reader for a time; a worker that dies leaves its input behind and is replaced."""
    for part in ("corpus", "crashes"):
        (work / part).mkdir(parents=True, exist_ok=True)
    for data in (*target.seeds(), *(path.read_bytes() for path in sorted((KEPT / name).glob("*")))):
        (work / "corpus" / hashlib.sha1(data).hexdigest()).write_bytes(data)
    words = ["".join(f"\\x{byte:02x}" for byte in word) for word in target.words]
    (work / "words.dict").write_text("".join(f'"{word}"\n' for word in words))
    before = {path.stem for path in (work / "crashes").iterdir()}
    began, used = time.monotonic(), _processor()
    executions = edges = deaths = 0
    while (left := 60 * minutes - (_processor() - used)) > 1:
        log = _work(name, target, left, work)
        progress = [tuple(map(int, found)) for found in _PROGRESS.findall(log)]
        executions += max((found[0] for found in progress), default=0)
        edges = max([edges, *(found[1] for found in progress)])
        if "exiting as requested" not in log:
            deaths += 1
            print(f"{name}: a worker died:\n{log[-1500:]}", flush=True)
    return {
        "executions": executions,
        "minutes_of_the_processor": round((_processor() - used) / 60, 2),
        "minutes": round((time.monotonic() - began) / 60, 2),
        "edges": edges,
        "deaths": deaths,
        "crashes": sorted({path.stem for path in (work / "crashes").glob("*")} - before),
    }


def _work(name: str, target: Target, seconds: float, work: Path) -> str:
    """What a worker says on its way to its end."""
    command = [
        *(sys.executable, str(HERE / "fuzz_worker.py"), name, str(work), str(work / "corpus")),
        *(f"-max_len={target.most_bytes}", f"-dict={work / 'words.dict'}", "-handle_usr1=1", "-print_final_stats=1"),
        *(f"-timeout={_WALL}", "-rss_limit_mb=4096", f"-artifact_prefix={work / 'crashes'}/", "-len_control=20"),
        f"-report_slow_units={_WALL}",
    ]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "LBIE_FUZZ_SECONDS": str(seconds)}
    environment["LBIE_FUZZ_PARSERS"] = " ".join(target.parsers)
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", env=environment, check=False)
    (work / "log.txt").write_text(done.stderr)
    return done.stderr


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def minimise(target: Target, corpus: Path) -> tuple[list[bytes], Lines]:
    """The small inputs of a corpus that together run through all lines that all of them do."""
    lines = Lines(target.modules)
    kept = []
    for data in sorted((path.read_bytes() for path in corpus.iterdir()), key=lambda data: (len(data), data)):
        if lines.run(target.run, data):
            kept.append(data)
    return kept, lines


def write_kept(name: str, kept: list[bytes], folder: Path) -> None:
    """Put a minimised corpus into its place."""
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    for path in place.iterdir():
        path.unlink()
    for data in kept:
        (place / hashlib.sha1(data).hexdigest()[:12]).write_bytes(data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=[*TARGETS, "all"])
    parser.add_argument("--minutes", type=float, default=10, help="of the processor, for each target [10]")
    parser.add_argument("--work", type=Path, default=Path("out/fuzz"), help="corpora and crashes [out/fuzz]")
    parser.add_argument("--keep", type=Path, help="write the minimised corpora there")
    parser.add_argument("-o", "--output", type=Path, help="write there; targets that are not run stay as they are")
    options = parser.parse_args()
    failed = False
    for name in TARGETS if options.target == "all" else [options.target]:
        work = options.work / name
        figures = fuzz(name, TARGETS[name], options.minutes, work)
        kept, lines = minimise(TARGETS[name], work / "corpus")
        figures |= {"lines": lines.hit, "lines_in_all": lines.count, "modules": list(TARGETS[name].modules)}
        figures |= {"kept": len(kept), "kept_bytes": sum(map(len, kept)), "machine": machine()}
        print(json.dumps({name: figures}, indent=1), flush=True)
        if options.keep:
            write_kept(name, kept, options.keep)
        if options.output:
            write(options.output, name, figures)
        failed |= bool(figures["crashes"] or figures["deaths"])
    sys.exit(failed)


def write(output: Path, name: str, figures: dict[str, Any]) -> None:
    """Merge the figures of a target; crashes that earlier runs found stay told."""
    section = read_section(output, "fuzzing") or {"targets": {}}
    before = section["targets"].get(name, {})
    for key in ("executions", "minutes_of_the_processor", "minutes", "deaths"):
        figures[key] = round(figures[key] + before.get(key, 0), 2)
    figures["crashes_of_earlier_runs"] = sorted(
        {*before.get("crashes_of_earlier_runs", ()), *before.get("crashes", ())} - {*figures["crashes"]}
    )
    section["tool"] = f"atheris {version('atheris')}"
    section["targets"][name] = figures
    write_section(output, "fuzzing", section)


if __name__ == "__main__":
    main()
