"""Strategies of hypothesis for what people hand in: image files, sentences, configurations and other files."""

from __future__ import annotations

import io
import json
from dataclasses import fields
from typing import Any

import numpy as np
import yaml
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from lbie.model.config import ModelConfig

CHANNELS = {"L": (), "LA": (2,), "RGB": (3,), "RGBA": (4,), "P": (), "1": (), "CMYK": (4,), "I;16": (), "F": ()}
FORMATS = {
    "PNG": ("L", "LA", "RGB", "RGBA", "P", "1", "I;16"),
    "JPEG": ("L", "RGB", "CMYK"),
    "WEBP": ("RGB", "RGBA"),
    "TIFF": ("L", "LA", "RGB", "RGBA", "P", "1", "CMYK", "I;16", "F"),
    "BMP": ("L", "RGB", "P", "1"),
    "GIF": ("L", "P", "RGB"),
}
"""Format to modes in which Pillow writes it."""
_METADATA = {"PNG": ("exif", "icc_profile", "dpi"), "JPEG": ("exif", "icc_profile", "xmp", "comment", "dpi")}
_METADATA |= {"WEBP": ("exif", "icc_profile", "xmp"), "TIFF": ("icc_profile", "dpi"), "GIF": ("comment",)}
_VALUES = {
    "exif": st.binary(max_size=60).map(lambda data: b"Exif\0\0" + data)
    | st.integers(0, 70_000).map(lambda turn: _exif(min(turn, 65_535))),
    "icc_profile": st.binary(min_size=1, max_size=200),
    "xmp": st.binary(max_size=80) | st.text(max_size=40).map(lambda text: f"<x:xmpmeta>{text}</x:xmpmeta>".encode()),
    "comment": st.binary(max_size=40),
    "dpi": st.tuples(st.integers(1, 10_000), st.integers(1, 10_000)),
}
ASKED = (
    "make turn paint change the a my car cat dog sky flower circle square petals center red blue dark light sea green "
    "and except everything but background of to in with blur out gray cut brighten is are should be same colour as "
    "left right above second row more less little lot not please thank you , . ; ! ' 's # #fff #1f77b4 50% / - é ß 花"
)
WORDS = ASKED.split()


def _exif(turn: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = turn
    return exif.tobytes()


@st.composite
def image_files(draw: st.DrawFn, most: int = 9) -> bytes:
    """A sound file: any format, mode, size up to `most`, pixels, and metadata that need not be sound."""
    form = draw(st.sampled_from(sorted(FORMATS)))
    mode = draw(st.sampled_from(FORMATS[form]))
    height, width = draw(st.tuples(st.integers(1, most), st.integers(1, most)))
    kind = {"I;16": np.uint16, "F": np.float32}.get(mode, np.uint8)
    pixels = draw(hnp.arrays(kind, (height, width, *CHANNELS[mode])))
    image = Image.fromarray(pixels, "CMYK") if mode == "CMYK" else Image.fromarray(pixels)
    if mode in ("P", "1"):
        image = image.convert(mode)
    names = draw(st.sets(st.sampled_from(_METADATA.get(form, ("none",))))) - {"none"}
    file = io.BytesIO()
    image.save(file, form, **{name: draw(_VALUES[name]) for name in sorted(names)})
    return file.getvalue()


@st.composite
def damaged(draw: st.DrawFn, files: st.SearchStrategy[bytes]) -> bytes:
    """A file with bytes changed, put in, or cut off."""
    data = bytearray(draw(files))
    for _ in range(draw(st.integers(1, 5))):
        place = draw(st.integers(0, len(data)))
        data[place : place + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    return bytes(data)


def sentences(most: int = 14) -> st.SearchStrategy[str]:
    """Words that people use in any order, with any text among them, also what is no Unicode at all."""
    anything = st.text(max_size=8) | st.text(st.characters(), max_size=3)
    return st.lists(st.sampled_from(WORDS) | anything, max_size=most).map(" ".join)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["train", "red box", "1.png", "../1.png", "mask.png", "colorize", 1, 2, 21, 30, 20, 10**400])
)
_KEYS = (
    "file_name phrase phrases text split mask segmentation annotation_id size counts id image_id category_id images "
    "annotations categories name height width"
)
KEYS = st.sampled_from(_KEYS.split()) | st.text(max_size=4)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5))
"""Values such as JSON holds, with keys and words of annotations among them."""


def deep(depth: int) -> str:
    """JSON, or YAML, that is nested."""
    return "[" * depth + "]" * depth


def json_texts() -> st.SearchStrategy[str]:
    """JSON, sound, cut or nested."""
    sound = JSON.map(json.dumps)
    cut = st.tuples(sound, st.integers(0, 40)).map(lambda pair: pair[0][: pair[1]])
    return sound | cut | st.integers(1, 2_000).map(deep)


_CHOICES: dict[str, st.SearchStrategy[Any]] = {
    "task": st.sampled_from(["colorize", "shapes", "segment", "sketch"]),
    "estimator": st.sampled_from(["gumbel", "marginal", "posterior"]),
    "image_encoder": st.fixed_dictionaries(
        {},
        optional={
            "kind": st.sampled_from(["plain", "pooled", "pieces"]),
            "channels": st.lists(st.integers(1, 6), min_size=1, max_size=3),
            "skips": st.booleans(),
        },
    ),
    "decoder_channels": st.lists(st.integers(1, 4), min_size=1, max_size=3),
    "width": st.sampled_from([2, 4, 8]),
    "embedding": st.integers(1, 6),
    "context": st.sampled_from([0, 1, 3]),
    "word_dropout": st.floats(0, 1),
    "lookup_delay": st.floats(0, 0.9),
    "stop_probability": st.floats(0.1, 0.9),
    "gumbel_temperature": st.floats(0.1, 2),
    "key_layers": st.integers(1, 2),
    "working_size": st.sampled_from([8, 16, 24, 32]),
}
_SMALL = {"questions": 3, "categories": 4, "relations": 2, "in_channels": 4, "out_channels": 5}
_SMALL |= {"max_words": 9, "max_steps": 4}
_LEAST = {"questions": 1, "in_channels": 1, "out_channels": 1, "max_words": 1, "max_steps": 1}


def _choice(name: str, default: Any) -> st.SearchStrategy[Any]:
    if name in _CHOICES:
        return _CHOICES[name]
    if isinstance(default, bool):
        return st.booleans()
    return st.integers(_LEAST.get(name, 0), _SMALL[name]) if isinstance(default, int) else st.floats(0, 2)


def configurations() -> st.SearchStrategy[dict[str, Any]]:
    """Values of `ModelConfig` by name that each make sense and are small; together they need not."""
    known = {f.name: _choice(f.name, f.default) for f in fields(ModelConfig) if f.name != "colours"}
    return st.fixed_dictionaries({"width": known.pop("width")}, optional=known).map(_with_colours)


def _with_colours(values: dict[str, Any]) -> dict[str, Any]:
    """As drawings of pieces have them, and no other model."""
    pieces = values.get("image_encoder", {}).get("kind") == "pieces"
    return values | {"colours": 3 if pieces else 0}


def wrong_configurations() -> st.SearchStrategy[dict[str, Any]]:
    """The same, some of them anything at all."""
    names = st.sampled_from([f.name for f in fields(ModelConfig)])
    return st.tuples(configurations(), st.dictionaries(names | KEYS, JSON, min_size=1, max_size=3)).map(
        lambda pair: pair[0] | pair[1]
    )


_MARKS = (
    "epochs: |3|model:|{width: 32}|- |\n|  |&a |*a|[|]|{|}|: |!!python/object/apply:os.system |!!binary |!!int |'|"
    '"|#|---|? |9|1e3|.nan|2001-99-99|2001-01-01 99:99:99|<<: |%YAML 9|=|~|0x|1:90|\t|name|data: folder'
)
_YAML = st.lists(st.sampled_from(_MARKS.split("|")) | st.text(max_size=3), max_size=14).map("".join)


def yaml_texts() -> st.SearchStrategy[str]:
    """YAML, sound and not."""
    return _YAML | st.dictionaries(KEYS | st.sampled_from(["epochs", "model", "grow"]), JSON).map(yaml.safe_dump)


def tables() -> st.SearchStrategy[str]:
    """CSV with a head such as there should be, sound and not."""
    cell = st.sampled_from(
        ["a.png", "deep/b.jpg", "../x", "make it red", "", '"', '"a, b"', "flowers", "no model", "\0"]
    )
    line = st.lists(cell | st.text(max_size=5), max_size=4).map(",".join)
    head = st.sampled_from(["file,sentence", "sentence,file,model", "file;sentence", "\ufefffile,sentence", ""]) | line
    ends = st.sampled_from(["\n", "\r\n", "\r", "\n\n"])
    return st.tuples(head, ends, st.lists(line, max_size=5)).map(lambda parts: parts[1].join([parts[0], *parts[2]]))
