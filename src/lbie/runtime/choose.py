"""Which runtime a model gets."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from lbie.errors import InputError
from lbie.runtime.graphs import has_graphs
from lbie.runtime.interface import Runtime

RUNTIMES = ("auto", "torch", "onnx")
"""Names of runtimes; `auto` is onnx where the model has graphs and no accelerator is asked for, else torch."""
DEVICES = ("auto", "cpu", "cuda", "mps")
"""Names of devices; `auto` is the best that the runtime can use."""


def load_runtime(folder: Path, device: str = "auto", runtime: str = "auto", threads: int = 0) -> Runtime:
    """Load a model folder.

    Args:
        folder: of the model.
        device: one of `DEVICES`; onnx runs on the cpu.
        runtime: one of `RUNTIMES`.
        threads: at most; 0 for what the runtime takes by itself. Torch has one number for the whole process.

    Raises:
        InputError: an unknown name, a device that is not there, a broken model folder, or one without graphs where
            there is no torch.
    """
    chosen = choose_runtime(folder, device, runtime)
    if chosen == "onnx":
        from lbie.runtime.onnx_runtime import OnnxRuntime

        return OnnxRuntime(folder, threads)
    from lbie.runtime.torch_runtime import TorchRuntime

    return TorchRuntime(folder, device, threads)


def check_device(device: str, runtime: str) -> None:
    """Refuse what no model could be loaded with.

    Raises:
        InputError: an unknown name, or a device that is not there.
    """
    if _needs_torch(device, runtime) and find_spec("torch") is not None:
        from lbie.runtime.torch_runtime import pick_device

        pick_device(device)


def _needs_torch(device: str, runtime: str) -> bool:
    """Whether the device is an accelerator, after a look at the names."""
    for name, known, about in ((runtime, RUNTIMES, "runtime"), (device, DEVICES, "device")):
        if name not in known:
            raise InputError(f"unknown {about} '{name}': use {', '.join(known)}")
    return device not in ("auto", "cpu")


def choose_runtime(folder: Path, device: str, runtime: str) -> str:
    """`torch` or `onnx`, as `load_runtime` takes them.

    Raises:
        InputError: an unknown name, or what is needed is not installed.
    """
    accelerated = _needs_torch(device, runtime)
    if runtime == "onnx" and accelerated:
        raise InputError(f"the runtime onnx runs on the cpu: for '{device}' use --runtime torch")
    able = find_spec("onnxruntime") is not None and not accelerated
    chosen = runtime if runtime != "auto" else "onnx" if able and has_graphs(folder) else "torch"
    if chosen == "onnx" and not able:
        raise InputError("the runtime onnx needs the package 'onnxruntime': pip install onnxruntime")
    if chosen == "torch" and find_spec("torch") is None:
        why = f"the device '{device}' needs it" if accelerated else f"the model '{folder}' has no graphs for onnx"
        if runtime == "torch":
            why = "the runtime is asked for"
        raise InputError(
            f"torch is not installed, and {why}: pip install 'lbie[train]'; graphs are made by 'lbie export'"
        )
    return chosen
