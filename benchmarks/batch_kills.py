"""`lbie batch` over photos and bad files, killed at random moments and resumed: results/batch.json.

python benchmarks/batch_kills.py [--photos 300] [--bad 20] [--kills 10] [-o results/batch.json]

The photos are crops of sample photos; a run without kills is what the other is compared with. A moment is a number of
results that lie there, drawn from all, and up to two seconds on top, so that some fall in the start of the workers. At
every other moment the process alone is killed, and its workers find out; at the others all are.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any

import cv2
from PIL import ExifTags, Image

from lbie.evaluation.report import provenance, write_figures
from lbie.image_io import read_image
from lbie.samples import sample_path

SENTENCE = "The flower is blue."
SAMPLES = ("flower", "china", "coffee", "chelsea", "astronaut", "rocket")
SUFFIXES = (".jpg", ".png", ".webp", ".tif", ".jpeg", ".bmp")
OPTIONS = ("--model", "flowers", "--device", "cpu")
_SIDE = 96


def write_photos(folder: Path, count: int, rng: random.Random) -> None:
    """Crops of sample photos in a tree of folders, in all formats, some gray, some turned by EXIF, some with alpha."""
    sources = [read_image(sample_path(name)).rgb for name in SAMPLES]
    for number in range(count):
        rgb = rng.choice(sources)
        side = rng.randint(_SIDE, min(rgb.shape[:2]))
        top, left = rng.randint(0, rgb.shape[0] - side), rng.randint(0, rgb.shape[1] - side)
        size = _SIDE, rng.randint(_SIDE // 2, _SIDE)
        crop = cv2.resize(rgb[top : top + side, left : left + side], size, interpolation=cv2.INTER_AREA)
        image = Image.fromarray(crop).convert(rng.choice(("RGB", "RGB", "L")))
        suffix = SUFFIXES[number % len(SUFFIXES)]
        if suffix == ".png" and image.mode == "RGB":
            image.putalpha(Image.linear_gradient("L").resize(image.size))
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = rng.choice((1, 3, 6))
        place = folder / f"album {number % 7}" / f"day-{number % 3}" / f"photo{number:04d}{suffix}"
        place.parent.mkdir(parents=True, exist_ok=True)
        image.save(place, **({"exif": exif, "quality": 92} if suffix in (".jpg", ".jpeg", ".webp") else {}))


def write_bad_files(folder: Path, count: int) -> list[str]:
    """Files that are no images, for all their names; returns these, relative to the folder."""
    photos = sorted(place for place in folder.rglob("photo*") if place.suffix in (".jpg", ".png", ".webp"))
    head = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0))
    contents = (
        ("empty.png", b""),
        ("cut.jpg", next(p for p in photos if p.suffix == ".jpg").read_bytes()[:700]),
        ("cut.png", next(p for p in photos if p.suffix == ".png").read_bytes()[:900]),
        ("cut.webp", next(p for p in photos if p.suffix == ".webp").read_bytes()[:300]),
        ("text.jpg", b"These are no pixels.\n" * 40),
        ("page.png", b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n"),
        ("bomb.png", head + _chunk(b"IDAT", zlib.compress(bytes(1000))) + _chunk(b"IEND", b"")),
        ("noise.tif", random.Random(0).randbytes(5000)),
        ("marked.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>1</script></svg>'),
        ("head.bmp", b"BM" + bytes(40)),
    )
    names = []
    for number in range(count):
        name, content = contents[number % len(contents)]
        place = folder / f"album {number % 7}" / f"{number:02d}-{name}"
        place.write_bytes(content)
        names.append(place.relative_to(folder).as_posix())
    return sorted(names)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def start(photos: Path, results: Path, options: argparse.Namespace) -> subprocess.Popen[str]:
    """The command, in a process group of its own."""
    words = [str(options.script)] if options.script else ["-m", "lbie.cli"]
    words += ["batch", str(photos), SENTENCE, "-o", str(results), *OPTIONS]
    words += ["--workers", str(options.workers), "--json"]
    out = results.parent / f"{results.name}.json"
    with out.open("w") as file, (results.parent / f"{results.name}.log").open("a") as log:
        return subprocess.Popen([sys.executable, *words], stdout=file, stderr=log, text=True, start_new_session=True)


def finish(process: subprocess.Popen[str], results: Path) -> dict[str, Any]:
    """Wait for the command's end; returns its summary."""
    code = process.wait()
    log = (results.parent / f"{results.name}.log").read_text()
    if code not in (0, 2):
        sys.exit(f"lbie batch ended with {code}: {log[-2000:]}")
    return json.loads((results.parent / f"{results.name}.json").read_text()) | {"exit_code": code}


def contents(folder: Path) -> dict[str, str]:
    """SHA-256 of each result by its name; the journal and other hidden files aside."""
    found = {}
    for place in folder.rglob("*") if folder.is_dir() else ():
        if place.is_file() and not place.name.startswith("."):
            found[place.relative_to(folder).as_posix()] = hashlib.sha256(place.read_bytes()).hexdigest()
    return found


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Inode and time of each result: a file that was written again has others."""
    names = contents(folder)
    status = {name: (folder / name).stat() for name in names}
    return {name: (s.st_ino, s.st_mtime_ns) for name, s in status.items()}


def memory(process: subprocess.Popen[str], results: Path, good: int) -> dict[str, float]:
    """Largest resident memory of the processes of a run, in MiB, in each quarter of its results; Linux alone."""
    quarters = [0.0] * 4
    while process.poll() is None:
        quarter = min(3, 4 * count_results(results) // good)
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                values = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
                if os.getpgid(int(status.parent.name)) == process.pid and "VmRSS" in values:
                    quarters[quarter] = max(quarters[quarter], int(values["VmRSS"].split()[0]) / 1024)
            except (OSError, ValueError):
                continue
        time.sleep(0.25)
    return {f"quarter_{i}": round(value, 1) for i, value in enumerate(quarters, 1)}


def count_results(folder: Path) -> int:
    return sum(1 for place in folder.rglob("photo*"))


def kill_at(process: subprocess.Popen[str], results: Path, count: int, delay: float, whole_group: bool) -> bool:
    """Kill the command once so many results lie there and some time has passed; False where it ended before."""
    while count_results(results) < count:
        if process.poll() is not None:
            return False
        time.sleep(0.005)
    try:
        process.wait(delay)
        return False
    except subprocess.TimeoutExpired:
        if whole_group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
        return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=300)
    parser.add_argument("--bad", type=int, default=20)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most-delay", type=float, default=2.0, help="seconds")
    parser.add_argument("--script", type=Path, help="run this in place of lbie, for tests")
    parser.add_argument("-o", "--output", type=Path, default=Path("results/batch.json"))
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as work:
        root = Path(work)
        photos, whole, killed = root / "photos", root / "whole", root / "killed"
        write_photos(photos, options.photos, rng)
        bad = write_bad_files(photos, options.bad)
        listing = root / "photos.sha256"
        listing.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(contents(photos).items())))

        began = time.perf_counter()
        process = start(photos, whole, options)
        peaks = memory(process, whole, options.photos)
        reference = finish(process, whole) | {"seconds": round(time.perf_counter() - began, 1)}
        expected = contents(whole)

        moments = sorted(rng.randrange(max(1, options.photos * 3 // 4)) for _ in range(options.kills))
        kills, seen, rewritten, broken = [], {}, 0, 0
        for number, moment in enumerate(moments):
            delay, whole_group = rng.uniform(0, options.most_delay), number % 2 == 0
            process = start(photos, killed, options)
            if not kill_at(process, killed, moment, delay, whole_group):
                sys.exit(f"the run ended before its kill at {moment} results: {finish(process, killed)}")
            now, there = stamps(killed), contents(killed)
            broken += sum(expected.get(name) != digest for name, digest in there.items())
            rewritten += sum(now.get(name) != stamp for name, stamp in seen.items())
            parts = len(list(killed.rglob(".lbie-*.part")))
            kills.append(
                {"at_results": moment, "then_seconds": round(delay, 2), "with_workers": whole_group}
                | {"results_then": len(there), "parts_left": parts}
            )
            print(kills[-1], flush=True)
            seen = now
        last = finish(start(photos, killed, options), killed)
        rewritten += sum(stamps(killed).get(name) != stamp for name, stamp in seen.items())
        named = sorted(failure["file"] for failure in last["failures"])
        figures = {
            "photos": options.photos,
            "bad_files": options.bad,
            "workers": options.workers,
            "sentence": SENTENCE,
            "kills": kills,
            "results_expected": len(expected),
            "results_identical": sum(contents(killed).get(name) == digest for name, digest in expected.items()),
            "results_else": len(contents(killed).keys() - expected.keys()),
            "results_written_again": rewritten,
            "results_broken_at_a_kill": broken,
            "parts_left_at_the_end": len(list(killed.rglob(".lbie-*.part"))),
            "bad_files_named": len(set(named) & set(bad)),
            "good_files_named_bad": len(set(named) - set(bad)),
            "reasons": sorted({failure["reason"] for failure in last["failures"]}),
            "exit_code": last["exit_code"],
            "seconds_without_kills": reference["seconds"],
            "peak_mib_of_a_process": peaks,
        }
        write_figures(options.output, figures | {"provenance": provenance(listing, options.seed)})
    print(json.dumps({name: value for name, value in figures.items() if name != "kills"}, indent=1))
    good = figures["results_identical"] == figures["results_expected"] == options.photos
    clean = not (rewritten or broken or figures["parts_left_at_the_end"] or figures["results_else"])
    sys.exit(not (good and clean and named == bad))


if __name__ == "__main__":
    main()
