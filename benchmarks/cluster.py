"""`lbie batch` by more workers, by Ray, through S3 and over many images: results/cluster.json.

python benchmarks/cluster.py [pool] [ray] [kill] [s3] [many] [photo] [notes] [--share 1] [-o results/cluster.json]

pool   two workers against one, each of one thread, in turn, over small photos: images a second once they have started
ray    Ray on two nodes of this machine against the pool, two workers each, likewise
kill   one of the two nodes is killed midway: each result once, with the bytes that the pool writes
s3     from and to an S3 server (moto's), by Ray: likewise
many   10,000 small photos by two workers: memory by quarters, and a line through the time at each photo
photo  seconds of a 12-megapixel photo by one worker of one thread, those of the processor too, and its bytes in and out
notes  files a second that the process which hands out the work can plan and note, were the work nothing

Nodes are processes of this machine, of one processor each. `--share 0.1` takes a tenth of the photos.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

os.environ |= {"OMP_NUM_THREADS": "1", "RAY_worker_niceness": "0", "RAY_USAGE_STATS_ENABLED": "0"}
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")

import cv2
import numpy as np

from lbie.evaluation.report import machine, write_section
from lbie.image_io import read_image
from lbie.remote import Remote
from lbie.samples import sample_path
from lbie.scale.cluster import work_on_cluster
from lbie.scale.journal import FILE_NAME, Item, Journal, Outcome
from lbie.scale.plan import plan
from lbie.scale.pool import run_pool
from lbie.scale.run import record
from lbie.scale.settings import BatchSettings
from lbie.scale.stored import open_journal
from lbie.scale.work import Worker

SENTENCE, MODEL, SIDE = "The flower is blue.", "flowers", 96
SAMPLES = ("flower", "china", "coffee", "chelsea", "astronaut", "rocket")
Engine = Callable[[Journal, BatchSettings, int], Any]


def write_photos(folder: Path, count: int, side: int = SIDE) -> Path:
    """Crops of sample photos as JPEG, each another; returns the folder."""
    rng = random.Random(0)
    sources = [cv2.cvtColor(read_image(sample_path(name)).rgb, cv2.COLOR_RGB2BGR) for name in SAMPLES]
    for number in range(count):
        bgr = sources[number % len(sources)]
        size = rng.randint(side, min(bgr.shape[:2]))
        top, left = rng.randint(0, bgr.shape[0] - size), rng.randint(0, bgr.shape[1] - size)
        crop = cv2.resize(bgr[top : top + size, left : left + size], (side, side), interpolation=cv2.INTER_AREA)
        place = folder / f"{number // 500:03d}" / f"{number:06d}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(place), crop)
    return folder


def by_pool(journal: Journal, settings: BatchSettings, workers: int) -> Iterator[Any]:
    """As `work_through`, each worker of one thread however many there are."""
    with closing(run_pool(journal.waiting(), partial(Worker, settings, "cpu", 1), workers)) as outcomes:
        for item, outcome in outcomes:
            yield item, record(journal, settings, item, outcome)


def by_ray(journal: Journal, settings: BatchSettings, workers: int) -> Iterator[Any]:
    yield from work_on_cluster(journal, settings, workers=workers, device="cpu")


def work(photos: Path | Remote, results: Path | Remote, workers: int, engine: Engine = by_pool) -> list[float]:
    """Work on all photos; returns the second at which each was done. Each must be, once."""
    if isinstance(results, Path):
        results.mkdir()
    settings = BatchSettings(source=photos, sentence=SENTENCE, model=MODEL)
    with open_journal(results) as journal:
        plan(journal, settings)
        stamps, seen = [], Counter()
        with closing(engine(journal, settings, workers)) as outcomes:
            for item, outcome in outcomes:
                stamps.append(time.perf_counter())
                seen[item.path] += 1
                if outcome.state != "done":
                    sys.exit(f"{item.path}: {outcome.reason}")
        if set(seen.values()) != {1} or journal.counts() != {"done": len(seen)}:
            sys.exit(f"lost or doubled: {journal.counts()}, {max(seen.values())} times at most")
    return stamps


def rate(stamps: list[float]) -> float:
    """Images a second between the first and the last tenth: workers start and end elsewhere."""
    first, last = len(stamps) // 10, len(stamps) * 9 // 10
    return (last - first) / (stamps[last] - stamps[first])


def digests(results: Path) -> dict[str, str]:
    """SHA-256 of each result by its name."""
    files = (place for place in results.rglob("*.jpg") if place.is_file())
    return {f.relative_to(results).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


@contextmanager
def two_nodes() -> Iterator[tuple[Any, Any]]:
    """A Ray cluster of two nodes with a processor each; gives it and the second."""
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    try:
        second = cluster.add_node(num_cpus=1)
        cluster.wait_for_nodes()
        ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
        yield cluster, second
    finally:
        ray.shutdown()
        cluster.shutdown()


def pool(root: Path, share: float) -> dict[str, Any]:
    photos = write_photos(root / "in", round(600 * share))
    rates: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(3):
        for workers in (1, 2):
            rates[workers].append(rate(work(photos, root / f"{turn}-{workers}", workers)))
    ratios = [two / one for one, two in zip(rates[1], rates[2], strict=True)]
    return {
        "images": round(600 * share),
        "images_a_second": {str(workers): round(median(values), 2) for workers, values in rates.items()},
        "two_workers_against_one": round(median(ratios), 3),
        "rounds": [round(ratio, 3) for ratio in ratios],
        "goal": 1.7,
        "met": median(ratios) >= 1.7,
    }


def ray(root: Path, share: float) -> dict[str, Any]:
    photos, half = write_photos(root / "in", round(2000 * share)), write_photos(root / "half", round(1000 * share))
    rates = {"pool": [rate(work(half, root / "a", 2))], "ray": []}
    with two_nodes():
        began = time.perf_counter()
        stamps = work(photos, root / "b", 2, by_ray)
    rates["ray"].append(rate(stamps))
    rates["pool"].append(rate(work(half, root / "c", 2)))
    ratio = rates["ray"][0] / (sum(rates["pool"]) / 2)
    return {
        "images": round(2000 * share),
        "nodes": 2,
        "images_a_second": {name: [round(value, 2) for value in values] for name, values in rates.items()},
        "seconds_to_the_first_image": round(stamps[0] - began, 1),
        "ray_against_pool": round(ratio, 3),
        "goal": 0.75,
        "met": ratio >= 0.75,
    }


def kill(root: Path, share: float) -> dict[str, Any]:
    photos = write_photos(root / "in", round(400 * share))
    work(photos, root / "whole", 2)
    moment: dict[str, Any] = {}
    with two_nodes() as (cluster, second):

        def watched(*arguments: Any) -> Iterator[Any]:
            for number, told in enumerate(by_ray(*arguments)):
                if number == round(400 * share) // 3:
                    cluster.remove_node(second, allow_graceful=False)
                    moment["noted"] = number
                    moment["written"] = len(digests(root / "killed"))
                yield told

        work(photos, root / "killed", 2, watched)
    expected, found = digests(root / "whole"), digests(root / "killed")
    figures = {
        "images": len(expected),
        "results_when_a_node_was_killed": moment,
        "results": len(found),
        "results_identical": sum(found.get(name) == digest for name, digest in expected.items()),
        "parts_left": len(list((root / "killed").rglob(".lbie-*.part"))),
    }
    return figures | {"met": found == expected and len(found) == round(400 * share)}


def s3(root: Path, share: float) -> dict[str, Any]:
    import fsspec

    photos = write_photos(root / "in", round(200 * share))
    work(photos, root / "whole", 2)
    command = [sys.executable, "-m", "moto.server", "-p", "5123"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    known = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}
    os.environ |= known | {"AWS_ENDPOINT_URL": "http://127.0.0.1:5123"}
    try:
        store = fsspec.filesystem("s3", use_listings_cache=False)
        for _ in range(240):
            try:
                store.mkdir("photos")
                break
            except Exception:
                time.sleep(0.5)
        store.put(f"{photos}/", "photos/in/", recursive=True)
        with two_nodes():
            stamps = work(Remote("s3://photos/in"), Remote("s3://photos/out"), 2, by_ray)
        store.get("photos/out/", f"{root}/out/", recursive=True)
    finally:
        server.terminate()
        server.wait()
    expected, found = digests(root / "whole"), digests(root / "out")
    same = sum(found.get(name) == digest for name, digest in expected.items())
    return {
        "images": len(expected),
        "results": len(found),
        "results_identical": same,
        "images_a_second": round(rate(stamps), 2),
        "met": found == expected,
    }


def many(root: Path, share: float) -> dict[str, Any]:
    count = round(10_000 * share)
    photos = write_photos(root / "in", count, 64)
    stamps: list[float] = []
    memory: list[tuple[int, float]] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.5):
            memory.append((len(stamps), sum(_resident(child) for child in (os.getpid(), *_children(os.getpid())))))

    def noted(*arguments: Any) -> Iterator[Any]:
        for told in by_pool(*arguments):
            stamps.append(time.perf_counter())
            yield told

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        work(photos, root / "out", 2, noted)
    finally:
        ended.set()
        thread.join()
    first = count // 10  # workers have started
    numbers, seconds = np.arange(first, count), np.array(stamps[first:]) - stamps[first]
    slope, start = np.polyfit(numbers, seconds, 1)
    bent = np.polyfit(numbers, seconds, 2)[0] * (count - first) ** 2 / seconds[-1]
    apart = seconds - (slope * numbers + start)
    marks = [first + (count - first) * quarter // 4 for quarter in range(5)]
    peaks = [max((m for n, m in memory if a <= n <= b), default=0.0) for a, b in itertools.pairwise(marks)]
    growth = peaks[3] / peaks[0] if peaks[0] else 0.0
    straight = 1 - float((apart**2).sum() / ((seconds - seconds.mean()) ** 2).sum())
    return {
        "images": count,
        "milliseconds_an_image": round(float(slope) * 1000, 3),
        "determination_of_the_line": round(straight, 5),
        "share_of_a_square_term": round(float(bent), 4),
        "peak_mib_by_quarters": [round(value, 1) for value in peaks],
        "memory_growth": round(growth, 4),
        "goals": {"determination_of_the_line": 0.99, "memory_growth": 1.05},
        "met": straight >= 0.99 and 0 < growth <= 1.05,
    }


def photo(root: Path, share: float) -> dict[str, Any]:
    rounds = max(2, round(7 * share))
    bgr = cv2.cvtColor(read_image(sample_path("flower")).rgb, cv2.COLOR_RGB2BGR)
    (root / "in").mkdir()
    cv2.imwrite(str(root / "in" / "0.jpg"), cv2.resize(bgr, (4000, 3000), interpolation=cv2.INTER_CUBIC))
    begun, began = time.process_time(), time.perf_counter()
    worker = Worker(BatchSettings(source=root / "in", sentence=SENTENCE, model=MODEL), "cpu", 1)
    data, seconds, processor = b"", [], []
    for _ in range(rounds + 1):
        outcome = worker(Item("0.jpg", "0.jpg", SENTENCE))
        now, used = time.perf_counter(), time.process_time()
        seconds.append(now - began)
        processor.append(used - begun)
        data, began, begun = outcome.data, now, used
    return {
        "megapixels": 12,
        "rounds": rounds,
        "seconds": round(median(seconds[1:]), 3),
        "processor_seconds": round(median(processor[1:]), 3),
        "processor_seconds_to_start": round(processor[0] - median(processor[1:]), 3),
        "mb_read": round((root / "in" / "0.jpg").stat().st_size / 1e6, 3),
        "mb_written": round(len(data) / 1e6, 3),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def notes(root: Path, share: float) -> dict[str, Any]:
    count = round(20_000 * share)
    settings = BatchSettings(source=root / "in", sentence=SENTENCE)
    for number in range(count):
        place = root / "in" / f"{number // 1000:03d}" / f"{number:06d}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    results = root / "out"
    results.mkdir()
    details = {"model": MODEL, "confidence": 0.9, "device": "cpu", "unknown_words": [], "warnings": []}
    with Journal(results) as journal:
        stamps = [(time.perf_counter(), time.process_time())]
        plan(journal, settings)
        stamps.append((time.perf_counter(), time.process_time()))
        journal.claim()
        for item in journal.waiting():
            journal.finish(item, Outcome("done", details=details))
        stamps.append((time.perf_counter(), time.process_time()))
    begun, planned, noted = stamps
    return {
        "images": count,
        "planned_a_second": round(count / (planned[0] - begun[0])),
        "noted_a_second": round(count / (noted[0] - planned[0])),
        "processor_microseconds_to_plan": round((planned[1] - begun[1]) / count * 1e6, 1),
        "processor_microseconds_to_note": round((noted[1] - planned[1]) / count * 1e6, 1),
        "journal_bytes_an_image": round((results / FILE_NAME).stat().st_size / count),
    }


PARTS = {part.__name__: part for part in (pool, ray, kill, s3, many, photo, notes)}


def _children(process: int) -> list[int]:
    try:
        return [int(n) for n in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def _resident(process: int) -> float:
    """Resident memory in MiB; 0 of one that has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} [all]")
    parser.add_argument("--share", type=float, default=1.0, help="of the photos")
    parser.add_argument("-o", "--output", type=Path, default=Path("results/cluster.json"))
    options = parser.parse_args()
    if set(options.parts) - set(PARTS):
        parser.error(f"parts are {', '.join(PARTS)}")
    missed = []
    for name in options.parts or PARTS:
        began, load = time.perf_counter(), round(os.getloadavg()[0], 1)
        with tempfile.TemporaryDirectory() as work_folder:
            figures = PARTS[name](Path(work_folder).resolve(), options.share)
        figures |= {"seconds_in_all": round(time.perf_counter() - began), "load_before": load, "machine": machine()}
        write_section(options.output, name, figures)
        print(json.dumps({name: figures}, indent=1), flush=True)
        missed += [name] if not figures.get("met", True) else []
    sys.exit(f"not met: {', '.join(missed)}" if missed else 0)


if __name__ == "__main__":
    main()
