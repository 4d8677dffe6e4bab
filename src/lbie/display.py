"""How edits and editors show themselves in a notebook: small pieces of HTML, pictures embedded."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from lbie.editing.overlay import draw_overlay

if TYPE_CHECKING:
    from lbie.edit import Edit
    from lbie.image_io import SourceImage
    from lbie.registry import ModelCard

SIDE = 320
"""The longer side of an embedded picture has at most so many pixels."""
_CHECK = "repeating-conic-gradient(#d0d0d0 0% 25%, #f4f4f4 0% 50%) 0 0/16px 16px"  # behind what is transparent
_CELL = "text-align:left;vertical-align:top;padding:1px 12px 1px 0;background:none"


def edit_html(edit: Edit) -> str:
    """An edit: the source, what was matched in it, and the result side by side, and what is to be known of them."""
    pictures = [("before", _picture(edit.source.rgb, edit.source.alpha))]
    if edit.matches:
        pictures.append(("matched", np.asarray(draw_overlay(edit.source.rgb, edit.matches))))
    if edit.found:
        pictures.append(("after", np.asarray(edit.image)))
    record = edit.record
    height, width = edit.rgb.shape[:2]
    rows = [
        ("sentence", str(record.get("sentence", ""))),
        ("understood", str(record.get("understood", ""))),
        ("matches", ", ".join(match.label for match in edit.matches)),
        ("model", f"{record.get('model', '')} {record.get('model_version', '')}"),
        ("size", f"{width} x {height}"),
        ("confidence", f"{edit.confidence:.2f}{'' if edit.found else ', so nothing was changed'}"),
        ("steps", _steps(edit.steps, edit.attention.shape[0]) if edit.tokens else ""),
        ("unknown words", ", ".join(edit.unknown_words)),
        *(("warning", line) for line in edit.warnings),
    ]
    return _card(pictures, rows)


def editor_html(card: ModelCard, device: str, source: SourceImage | None) -> str:
    """An editor: the card of its model, the device, and the image that was set."""
    rows = [
        ("model", f"{card.name} {card.version}"),
        ("made for", str(card.made_for)),
        ("trained on", str(card.training_data)),
        ("licence", str(card.licence)),
        ("device", device),
    ]
    if source is None:
        return _card([], [*rows, ("image", "none yet: call set_image")])
    height, width = source.rgb.shape[:2]
    picture = _picture(source.rgb, source.alpha)
    return _card([("image", picture)], [*rows, ("image", f"{width} x {height}, {'gray' if source.gray else 'colour'}")])


def _picture(rgb: np.ndarray, alpha: np.ndarray | None) -> np.ndarray:
    return rgb if alpha is None else np.dstack([rgb, alpha])


def _steps(steps: np.ndarray, limit: int) -> str:
    """`1.5 of at most 4 on average; regions that stop at 1: 65%, 2: 27%, 3: 8%`."""
    shares = [(step, float((steps == step).mean())) for step in np.unique(steps)]
    told = ", ".join(f"{step}: {share:.0%}" for step, share in shares)
    return f"{steps.mean():.1f} of at most {limit} on average; regions that stop at {told}"


def _card(pictures: Iterable[tuple[str, np.ndarray]], rows: Iterable[tuple[str, str]]) -> str:
    """Pictures with their names above a table of what is not empty."""
    shown = "".join(
        f'<figure style="margin:0"><img alt="{escape(name)}" src="{_embed(pixels)}" '
        f'style="max-width:100%;background:{_CHECK}"><figcaption>{escape(name)}</figcaption></figure>'
        for name, pixels in pictures
    )
    table = "".join(
        f'<tr style="background:none"><th scope="row" style="{_CELL};white-space:nowrap">{escape(name)}</th>'
        f'<td style="{_CELL}">{escape(text)}</td></tr>'
        for name, text in rows
        if text.strip()
    )
    return (
        f'<div class="lbie"><div style="display:flex;flex-wrap:wrap;gap:12px">{shown}</div>'
        f'<table style="border:none;margin:6px 0">{table}</table></div>'
    )


def _embed(pixels: np.ndarray) -> str:
    """A picture (H, W, 3|4) uint8 as the address of a PNG of at most `SIDE` pixels a side."""
    image = Image.fromarray(pixels)
    image.thumbnail((SIDE, SIDE), reducing_gap=2)
    out = io.BytesIO()
    image.save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
