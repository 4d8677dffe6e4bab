"""Everything about image files: safe decode, EXIF, ICC, alpha; encode with metadata, written aside."""

from lbie.image_io.decode import (
    FORMATS,
    STANDARD_INPUT,
    SourceImage,
    decode_image,
    read_image,
    read_standard_input,
    source_from_array,
    source_from_pil,
)
from lbie.image_io.encode import (
    READ_SUFFIXES,
    SUFFIXES,
    check_output,
    encode_image,
    read_edit_record,
    whole_file,
    write_bytes,
)
from lbie.regular_file import read_file

__all__ = [
    "FORMATS",
    "READ_SUFFIXES",
    "STANDARD_INPUT",
    "SUFFIXES",
    "SourceImage",
    "check_output",
    "decode_image",
    "encode_image",
    "read_edit_record",
    "read_file",
    "read_image",
    "read_standard_input",
    "source_from_array",
    "source_from_pil",
    "whole_file",
    "write_bytes",
]
