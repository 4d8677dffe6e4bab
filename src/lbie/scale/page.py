"""A batch as an HTML page of its own: before and after of each file, what failed and why, what was skipped."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from lbie.editing.vector_file import is_vector, read_vector
from lbie.errors import LbieError, shown
from lbie.image_io import SourceImage, decode_image, whole_file
from lbie.image_io.decode import MAX_BYTES
from lbie.remote import Place, Remote, read_from
from lbie.scale.journal import Journal, Row
from lbie.scale.settings import BatchSettings

MOST_PICTURES = 1_000
"""Files that are shown with pictures; of more, names alone."""
_SIDE = 200  # pixels of a thumbnail's longer side
_STYLE = """
:root { color-scheme: light dark; --line: #8884;
  --soft: light-dark(#5b5b5b, #b0b0b0); --bad: light-dark(#b01818, #ff8a80) }
body { max-width: 78rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif }
h1 { margin-bottom: 0 } h2 { margin-top: 2.5rem }
dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 1rem 0 }
dt { color: var(--soft); font-size: .85rem } dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums }
ul.files { list-style: none; padding: 0; display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)) }
ul.files > li { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; overflow-wrap: anywhere }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem; margin-bottom: .5rem }
.pair img { width: 100%; height: 10rem; object-fit: contain; background: #8882; border-radius: .25rem }
.none { display: grid; place-items: center; height: 10rem; background: #8882; border-radius: .25rem; font-size: .85rem }
p { margin: .25rem 0 } .small { font-size: .85rem; color: var(--soft) } .bad { color: var(--bad) }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere }
"""


def write_batch_page(
    path: Path, journal: Journal, settings: BatchSettings, progress: Callable[[], object] = lambda: None
) -> None:
    """Write the report of a batch as one HTML file that needs no other.

    Args:
        path: of the page.
        journal: of the batch.
        settings: likewise.
        progress: called after each file that is shown with pictures.

    Raises:
        InputError: it cannot be written.
        ResourceError: the disk is full.
    """
    with whole_file(path) as file:
        for part in _parts(journal, settings, progress):
            file.write(part.encode("utf-8", "backslashreplace"))


def _parts(journal: Journal, settings: BatchSettings, progress: Callable[[], object]) -> Iterator[str]:
    counts = journal.counts()
    title = f"Batch of {escape(shown(settings.source.name))}"
    yield (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        f'<h1>{title}</h1><p class="small">results in {escape(shown(str(journal.results)))}</p><dl>'
    )
    names = {"done": "done", "unmatched": "nothing matched", "failed": "failed", "waiting": "not done yet"}
    for state, name in (names | {"skipped": "other files"}).items():
        if state == "done" or counts.get(state):
            yield f"<div><dt>{name}</dt><dd>{counts.get(state, 0):,}</dd></div>"
    yield "</dl>"
    yield from _table(journal, "failed", "Failed", "bad")
    yield from _table(journal, "unmatched", "Nothing matched", "")
    if counts.get("done"):
        more = f" The first {MOST_PICTURES:,} have pictures." if counts["done"] > MOST_PICTURES else ""
        yield f'<h2>Done</h2><p class="small">Before and after.{more}</p><ul class="files">'
        for number, row in enumerate(journal.rows("done")):
            yield _card(row, journal.results, settings, number < MOST_PICTURES)
            if number < MOST_PICTURES:
                progress()
        yield "</ul>"
    yield from _table(journal, "skipped", "Other files", "")
    yield "</body></html>\n"


def _table(journal: Journal, state: str, title: str, kind: str) -> Iterator[str]:
    """The files of a state with their reasons; nothing where there are none."""
    begun = False
    for row in journal.rows(state):
        if not begun:
            yield f'<h2>{title}</h2><table><thead><tr><th scope="col">file</th><th scope="col">reason</th></tr></thead>'
            begun = True
        yield f'<tr><td>{escape(shown(row.path))}</td><td class="{kind}">{escape(shown(row.reason or ""))}</td></tr>'
    if begun:
        yield "</table>"


def _card(row: Row, results: Place, settings: BatchSettings, with_pictures: bool) -> str:
    assert row.output is not None
    pair = ""
    if with_pictures:
        pictures = [_show(settings.source, row.path, "before", settings), _show(results, row.output, "after", settings)]
        pair = f'<div class="pair">{"".join(pictures)}</div>'
    name = escape(shown(row.path))
    renamed = "" if row.output == row.path else f" → {escape(shown(row.output))}"
    warnings = "".join(f'<p class="small">{escape(shown(line))}</p>' for line in row.details.get("warnings", ()))
    model = row.details.get("model")
    made = f'<p class="small">{escape(str(model))}, confidence {row.details["confidence"]:.2f}</p>' if model else ""
    if understood := row.details.get("understood"):
        made += f'<p class="small">understood: {escape(shown(understood))}</p>'
    return f"<li>{pair}<p><b>{name}</b>{renamed}</p><p>{escape(shown(row.sentence or ''))}</p>{made}{warnings}</li>\n"


def _show(place: Place, path: str, what: str, settings: BatchSettings) -> str:
    """A small picture of a file as HTML, or a line where there is none."""
    try:
        data = base64.b64encode(_thumbnail(place, path, settings.max_pixels)).decode()
    except (LbieError, MemoryError):
        return f'<span class="none">no picture {what}</span>'
    return f'<img loading="lazy" alt="{what}" src="data:image/webp;base64,{data}">'


def _thumbnail(place: Place, path: str, max_pixels: int) -> bytes:
    """A file as a small WebP, on white."""
    if is_vector(path) and not isinstance(place, Remote):
        from lbie.vector.recolour import rasterise

        rgba = rasterise(read_vector(place / path))
        source = SourceImage(rgba[..., :3], rgba[..., 3])
    else:
        source = decode_image(read_from(place, path, "the image", MAX_BYTES, "an image file"), "the image", max_pixels)
    rgb, alpha = source.rgb, source.alpha
    height, width = rgb.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = Image.fromarray(cv2.resize(np.ascontiguousarray(rgb), size, interpolation=cv2.INTER_AREA))
    if alpha is not None:
        cover = Image.fromarray(cv2.resize(np.ascontiguousarray(alpha), size, interpolation=cv2.INTER_AREA))
        small = Image.composite(small, Image.new("RGB", size, "white"), cover)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=75)
    return buffer.getvalue()
