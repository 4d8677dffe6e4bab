"""Drawings to pixels."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import cv2
import numpy as np
import resvg_py
from lxml import etree

from lbie.errors import InputError

SHORTER = 768
"""Pixels of the shorter side of what a model is shown, where the limit on all pixels leaves them."""
MOST = 1_048_576
"""Limit on those pixels."""


def working_size(size: tuple[float, float]) -> tuple[int, int]:
    """Height and width in pixels at which a model is shown a drawing of that width and height."""
    width, height = size
    scale = min(SHORTER / min(width, height), (MOST / (width * height)) ** 0.5)
    return max(1, int(height * scale + 1e-6)), max(1, int(width * scale + 1e-6))


def draw(root: Any, size: tuple[int, int], *, crisp: bool = False, fonts: bool = False) -> np.ndarray:
    """Draw the tree of a scene.

    Args:
        root: lxml element `svg` with a view box.
        size: height and width in pixels.
        crisp: without soft edges.
        fonts: look for the system's fonts, without which text is not drawn.

    Returns:
        (H, W, 4) uint8 RGBA, not premultiplied.

    Raises:
        InputError: it cannot be drawn.
    """
    height, width = size
    sized = deepcopy(root)
    sized.set("width", str(width))
    sized.set("height", str(height))
    try:
        data = resvg_py.svg_to_bytes(
            svg_string=etree.tostring(sized, encoding="unicode"),
            skip_system_fonts=not fonts,
            dpi=96.0,
            shape_rendering="crisp_edges" if crisp else "geometric_precision",
        )
    except Exception as error:
        raise InputError(f"the drawing cannot be drawn: {error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a fault in the library, which is no Exception
            raise
        raise InputError("the drawing cannot be drawn: the library for it failed") from error
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.shape != (height, width, 4):
        raise InputError(f"the drawing cannot be drawn in {width} x {height} pixels")
    return cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA)


def on_white(rgba: np.ndarray) -> np.ndarray:
    """(H, W, 4) uint8 to (H, W, 3) uint8, laid on white paper."""
    alpha = rgba[..., 3:].astype(np.float32) / 255
    return np.rint(255 + (rgba[..., :3] - np.float32(255)) * alpha).astype(np.uint8)
