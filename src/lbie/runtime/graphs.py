"""ONNX graphs of a model folder: which there are, and sessions of them with the folder's weights."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import safetensors.numpy

from lbie.errors import InputError, is_out_of_memory
from lbie.model.config import ModelConfig
from lbie.model.folder import WEIGHTS, read_tensors
from lbie.regular_file import read_file
from lbie.soon import soon

if TYPE_CHECKING:
    import onnxruntime

LIST = "graphs.json"
"""The list of a folder's graphs: the configuration that they are of (see `config_hash`), and of each its SHA-256 and
the names of the weights that it takes."""
_AT_RUN_TIME = ("max_steps", "stop_probability")
"""Entries of the configuration that no graph depends on."""
MAX_BYTES = 4 * 2**20
"""Limit on the bytes of a graph, and of the list; those that come with lbie have less than 0.3 MB."""


def graph_file(name: str) -> str:
    """File name of a graph."""
    return f"{name}.onnx"


def has_graphs(folder: Path) -> bool:
    """Whether a model folder has graphs."""
    return (folder / LIST).is_file()


def config_hash(config: ModelConfig) -> str:
    """A hash of what a configuration has beside the default (entries may be added), but for what runs read anew."""
    bare = asdict(ModelConfig())
    own = {k: v for k, v in asdict(config).items() if v != bare[k] and k not in _AT_RUN_TIME}
    return hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()


class Graphs:
    """The graphs of a model folder, each loaded once: when it is first run, or before."""

    def __init__(self, folder: Path, config: ModelConfig, threads: int = 0) -> None:
        """Read the list of graphs, and the weights.

        Args:
            folder: of the model.
            config: of the model.
            threads: of each graph at most; 0 for what OMP_NUM_THREADS says, else as many as there are processor cores.

        Raises:
            InputError: there are no graphs, they are of another kind of model or damaged, or the weights are damaged or
                do not fit them.
        """
        told = os.environ.get("OMP_NUM_THREADS", "")
        self._threads = threads or (min(int(told), os.cpu_count() or 1) if told.isdecimal() else 0)
        self._folder, self._lock = folder, threading.Lock()
        self._advice = f"make them with 'lbie export {folder} -o {folder}', or use --runtime torch"
        if not has_graphs(folder):
            raise InputError(f"the model '{folder}' has no graphs: {self._advice}")
        place = f"'{folder / LIST}'"
        try:
            listed = json.loads(read_file(folder / LIST, place, MAX_BYTES, "a list of graphs"))
            of = str(listed["config"])
            self._about = {
                str(k): (str(v["sha256"]), list(map(str, v["weights"]))) for k, v in listed["graphs"].items()
            }
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(f"{place} is no list of graphs: {self._advice}") from error
        if of != config_hash(config):
            raise InputError(f"the graphs in '{folder}' are not of its configuration: {self._advice}")
        self._weights = _read_weights(folder / WEIGHTS)
        for name, (_, weights) in self._about.items():
            missing = next((weight for weight in weights if weight not in self._weights), None)
            if missing is not None:
                raise InputError(
                    f"'{folder / WEIGHTS}' has no tensor '{missing[:80]}' for the graph '{name}': {self._advice}"
                )
        self._sessions: dict[str, onnxruntime.InferenceSession] = {}

    def run(self, name: str, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Run a graph with those of the values that it takes.

        Raises:
            InputError: it cannot be loaded.
        """
        session = self._session(name)
        outputs = [value.name for value in session.get_outputs()]
        found = session.run(outputs, {value.name: values[value.name] for value in session.get_inputs()})
        return dict(zip(outputs, found, strict=True))

    def open_soon(self, *names: str) -> None:
        """Load graphs in a thread, while something else is done; what is wrong with one is told when it is run."""
        soon("lbie-graphs", *(partial(self._session, name) for name in names))

    def _session(self, name: str) -> onnxruntime.InferenceSession:
        session = self._sessions.get(name)
        if session is None:
            with self._lock:
                session = self._sessions.get(name) or self._open(name)
                self._sessions[name] = session
        return session

    def _open(self, name: str) -> onnxruntime.InferenceSession:
        # Its wheels report their use to their maker, and write files for that, from the import on, unless told not to.
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
        import onnxruntime

        path = self._folder / graph_file(name)
        if name not in self._about:
            raise InputError(f"the model '{self._folder}' has no graph '{name}': {self._advice}")
        digest, weights = self._about[name]
        data = read_file(path, f"'{path}'", MAX_BYTES, "a graph")
        if hashlib.sha256(data).hexdigest() != digest:
            raise InputError(f"'{path}' is not the graph that was written with this model: {self._advice}")
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # what is wrong is raised
        options.intra_op_num_threads, options.inter_op_num_threads = self._threads, 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # each graph has threads of its own
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(self._weights[weight]) for weight in weights]
        options.add_external_initializers(weights, values)
        try:
            return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # of many kinds, all of onnxruntime's own
            if is_out_of_memory(error):
                raise
            raise InputError(f"'{path}' cannot be loaded ({str(error)[:200]}): {self._advice}") from error


def _read_weights(path: Path) -> dict[str, np.ndarray]:
    """Weights in single precision."""
    arrays: dict[str, Any] = read_tensors(path, safetensors.numpy.load)
    for name in sorted(arrays):
        if not np.isfinite(arrays[name]).all():
            raise InputError(f"'{path}' holds NaN or infinite values in the tensor '{name[:80]}' and perhaps more")
    return {name: np.asarray(array, np.float32, order="C") for name, array in arrays.items()}
