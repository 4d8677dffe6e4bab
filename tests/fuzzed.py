"""The functions that are fuzzed, of benchmarks/fuzz_targets.py, for tests."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

_BENCHMARKS = str(Path(__file__).resolve().parents[1] / "benchmarks")
sys.path.insert(0, _BENCHMARKS)
targets = importlib.import_module("fuzz_targets")
sys.path.remove(_BENCHMARKS)
