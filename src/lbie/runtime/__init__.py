"""What runs the network: one interface, by ONNX Runtime or by PyTorch."""

from lbie.runtime.choose import check_device, load_runtime
from lbie.runtime.interface import Fused, Runtime

__all__ = ["Fused", "Runtime", "check_device", "load_runtime"]
