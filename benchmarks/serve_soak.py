"""`lbie serve` for a while under a mix of good, bad and broken-off requests: the section `serve_soak` of results/trust.json.

python benchmarks/serve_soak.py [--minutes 20] [--period 0.5] [-o results/trust.json]

Requests are due at a fixed rate, whatever the answers take; one that is due while 16 others are out is left out and
counted. The server keeps pictures for a minute, so that all of them expire again and again. Memory is that which is
resident, four times a second; its slope over the last half has the 95 % interval of a line through means of 30 s.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import requests
from scipy import stats
from soak_requests import LIMIT, Mix

from lbie.evaluation.report import machine, write_section

OPTIONS = ("--device", "cpu", "--keep-minutes", "1", "--store-megabytes", "128", "--time-limit", str(LIMIT))
KEPT = 60
"""Seconds."""
OUT = 16
"""Requests that are out at a time."""
LOOK = 0.25
BLOCK = 30.0
MORE_THREADS = 8
"""Than at the start: pools start theirs when requests first meet. A leak would be of hundreds."""
MOST_GROWTH = 0.10
"""Of the memory in an hour: what the upper end of the slope's interval may come to."""


class Process:
    """The server, seen from outside."""

    def __init__(self, log: Any) -> None:
        words = [sys.executable, "-m", "lbie.cli", "serve", "--port", "0", *OPTIONS]
        self._process = subprocess.Popen(words, stderr=log)
        self.pid = self._process.pid

    def stop(self) -> int:
        """Its exit code."""
        self._process.terminate()
        return self._process.wait(120)

    def held(self) -> dict[str, int]:
        """Files, threads and children."""
        folder = Path(f"/proc/{self.pid}")
        children = sum(len(place.read_text().split()) for place in folder.glob("task/*/children"))
        files, threads = (len(list((folder / kind).iterdir())) for kind in ("fd", "task"))
        return {"files": files, "threads": threads, "children": children, "mib": round(self.mebibytes)}

    @property
    def mebibytes(self) -> float:
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGESIZE") / 2**20

    @property
    def seconds(self) -> float:
        """Of the processor."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Soak:
    """A run: what was answered, and what the server held meanwhile."""

    def __init__(self, process: Process, mix: Mix) -> None:
        self._process, self._mix = process, mix
        self.statuses: dict[str, Counter[str]] = defaultdict(Counter)
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.memory: list[tuple[float, float]] = []
        self.left_out = 0
        self._lock, self._stop = threading.Lock(), threading.Event()

    def run(self, seconds: float, period: float) -> None:
        """Send for so long, one request each `period` seconds."""
        watching = threading.Thread(target=self._watch)
        watching.start()
        began, out = time.monotonic(), set[Future[None]]()
        with ThreadPoolExecutor(OUT) as threads:
            for number in range(int(seconds / period)):
                time.sleep(max(0.0, began + number * period - time.monotonic()))
                out = {future for future in out if not future.done()}
                kind = self._mix.drawn()
                if len(out) < OUT:
                    out.add(threads.submit(self._send, kind))
                else:
                    self.left_out += 1
        self._stop.set()
        watching.join()

    def _send(self, kind: str) -> None:
        send, _, meant = self._mix.kinds[kind]
        began = time.perf_counter()
        try:
            status = send()
            told = str(status) if status in (*meant, 429) else f"{status}, not meant"
        except (requests.RequestException, OSError, ValueError) as error:
            told = f"{type(error).__name__}, not meant"
        with self._lock:
            self.statuses[kind][told] += 1
            self.seconds[kind].append(time.perf_counter() - began)

    def _watch(self) -> None:
        while not self._stop.wait(LOOK):
            self.memory.append((time.monotonic(), self._process.mebibytes))

    def slope(self) -> dict[str, Any]:
        """MiB a minute over the last half, with its interval, and whether it is flat."""
        times, values = np.array(self.memory[len(self.memory) // 2 :]).T
        blocks = ((times - times[0]) // BLOCK).astype(int)
        numbers = np.unique(blocks)
        means = np.array([values[blocks == number].mean() for number in numbers])
        line = stats.linregress(numbers * BLOCK / 60, means)
        half = line.stderr * stats.t.ppf(0.975, len(numbers) - 2)
        return {
            "mib_a_minute": round(float(line.slope), 3),
            "interval": [round(float(line.slope - half), 3), round(float(line.slope + half), 3)],
            "most": round(float(MOST_GROWTH * means.mean() / 60), 3),
            "met": bool((line.slope + half) * 60 <= MOST_GROWTH * means.mean()),
        }

    def described(self) -> dict[str, Any]:
        """Statuses, times and memory."""
        values = np.array([mib for _, mib in self.memory])
        return {
            "requests": sum(map(Counter.total, self.statuses.values())),
            "left_out": self.left_out,
            "not_meant": sum(n for c in self.statuses.values() for told, n in c.items() if "not meant" in told),
            "kinds": {
                kind: {
                    "statuses": dict(sorted(self.statuses[kind].items())),
                    "ms": {f"{p} %": round(float(np.percentile(times, p)) * 1e3) for p in (50, 95, 99)},
                }
                for kind, times in sorted(self.seconds.items())
            },
            "memory_mib": [round(float(part.mean())) for part in np.array_split(values, 20)],
            "memory_slope_of_the_last_half": self.slope(),
        }


def port_told(log: Path) -> int:
    """The port at which the server listens, as soon as it says so."""
    while not (found := re.search(r"http://\S+:(\d+)", log.read_text())):
        time.sleep(0.1)
    return int(found[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--period", type=float, default=0.5, help="seconds from one request to the next")
    parser.add_argument("-o", "--output", type=Path, help="write the section there")
    options = parser.parse_args()
    if options.minutes < 8 * BLOCK / 60:
        parser.error("a slope with an interval takes at least 4 minutes")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("w") as stderr:
            process = Process(stderr)
            mix = Mix(port_told(log))
            for kind, (send, _, _) in mix.kinds.items():
                if not kind.startswith(("gone", "stays")):
                    send()
            soak, start, spent, began = Soak(process, mix), process.held(), process.seconds, time.monotonic()
            soak.run(options.minutes * 60, options.period)
            share = (process.seconds - spent) / (time.monotonic() - began)
            busy = os.getloadavg()[2]
            time.sleep(KEPT + LIMIT)  # all pictures expire, and clients that stay are cut
            not_cut, end = mix.still_open(), process.held()
            metrics = requests.get(f"{mix.root}/metrics", timeout=60).text
            code = process.stop()
        lines = log.read_text().splitlines()
    kept = {name: float(re.findall(rf"^lbie_{name} (\S+)", metrics, re.M)[0]) for name in ("store_items", "running")}
    figures = {
        "minutes": options.minutes,
        "seconds_from_one_request_to_the_next": options.period,
        "options": " ".join(OPTIONS),
        **soak.described(),
        "share_of_a_processor": round(share, 3),
        "load_average_of_the_machine": round(busy, 1),
        "at_the_start": start,
        "at_the_end": end | kept,
        "clients_that_stay": {"all": len(mix.open), "not_cut": not_cut},
        "exit_code": code,
        "tracebacks": sum(line.startswith("Traceback") for line in lines),
        "threads": os.environ.get("OMP_NUM_THREADS", "all"),
        "machine": machine(),
    }
    flat = figures["memory_slope_of_the_last_half"]["met"]
    leaks = end["files"] > start["files"] or end["children"] > start["children"] or any(kept.values()) or not_cut
    leaks = leaks or end["threads"] > start["threads"] + MORE_THREADS
    figures["met"] = bool(flat and not leaks and not figures["not_meant"] and not code and not figures["tracebacks"])
    print(json.dumps(figures, indent=1))
    if options.output:
        write_section(options.output, "serve_soak", figures)
    sys.exit(not figures["met"])


if __name__ == "__main__":
    main()
