"""What every file of figures has: where it comes from, and how sure it is."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np


def provenance(data_file: Path, seed: int) -> dict[str, Any]:
    """`machine()`, with the data's version and the seed of a measurement."""
    digest = hashlib.sha256(data_file.read_bytes()).hexdigest()
    return machine() | {"data": data_file.name, "data_sha256": digest, "seed": seed}


def machine() -> dict[str, Any]:
    """Date, commit, hardware and library versions of a measurement."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "HEAD"),
        "uncommitted_changes": bool(_git("status", "--porcelain", "--", ":/src")),
        "hardware": _processor(),
        "python": platform.python_version(),
        "torch": _version("torch"),
        "onnxruntime": _version("onnxruntime"),
        "opencv": version("opencv-contrib-python-headless"),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _git(*words: str) -> str | None:
    try:
        done = subprocess.run(["git", *words], capture_output=True, text=True, check=True, cwd=Path(__file__).parent)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.machine()


def interval(numerator: np.ndarray, denominator: np.ndarray | None = None, seed: int = 0) -> dict[str, float]:
    """Mean, or ratio of two means over the same photos, with its 95 % bootstrap interval over photos.

    Args:
        numerator: (N,) a value a photo.
        denominator: (N,) likewise, or None for a plain mean.
        seed: of the 2,000 resamples.
    """
    below = np.ones_like(numerator, dtype=float) if denominator is None else denominator
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, len(numerator), (2000, len(numerator)))
    draws = numerator[rows].mean(1) / below[rows].mean(1)
    low, high = np.percentile(draws, (2.5, 97.5))
    return {"value": round(float(numerator.mean() / below.mean()), 4), "low": round(low, 4), "high": round(high, 4)}


def write_figures(path: Path, figures: dict[str, Any]) -> None:
    """Write figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")


def read_section(path: Path, name: str) -> dict[str, Any]:
    """The figures under a name in a file that several measurements share; empty where there are none yet."""
    return json.loads(path.read_text("utf-8")).get(name, {}) if path.exists() else {}


def write_section(path: Path, name: str, figures: dict[str, Any]) -> None:
    """Write figures under a name, beside those of other measurements."""
    others = json.loads(path.read_text("utf-8")) if path.exists() else {}
    write_figures(path, others | {name: figures})
