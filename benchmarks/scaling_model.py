"""Time and cost of editing a million and a billion photos: results/scaling.json.

python benchmarks/scaling_model.py [--figures results/cluster.json] [-o results/scaling.json]

What a photo takes is measured (`python benchmarks/cluster.py photo notes`); what machines and a store offer is assumed, and
stands in `ASSUMED`. A batch is a closed network of queues: each worker reads a photo, edits it, writes it and is noted, and
begins anew. Its throughput is worked out by mean value analysis and, apart from that, simulated event by event (simpy), where
work takes times of its own and not means; both are written.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import simpy

from lbie.evaluation.report import write_figures

ASSUMED = {
    "cores_of_a_laptop": 2,
    "disk_mb_a_second": 500,
    "cores_of_a_server": 32,
    "network_gbit_a_second": 12.5,
    "dollars_an_hour": 1.43,
    "seconds_a_sync": 0.0005,
    "store_seconds_a_request": 0.03,
    "names_of_a_listing": 1000,
    "store_reads_a_second_of_a_prefix": 5500,
    "store_writes_a_second_of_a_prefix": 3500,
    "dollars_for_1000_reads": 0.0004,
    "dollars_for_1000_writes": 0.005,
    "photos_of_a_row_group": 64,
    "spread_of_times": 0.3,
}
"""A server is one of 32 virtual processors in a cloud, the store one like S3, by their list prices."""
COUNTS = {"million": 10**6, "billion": 10**9}


@dataclass(frozen=True)
class Step:
    """A size of the whole."""

    name: str
    machines: int
    batches: int = 1
    """`lbie batch` that share the photos, each with a journal, a prefix of the store and its part of the machines."""
    shards: bool = False
    """Whether photos are read from Parquet, a row group a request."""
    laptop: bool = False


STEPS = (
    Step("a laptop", 1, laptop=True),
    Step("one server", 1),
    Step("ten servers", 10),
    Step("a thousand servers", 1000),
    Step("a thousand servers, 100 batches", 1000, batches=100),
    Step("a thousand servers, 100 batches, shards", 1000, batches=100, shards=True),
)


@dataclass(frozen=True)
class Station:
    """Where photos queue, one at a time."""

    name: str
    seconds: float
    """That a photo takes there."""
    like_it: int = 1
    """Stations of this kind; a photo goes to one of them."""


def stations(step: Step, photo: dict[str, float], notes: dict[str, float]) -> tuple[int, float, list[Station]]:
    """Workers of one batch of a step, seconds of a photo in which none is waited for, and the queues."""
    a = ASSUMED
    noted = Station("journal", notes["processor_microseconds_to_note"] * 1e-6 + a["seconds_a_sync"])
    if step.laptop:
        disk = Station("disk", (photo["mb_read"] + photo["mb_written"]) / a["disk_mb_a_second"])
        return round(a["cores_of_a_laptop"]), photo["processor_seconds"], [disk, noted]
    machines = step.machines // step.batches
    reads = 1 / a["photos_of_a_row_group"] if step.shards else 1.0
    network = (photo["mb_read"] + photo["mb_written"]) * 8e-3 / a["network_gbit_a_second"]
    store = reads / a["store_reads_a_second_of_a_prefix"] + 1 / a["store_writes_a_second_of_a_prefix"]
    alone = photo["processor_seconds"] + (reads + 1) * a["store_seconds_a_request"]
    queues = [Station("network of a machine", network, machines), Station("store", store), noted]
    return round(a["cores_of_a_server"]) * machines, alone, queues


def analyse(workers: int, alone: float, queues: list[Station]) -> tuple[float, dict[str, float]]:
    """Photos a second of a closed network by exact mean value analysis, and how busy each station is."""
    lengths = [0.0] * len(queues)
    rate = 0.0
    for present in range(1, workers + 1):
        waits = [q.seconds * (1 + length) for q, length in zip(queues, lengths, strict=True)]
        rate = present / (alone + sum(waits))
        lengths = [rate * wait / q.like_it for q, wait in zip(queues, waits, strict=True)]
    return rate, {q.name: rate * q.seconds / q.like_it for q in queues} | {"processors": rate * alone / workers}


def simulate(workers: int, alone: float, queues: list[Station], photos: int, seed: int = 0) -> float:
    """Photos a second of the same, event by event; times spread about their means, the first third is left out."""
    rng, world, done = random.Random(seed), simpy.Environment(), list[float]()
    desks = [[simpy.Resource(world) for _ in range(q.like_it)] for q in queues]

    def drawn(mean: float) -> float:
        spread = ASSUMED["spread_of_times"]
        return mean * rng.gammavariate(1 / spread**2, spread**2)

    def worker(own: int) -> Iterator[Any]:
        yield world.timeout(rng.random() * alone)
        while True:
            for queue, like_it in zip(queues, desks, strict=True):
                with like_it[own % len(like_it)].request() as turn:
                    yield turn
                    yield world.timeout(drawn(queue.seconds))
            yield world.timeout(drawn(alone))
            done.append(world.now)
            if len(done) == photos:
                ended.succeed()

    ended = world.event()
    for own in range(workers):
        world.process(worker(own))
    world.run(ended)
    first = photos // 3
    return (photos - 1 - first) / (done[-1] - done[first])


def work_out(step: Step, photo: dict[str, float], notes: dict[str, float], most: int) -> dict[str, Any]:
    """What a step gives: throughput both ways, what holds it up, and time and cost for each number of photos."""
    workers, alone, queues = stations(step, photo, notes)
    rate, busy = analyse(workers, alone, queues)
    simulated = simulate(workers, alone, queues, min(most, max(3000, 3 * workers)))
    known = {
        **asdict(step),
        "workers": workers * step.batches,
        "photos_a_second": round(rate * step.batches, 2),
        "photos_a_second_simulated": round(simulated * step.batches, 2),
        "busy": {name: round(share, 4) for name, share in busy.items()},
        "bottleneck": max(busy, key=lambda name: busy[name]),
    }
    reads = 1 / ASSUMED["photos_of_a_row_group"] if step.shards else 1
    named = ASSUMED["photos_of_a_row_group" if step.shards else "names_of_a_listing"]
    planned = notes["processor_microseconds_to_plan"] * 1e-6
    planned += 0.0 if step.laptop else ASSUMED["store_seconds_a_request"] / named
    requests = (reads * ASSUMED["dollars_for_1000_reads"] + ASSUMED["dollars_for_1000_writes"]) / 1000
    for name, count in COUNTS.items():
        planning = count / step.batches * planned
        hours = (planning + count / (rate * step.batches)) / 3600
        dollars = 0.0 if step.laptop else hours * step.machines * ASSUMED["dollars_an_hour"] + count * requests
        known[name] = {
            "hours": round(hours, 3),
            "hours_to_plan": round(planning / 3600, 3),
            "dollars": round(dollars),
            "journal_gb": round(count / step.batches * notes["journal_bytes_an_image"] / 1e9, 2),
        }
    return known


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--figures", type=Path, default=Path("results/cluster.json"))
    parser.add_argument("--photos", type=int, default=100_000, help="to simulate at most, for each step")
    parser.add_argument("-o", "--output", type=Path, default=Path("results/scaling.json"))
    options = parser.parse_args()
    measured = json.loads(options.figures.read_text("utf-8"))
    photo, notes = measured["photo"], measured["notes"]
    steps = [work_out(step, photo, notes, options.photos) for step in STEPS]
    apart = max(abs(s["photos_a_second_simulated"] / s["photos_a_second"] - 1) for s in steps)
    figures = {"photo": photo, "notes": notes, "assumed": ASSUMED, "steps": steps}
    figures["simulation_apart_at_most"] = round(apart, 4)
    write_figures(options.output, figures)
    print(json.dumps(steps, indent=1), f"\nsimulated and computed are {apart:.1%} apart at most")


if __name__ == "__main__":
    main()
