"""What is fuzzed: for each reader a function of bytes, and inputs to begin with. Used by fuzz.py and by the tests."""

from __future__ import annotations

import atexit
import shutil
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import fuzz_seeds as seeds
import numpy as np

from lbie.errors import LbieError, ResourceError

MOST_CHARACTERS = 5_000
"""Limit on the line in which something is refused."""
MAX_PIXELS = 250_000


@dataclass(frozen=True)
class Target:
    """A reader."""

    run: Callable[[bytes], None]
    """Reads; what is refused in a line is as good as what is read, and anything else is raised."""
    seeds: Callable[[], Iterator[bytes]]
    modules: tuple[str, ...]
    """Modules and packages of which the coverage is told."""
    parsers: tuple[str, ...] = ()
    """Packages beneath, in Python, that are instrumented beside lbie."""
    most_bytes: int = 2_000
    words: tuple[bytes, ...] = ()
    """What a reader looks for, beside what the fuzzer sees it compare."""


def judge(read: Callable[[], Any]) -> Any:
    """What a reader gives, or None where it refuses in one line.

    Raises:
        Exception: it does neither; also where memory was short, for no input is that large.
    """
    try:
        return read()
    except ResourceError:
        raise
    except LbieError as error:
        line = str(error)
        if not (line.isprintable() and 0 < len(line) < MOST_CHARACTERS):
            raise AssertionError(f"refused in a line of {len(line):,} characters: {line[:200]!r}") from error
        return None


@cache
def folder() -> Path:
    """Where inputs that have to be files are put."""
    place = Path(tempfile.mkdtemp(prefix="lbie-fuzz-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place


def picked(data: bytes, among: int) -> tuple[int, bytes]:
    """The first byte picks a reader, the rest is for it."""
    return (data[0] % among, data[1:]) if data else (0, b"")


def image(data: bytes) -> None:
    """Bytes of an image file: decoded, and encoded again with its metadata."""
    from lbie.image_io import SUFFIXES, decode_image, encode_image

    source = judge(lambda: decode_image(with_sums(data), max_pixels=MAX_PIXELS))
    if source is None:
        return
    assert source.rgb.ndim == 3 and source.rgb.size and source.rgb.dtype == np.uint8
    assert source.alpha is None or source.alpha.shape == source.rgb.shape[:2]
    if source.rgb.size > 50_000:
        return
    suffix = next((suffix for suffix, form in SUFFIXES.items() if form == source.format), ".png")
    again = encode_image(source.rgb, suffix, source=source, record={"sentence": "the flower is red"})[0]
    assert decode_image(again).rgb.shape == source.rgb.shape


def with_sums(data: bytes) -> bytes:
    """A PNG file whose chunks have the right check sums: else no changed one would be looked into."""
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        return data
    fixed, place = bytearray(data), 8
    while place + 12 <= len(fixed):
        (length,) = struct.unpack_from(">I", fixed, place)
        end = place + 8 + length
        if end + 4 > len(fixed):
            break
        struct.pack_into(">I", fixed, end, zlib.crc32(fixed[place + 4 : end]))
        place = end + 4
    return bytes(fixed)


def sentence(data: bytes) -> None:
    """A sentence for the models of flowers and of drawings: words, ids, colours, parts."""
    from lbie.editing.sentences import read_sentences
    from lbie.editing.told import read_description
    from lbie.language.colour_mentions import colour_words, find_mentions
    from lbie.language.named_parts import parts_in
    from lbie.language.vocabulary import tokenize

    text = data.decode("utf-8", "surrogateescape")
    words = tokenize(text)
    assert tokenize(" ".join(words)) == words
    mentioned = colour_words(text)
    assert all(0 <= m.start < m.end <= len(mentioned) for m in find_mentions(mentioned))
    parts_in(text)
    for model in ("flowers", "cosal"):
        tokens = judge(lambda model=model: vocabulary(model).encode(text, 64))
        assert tokens is None or len(tokens.words) == len(tokens.ids) == len(tokens.sentence) <= 64
    judge(lambda: read_sentences(text, vocabulary("cosal"), 32))
    judge(lambda: read_description(text, vocabulary("sketch"), 40))


@cache
def vocabulary(model: str) -> Any:
    """Words of a bundled model."""
    from lbie.language.vocabulary import Vocabulary
    from lbie.registry import WEIGHTS_ROOT

    return Vocabulary.load(WEIGHTS_ROOT / model / "vocabulary.json")


def request(data: bytes) -> None:
    """A sentence that asks for an edit of a photo, and a colour hint."""
    from lbie.editing.controls import Hint
    from lbie.editing.request import commands, parse_request

    text = data.decode("utf-8", "surrogateescape")
    commands(text)
    asked = judge(lambda: parse_request(text))
    assert asked is None or ((asked.phrases or asked.inverted) and str(asked).isprintable())
    hint = judge(lambda: Hint.parse(text, (48, 64)))
    assert hint is None or (0 <= hint.x <= 1 and 0 <= hint.y <= 1 and len(hint.colour) == 3)


def svg(data: bytes) -> None:
    """Bytes of a drawing: read, laid out; one in sixteen also drawn and filled, and what is written then read again."""
    from lbie.vector import read_svg, recolour
    from lbie.vector.scene import lay_out

    drawing = judge(lambda: read_svg(data))
    if drawing is None:
        return
    for shape in lay_out(drawing).instances:
        assert shape.fillable in (True, False)
    if zlib.crc32(data) % 16:  # drawing takes a hundred times as long as reading
        return
    filled = judge(lambda: recolour(drawing, lambda rgb: np.full_like(rgb, 7)))
    if filled is not None:
        read_svg(filled.data)


def annotations(data: bytes) -> None:
    """Files of annotations; the first byte picks which."""
    reader, data = picked(data, len(ANNOTATIONS))
    ANNOTATIONS[reader](data)


def instances(data: bytes) -> None:
    """`instances.json`, and the mask of everything that it lists."""
    from lbie.data.coco import read_instances
    from lbie.data.masks import decode_segmentation

    place = folder() / "instances.json"
    place.write_bytes(data)
    listed = judge(lambda: read_instances(place))
    for annotation in listed.annotations.values() if listed else ():
        size = listed.images[annotation.image_id].size
        mask = judge(lambda a=annotation, s=size: decode_segmentation(a.segmentation, s))
        assert mask is None or (mask.shape == size and mask.dtype == bool)


def segmentation(data: bytes) -> None:
    """One `segmentation` of COCO, as JSON."""
    from lbie.data.json_file import read_json
    from lbie.data.masks import decode_rle, decode_segmentation

    place = folder() / "mask.json"
    place.write_bytes(b'{"m":' + data + b"}")
    whole = judge(lambda: read_json(place))
    if whole is None:
        return
    mask = judge(lambda: decode_segmentation(whole.get("m"), (20, 30)))
    assert mask is None or (mask.shape == (20, 30) and mask.dtype == bool)
    judge(lambda: decode_rle(whole.get("m")))


def packed_rle(data: bytes) -> None:
    """The packed text of an RLE."""
    from lbie.data.masks import decode_rle

    mask = judge(lambda: decode_rle({"size": [20, 30], "counts": data}))
    assert mask is None or mask.shape == (20, 30)


def phrases(data: bytes) -> None:
    """`phrases.jsonl` beside a photo, a mask and `instances.json`; every mask is read."""
    from lbie.data.phrases import check_masks, open_phrases

    place = prepared()
    (place / "phrases.jsonl").write_bytes(data)
    found = judge(lambda: open_phrases(place))
    if found is not None:
        assert all(line.isprintable() for line in check_masks(found))


def listing(data: bytes) -> None:
    """`metadata.jsonl` beside two photos."""
    from lbie.data.folder import read_listing

    place = prepared()
    (place / "metadata.jsonl").write_bytes(data)
    judge(lambda: read_listing(place))


def references(data: bytes) -> None:
    """`refs(unc).p` of RefCOCO, beside its `instances.json`."""
    from lbie.data.refcoco import open_refcoco

    place = prepared() / "refcoco"
    (place / "refs(unc).p").write_bytes(data)
    judge(lambda: open_refcoco(place.parent, "refcoco"))


def matrix(data: bytes) -> None:
    """A mask of ReferIt, in a MATLAB file."""
    from lbie.data.referit import SaiaprMask

    place = folder() / "1_1.mat"
    place.write_bytes(data)
    mask = judge(lambda: SaiaprMask(place).read((4, 6), "the mask"))
    assert mask is None or mask.shape == (4, 6)


ANNOTATIONS = (instances, segmentation, packed_rle, phrases, listing, references, matrix)
"""What the first byte picks."""


@cache
def prepared() -> Path:
    """A folder with two photos, a mask, and things that are listed."""
    place = folder() / "own"
    (place / "refcoco").mkdir(parents=True)
    for name in ("1.png", "2.png", "mask.png"):
        (place / name).write_bytes(seeds.photo(name))
    for inside in (place, place / "refcoco"):
        (inside / "instances.json").write_bytes(seeds.instances())
    return place


def weights(data: bytes) -> None:
    """A model's folder of which one file is the input; the first byte picks which."""
    from lbie.model.editing_model import EditingModel
    from lbie.registry import read_card

    own = seeds.model()
    names = sorted(own)
    number, data = picked(data, len(names))
    place = folder() / "model"
    place.mkdir(exist_ok=True)
    for name in names:
        (place / name).write_bytes(data if name == names[number] else own[name])
    if names[number] == "card.json":
        assert 0 <= read_card(place).threshold <= 1
    else:
        judge(lambda: EditingModel.load_folder(place))


_JSON = (b'{"', b'":', b"[", b"]", b"null", b"true", b"1e999", b"-1", b"NaN", b"\\ud800", b"\\u0000")
TARGETS = {
    "image_io": Target(
        image, seeds.images, ("lbie.image_io",), ("PIL",), 4_000,
        (b"IHDR", b"IDAT", b"tRNS", b"PLTE", b"iCCP", b"eXIf", b"iTXt", b"acTL", b"Exif\0\0", b"ICC_PROFILE\0",
         b"MPF\0", b"VP8X", b"VP8L", b"EXIF", b"XMP ", b"<x:xmpmeta", b"<rdf:RDF", b"xmlns:", b"XML:com.adobe.xmp"),
    ),
    "sentences": Target(
        sentence, seeds.sentences,
        ("lbie.language.vocabulary", "lbie.language.colour_mentions", "lbie.language.colour_words",
         "lbie.language.colour_numbers", "lbie.language.named_parts", "lbie.editing.sentences", "lbie.editing.told"),
        most_bytes=600, words=seeds.WORDS,
    ),
    "requests": Target(
        request, seeds.requests,
        ("lbie.editing.request", "lbie.editing.request_forms", "lbie.editing.things", "lbie.editing.change",
         "lbie.editing.controls", "lbie.language.colour_words"),
        most_bytes=520, words=seeds.WORDS,
    ),
    "svg": Target(
        svg, seeds.drawings, ("lbie.vector",), ("tinycss2", "cssselect2"), 2_000,
        (b"<use href='#", b"<path d='", b"<style>", b"</style>", b"<g>", b"</g>", b"<!DOCTYPE", b"<![CDATA[", b"url(#",
         b"!important", b":nth-child(", b":not(", b"transform='", b"viewBox='", b"%", b"1e38", b"currentColor",
         b"inherit", b"<clipPath", b"<marker", b"<pattern", b"<linearGradient", b"&#", b"xlink:href", b"\x1f\x8b\x08"),
    ),
    "annotations": Target(
        annotations, seeds.annotations,
        ("lbie.data.coco", "lbie.data.json_file", "lbie.data.masks", "lbie.data.phrases", "lbie.data.listing",
         "lbie.data.folder", "lbie.data.refcoco", "lbie.data.restricted_pickle", "lbie.data.referit"),
        most_bytes=1_000,
        words=(*_JSON, b'"counts"', b'"size"', b'"segmentation"', b'"annotation_id"', b'"split"', b'"mask"', b"../",
               b"\x85", b"\x86", b"q\0", b"h\0", b"\x94", b"\x8a", b"}", b"sent", b"ann_id", b"image_id"),
    ),
    "weights": Target(
        weights, seeds.weights,
        ("lbie.model.weights_file", "lbie.model.config", "lbie.language.vocabulary", "lbie.registry"),
        most_bytes=8_000,
        words=(*_JSON, b'"dtype"', b'"shape"', b'"data_offsets"', b'"F32"', b'"F16"', b'"BF16"', b'"I64"',
               b'"__metadata__"', b"efficientnet_lite0", b"pieces", b"<pad>", b"<unk>"),
    ),
}  # fmt: skip
"""Name to reader."""
