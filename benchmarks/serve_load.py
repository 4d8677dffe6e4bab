"""Ten clients at once on `lbie serve`, and what the next sentence on an uploaded image costs over HTTP.

python benchmarks/serve_load.py [--seconds 300] [--rounds 60] [-o results/server.json]
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import requests
from PIL import Image

from lbie import Editor
from lbie.evaluation.report import machine, write_figures
from lbie.image_io import decode_image
from lbie.samples import sample_path

CLIENTS = 10
GOAL = 0.40
STORE = 128
"""MiB: enough for what ten clients do at a time, and full before the warm-up ends."""
MOST_GROWTH = 1.10
"""Of the memory, from the first third after the warm-up to the last."""
FLOWERS = ("The flower is red in color.", "this flower has white petals and a yellow center", "a purple flower")
WORK = [
    *(("flower", sentence, "flowers") for sentence in FLOWERS),
    ("chelsea", "make the cat orange", "photos"),
    ("chelsea", "gray out everything except the cat", "photos"),
    ("coffee", "make the cup blue", "photos"),
    ("shapes", "The circle is red. The color of the shape above the circle is light-green.", "cosal"),
]
"""Sample, sentence and model of each edit."""


@contextmanager
def server(*options: str) -> Iterator[str]:
    """A server in a process of its own; gives its address."""
    command = [sys.executable, "-m", "lbie.cli", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            address = next(found[0] for line in process.stderr if (found := re.search(r"http://\S+:\d+", line)))
            threading.Thread(target=process.stderr.read, daemon=True).start()
            yield address
        finally:
            process.terminate()
            assert process.wait(60) == 0, "the server did not end well"


def hashed(picture: Image.Image) -> str:
    return hashlib.sha256(np.asarray(picture).tobytes()).hexdigest()


def expected() -> dict[tuple[str, str], str]:
    """Hash of the pixels that `Editor` gives, by sample and sentence."""
    editors = {model: Editor.from_pretrained(model) for _, _, model in WORK}
    return {
        (sample, sentence): hashed(
            editors[model].set_image(decode_image(sample_path(sample).read_bytes())).edit(sentence).image
        )
        for sample, sentence, model in WORK
    }


@dataclass
class Tally:
    """What a run of clients came to."""

    statuses: Counter[int] = field(default_factory=Counter)
    different: int = 0
    seconds: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    """Time and MiB."""
    lock: threading.Lock = field(default_factory=threading.Lock)


class Client:
    """Calls the server over one connection, waits and tries again where it is busy."""

    def __init__(self, address: str, tally: Tally) -> None:
        self.address, self.tally, self.session = address, tally, requests.Session()

    def call(self, method: str, path: str, form: dict[str, object] | None = None) -> requests.Response:
        files = None if form is None else {k: ("x", v) if isinstance(v, bytes) else (None, v) for k, v in form.items()}
        while True:
            began = time.perf_counter()
            answer = self.session.request(method, self.address + path, files=files, timeout=120)
            with self.tally.lock:
                self.tally.statuses[answer.status_code] += 1
                self.tally.seconds.append(time.perf_counter() - began)
            if answer.status_code != 429:
                return answer
            time.sleep(min(1.0, float(answer.headers["Retry-After"])))

    def edit(self, sample: str, sentence: str, number: int) -> str | None:
        """Edit, by id or by file, and fetch the picture; the hash of its pixels, None where a call failed."""
        data = sample_path(sample).read_bytes()
        form: dict[str, object] = {"image": data, "sentence": sentence}
        if number % 2:
            uploaded = self.call("POST", "/v1/images", {"image": data})
            if not uploaded.ok:
                return None
            form = {"image_id": uploaded.json()["id"], "sentence": sentence}
        edited = self.call("POST", "/v1/edit", form)
        if not edited.ok:
            return None
        links = edited.json()["links"]
        for link in ("mask", "attention", "match")[: number % 4]:
            if links[link]:
                self.call("GET", links[link])
        picture = self.call("GET", links["image"])
        return hashed(Image.open(io.BytesIO(picture.content))) if picture.ok else None


def load(address: str, seconds: float, clients: int) -> Tally:
    """Clients at once for a while; the results are compared with those of `Editor`."""
    wanted, tally, end = expected(), Tally(), time.monotonic() + seconds

    def work(start: int) -> None:
        client, number = Client(address, tally), start
        while time.monotonic() < end:
            sample, sentence, _ = WORK[number % len(WORK)]
            if client.edit(sample, sentence, number) != wanted[sample, sentence]:
                with tally.lock:
                    tally.different += 1
            number += 1

    def watch() -> None:
        while time.monotonic() < end:
            tally.memory.append((time.monotonic(), memory(address)))
            time.sleep(max(0.2, seconds / 200))

    with ThreadPoolExecutor(clients + 1) as threads:
        for future in [threads.submit(watch), *(threads.submit(work, number) for number in range(clients))]:
            future.result()
    return tally


def memory(address: str) -> float:
    """Resident MiB of the server, as it says itself."""
    lines = requests.get(f"{address}/metrics", timeout=60).text.splitlines()
    line = next(line for line in lines if line.startswith("process_resident_memory_bytes"))
    return float(line.split()[1]) / 2**20


def described(tally: Tally, clients: int, seconds: float) -> dict[str, object]:
    """Figures of a run; the first quarter is its warm-up."""
    after = [mib for _, mib in tally.memory[len(tally.memory) // 4 :]]
    third = max(1, len(after) // 3)
    growth = float(np.mean(after[-third:]) / np.mean(after[:third]))
    errors = sum(count for status, count in tally.statuses.items() if status >= 400 and status != 429)
    quick, slow = np.percentile(tally.seconds, (50, 95))
    return {
        "clients": clients,
        "store_mib": STORE,
        "seconds": seconds,
        "requests": {str(status): count for status, count in sorted(tally.statuses.items())},
        "errors_other_than_429": errors,
        "results_that_differ_from_the_editor": tally.different,
        "seconds_of_a_request": {"median": round(float(quick), 3), "95 %": round(float(slow), 3)},
        "memory_mib": [round(float(np.mean(part))) for part in np.array_split(np.array(after), 9)],
        "memory_growth": round(growth, 4),
        "met": bool(errors == 0 and tally.different == 0 and growth <= MOST_GROWTH),
    }


def next_sentence(address: str, rounds: int, accept: str) -> dict[str, object]:
    """What the next sentence costs as a share of the first: upload and edit against edit, on a photo never seen."""
    session = requests.Session()
    pixels = np.asarray(Image.open(sample_path("flower")))
    first, following = [], []
    for number in range(rounds + 3):
        shifted = io.BytesIO()
        Image.fromarray(np.roll(pixels, number, 1)).save(shifted, "JPEG", quality=95)
        began = time.perf_counter()
        form = {"image": ("x", shifted.getvalue())}
        name = session.post(f"{address}/v1/images", files=form, timeout=60).json()["id"]
        _edit(session, address, name, FLOWERS[number % 3], accept)
        middle = time.perf_counter()
        _edit(session, address, name, FLOWERS[(number + 1) % 3], accept)
        ended = time.perf_counter()
        if number >= 3:
            first.append(middle - began)
            following.append(ended - middle)
    ratio = np.array(following) / np.array(first)
    low, high = np.percentile(ratio, (25, 75))
    return {
        "photo": f"sample:flower, {pixels.shape[1]} x {pixels.shape[0]}",
        "answer": accept,
        "rounds": rounds,
        "upload_and_edit_ms": round(float(np.median(first)) * 1e3, 1),
        "next_edit_ms": round(float(np.median(following)) * 1e3, 1),
        "ratio": round(float(np.median(ratio)), 4),
        "ratio_quartiles": [round(float(low), 4), round(float(high), 4)],
        "goal": GOAL,
        "met": bool(np.median(ratio) <= GOAL),
    }


def _edit(session: requests.Session, address: str, name: str, sentence: str, accept: str) -> None:
    form = {"image_id": (None, name), "sentence": (None, sentence)}
    session.post(f"{address}/v1/edit", files=form, headers={"Accept": accept}, timeout=60).raise_for_status()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("-o", "--output", type=Path, default=Path("results/server.json"))
    options = parser.parse_args()
    with server("--store-megabytes", str(STORE)) as address:
        following = next_sentence(address, options.rounds, "application/json")
        tally = load(address, options.seconds, options.clients)
    figures = {
        "next_sentence": following,
        "load": described(tally, options.clients, options.seconds),
        "threads": os.environ.get("OMP_NUM_THREADS", "all"),
        "machine": machine(),
    }
    write_figures(options.output, figures)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
