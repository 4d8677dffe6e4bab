"""DXF drawings, through ezdxf's SVG."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import ezdxf
from ezdxf.addons.drawing import Frontend, RenderContext, layout
from ezdxf.addons.drawing.config import BackgroundPolicy, Configuration, ImagePolicy
from ezdxf.addons.drawing.svg import SVGBackend

from lbie.errors import InputError
from lbie.image_io import read_file
from lbie.vector.expansion import MAX_CHAIN, MAX_DRAWN
from lbie.vector.read import MAX_BYTES, WANTED, Svg, read_svg

logging.getLogger("ezdxf").addHandler(logging.NullHandler())  # its warnings go nowhere unless asked for


def read_dxf(path: str | Path, name: str | None = None) -> Svg:
    """The model space of a DXF file as an SVG drawing on white paper. Pictures and other files are left out.

    Args:
        path: the file.
        name: what messages call it.

    Raises:
        InputError: missing, too large, damaged, empty, or with blocks that grow out of bounds.
    """
    name = name or f"'{path}'"
    read_file(path, name, MAX_BYTES, WANTED)
    try:
        document = ezdxf.readfile(path)
        space = document.modelspace()
        if len(space) == 0:
            raise InputError(f"{name} has nothing in its model space")
        _count(document, space, name, {}, [])
        config = Configuration(
            background_policy=BackgroundPolicy.WHITE, image_policy=ImagePolicy.IGNORE, hatching_timeout=5.0
        )
        backend = SVGBackend()
        Frontend(RenderContext(document), backend, config=config).draw_layout(space)
        page = layout.Page(0, 0, layout.Units.mm, margins=layout.Margins.all(2))
        text = backend.get_string(page)
    except (InputError, MemoryError):
        raise
    except Exception as error:  # of damaged files nearly anything
        detail = " ".join(str(error).split())[:120] or type(error).__name__
        raise InputError(f"{name} is not a DXF drawing that can be read ({detail})") from error
    return read_svg(text.encode(), name)


def _count(document: Any, entities: Any, name: str, known: dict[str, int], inside: list[str]) -> int:
    """Entities that are drawn, with all copies of blocks.

    Raises:
        InputError: too many, or a block that holds itself.
    """
    total = 0
    for entity in entities:
        kind = entity.dxftype()
        block = entity.dxf.get("name" if kind == "INSERT" else "geometry") if kind in ("INSERT", "DIMENSION") else None
        count = 1
        if block and block in document.blocks:
            if block in inside or len(inside) > MAX_CHAIN:
                raise InputError(f"{name}: the block '{block}' holds itself")
            if block not in known:
                known[block] = _count(document, document.blocks.get(block), name, known, [*inside, block])
            times = max(1, entity.dxf.row_count) * max(1, entity.dxf.column_count) if kind == "INSERT" else 1
            count += known[block] * times
        total += count
        if total > MAX_DRAWN:
            raise InputError(f"{name} draws more than the limit of {MAX_DRAWN:,} entities, with its copies of blocks")
    return total
