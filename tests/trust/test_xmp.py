"""What an edited file says of itself, in every format."""

from __future__ import annotations

import io
import json
import struct
from dataclasses import replace

import numpy as np
import pytest
from PIL import ExifTags, Image, PngImagePlugin

from lbie.image_io import SourceImage, decode_image, encode_image, read_edit_record
from lbie.image_io.xmp import EDITED, EVENT, GENERATED, HISTORY, IPTC, MAX_BYTES, RDF, XMP, Packet

RGB = np.add.outer(np.arange(0, 120, 8), np.arange(0, 120, 6))[..., None].astype(np.uint8) + np.uint8([0, 9, 15])
RECORD = {"sentence": "röt & <blue> 🌹\x01", "model": "flowers", "model_version": "a7", "version": "0.1.0", "seed": 7}
HELD = [".png", ".jpg", ".webp", ".tif"]
"""Suffixes of the formats that hold XMP."""
DC = "http://purl.org/dc/elements/1.1/"
SOURCE = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Camera"><r:RDF xmlns:r="{RDF}">
<r:Description r:about="uuid:1" xmlns:dc="{DC}" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:xmp="{XMP}"
 xmlns:own="https://example.org/own/" tiff:Orientation="6" xmp:CreatorTool="Camera 3" own:note="kept"
 xmlns:ext="{IPTC}" ext:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture">
 <dc:creator><r:Seq><r:li>Ada Löwe</r:li></r:Seq></dc:creator></r:Description>
<r:Description r:about="uuid:1" xmlns:mm="{HISTORY}" xmlns:e="{EVENT}">
 <mm:InstanceID>xmp.iid:1</mm:InstanceID>
 <mm:History><r:Seq><r:li e:action="created" e:softwareAgent="Camera 3"/></r:Seq></mm:History>
 </r:Description></r:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()


def with_xmp(packet: bytes, suffix: str = ".jpg") -> SourceImage:
    """Decoded from a file that holds it."""
    image, buffer = Image.fromarray(RGB), io.BytesIO()
    if suffix == ".png":
        text = PngImagePlugin.PngInfo()
        text.add_itxt("XML:com.adobe.xmp", packet)
        image.save(buffer, "PNG", pnginfo=text)
    elif suffix == ".tif":
        image.save(buffer, "TIFF", tiffinfo={700: packet})
    else:
        image.save(buffer, "JPEG" if suffix == ".jpg" else "WEBP", xmp=packet)
    return decode_image(buffer.getvalue())


def packet_of(data: bytes) -> bytes:
    found = decode_image(data).xmp
    assert found is not None
    return found


def values(data: bytes) -> dict[str, str]:
    """The simple properties that matter here, of a file."""
    packet = Packet(packet_of(data))
    names = ("DigitalSourceType", "AISystemUsed", "AISystemVersionUsed", "AIPromptInformation")
    return {name: packet._value(IPTC, name) for name in names} | {"CreatorTool": packet._value(XMP, "CreatorTool")}


def events(data: bytes) -> list[dict[str, str]]:
    """What the history of a file says, oldest first."""
    document = Packet(packet_of(data))._document
    (history,) = document.getElementsByTagNameNS(HISTORY, "History")
    found = []
    for item in history.getElementsByTagNameNS(RDF, "li"):
        own = {node.localName: node.value for node in item.attributes.values() if node.namespaceURI == EVENT}
        own |= {node.localName: node.firstChild.data for node in item.childNodes if node.nodeType == node.ELEMENT_NODE}
        found.append(own)
    return found


@pytest.mark.parametrize("metadata", ["keep", "strip"])
@pytest.mark.parametrize("suffix", HELD)
def test_every_format_says_that_it_was_edited(suffix, metadata):
    source = SourceImage(RGB)
    data, notices = encode_image(RGB, suffix, source=source, record=RECORD, metadata=metadata)
    assert notices == []
    assert values(data) == {
        "DigitalSourceType": EDITED,
        "AISystemUsed": "lbie 0.1.0, model flowers",
        "AISystemVersionUsed": "a7",
        "AIPromptInformation": "röt & <blue> 🌹?",
        "CreatorTool": "lbie 0.1.0",
    }
    (event,) = events(data)
    assert (event["action"], event["softwareAgent"]) == ("edited", "lbie 0.1.0")
    assert json.loads(event["parameters"]) == RECORD
    assert data == encode_image(RGB, suffix, source=source, record=RECORD, metadata=metadata)[0], "the same each time"


@pytest.mark.parametrize("to", HELD)
@pytest.mark.parametrize("suffix", HELD)
def test_the_xmp_of_the_source_is_kept(suffix, to):
    source = with_xmp(SOURCE, suffix)
    data, notices = encode_image(RGB, to, source=source, record=RECORD)
    assert notices == []
    packet = packet_of(data).decode()
    for kept in ("Ada Löwe", 'own:note="kept"', 'xmptk="Camera"', "Camera 3"):
        assert kept in packet
    for stale in ("digitalCapture", "Orientation", "InstanceID"):
        assert stale not in packet
    assert values(data)["CreatorTool"] == "Camera 3", "the first tool, as the field is defined"
    assert values(data)["DigitalSourceType"] == EDITED
    assert [event["action"] for event in events(data)] == ["created", "edited"]
    assert packet.count('about="uuid:1"') == 3, "all speak of the same thing"


@pytest.mark.parametrize("suffix", HELD)
def test_strip_takes_the_sources_and_leaves_ours(tmp_path, suffix):
    data, _ = encode_image(RGB, suffix, source=with_xmp(SOURCE, suffix), record=RECORD, metadata="strip")
    assert b"Ada" not in packet_of(data)
    assert values(data)["DigitalSourceType"] == EDITED
    (tmp_path / f"a{suffix}").write_bytes(data)
    assert read_edit_record(tmp_path / f"a{suffix}") == RECORD
    bare, _ = encode_image(RGB, suffix, source=with_xmp(SOURCE, suffix), metadata="strip")
    assert decode_image(bare).xmp is None


@pytest.mark.parametrize("suffix", HELD)
def test_two_edits_are_two_events_and_the_last_sentence_holds(suffix):
    first, _ = encode_image(RGB, suffix, source=SourceImage(RGB), record=RECORD)
    again = RECORD | {"sentence": "white"}
    data, _ = encode_image(RGB, suffix, source=decode_image(first), record=again)
    assert [json.loads(event["parameters"])["sentence"] for event in events(data)] == [RECORD["sentence"], "white"]
    assert values(data)["AIPromptInformation"] == "white"
    assert packet_of(data).count(b"<Iptc4xmpExt:DigitalSourceType>") == 1


def test_what_is_all_made_by_a_model_stays_called_so():
    mask, _ = encode_image(RGB[..., 0], ".png", record=RECORD)
    assert values(mask)["DigitalSourceType"] == GENERATED
    data, _ = encode_image(RGB, ".png", source=decode_image(mask), record=RECORD)
    assert values(data)["DigitalSourceType"] == GENERATED


@pytest.mark.parametrize(
    "said",
    [
        f"<i:DigitalSourceType>\n {GENERATED} </i:DigitalSourceType>",
        f'<i:DigitalSourceType r:resource="{GENERATED.replace("http:", "https:")}"/>',
        "<i:DigitalSourceType>digsrctype:trainedAlgorithmicMedia</i:DigitalSourceType>",
    ],
)
def test_however_it_is_written(said):
    packet = f'<r:RDF xmlns:r="{RDF}" xmlns:i="{IPTC}"><r:Description>{said}</r:Description></r:RDF>'
    data, _ = encode_image(RGB, ".png", source=SourceImage(RGB, xmp=packet.encode()), record=RECORD)
    assert values(data)["DigitalSourceType"] == GENERATED


def test_a_history_that_is_none_gives_way():
    packet = f'<r:RDF xmlns:r="{RDF}" xmlns:m="{HISTORY}"><r:Description m:History="x"/></r:RDF>'
    data, _ = encode_image(RGB, ".png", source=SourceImage(RGB, xmp=packet.encode()), record=RECORD)
    assert [event["action"] for event in events(data)] == ["edited"]
    assert b'History="x"' not in packet_of(data)


@pytest.mark.parametrize("suffix", HELD)
def test_without_an_edit_the_sources_goes_along(suffix):
    data, _ = encode_image(RGB, suffix, source=with_xmp(SOURCE, suffix))
    packet = packet_of(data).decode()
    assert "Ada Löwe" in packet
    assert "digitalCapture" in packet
    assert "Orientation" not in packet


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><x>&b;</x>'
HOSTILE = {
    "document type": BOMB.encode(),
    "document type in UTF-16": BOMB.encode("utf-16"),
    "external entity": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    "deep": b"<a>" * 10_000 + b"</a>" * 10_000,
    "large": b"<a>" + b" " * MAX_BYTES + b"</a>",
    "cut": SOURCE[:300],
    "no XML": b"\x00\xff\xfe\x01",
    "no RDF": b"<x/>",
    "prefix unbound": b"<q:x/>",
    "unknown encoding": b'<?xml version="1.0" encoding="nonsense"?><x/>',
    "latin": '<?xml version="1.0"?><x>\xe9</x>'.encode("latin-1"),
    "empty": b"   ",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_packet_that_cannot_be_read_is_left_out_and_told(kind):
    source = SourceImage(RGB, xmp=HOSTILE[kind])
    data, notices = encode_image(RGB, ".png", source=source, record=RECORD)
    assert [n for n in notices if "XMP of the source cannot be read" in n]
    assert "\n" not in notices[0]
    assert values(data)["DigitalSourceType"] == EDITED


def test_a_damaged_packet_is_read_or_refused():
    random = np.random.default_rng(0)
    read = 0
    for _ in range(400):
        damaged = bytearray(SOURCE)
        for place in random.integers(0, len(damaged), random.integers(1, 4)):
            damaged[place] = random.choice(list(b"<>&/=\"' :x\0\xff"))
        try:
            packet = Packet(bytes(damaged))
        except ValueError:
            continue
        packet.add_edit(RECORD, of_image=True)
        assert Packet(packet.encode())._value(IPTC, "DigitalSourceType") == EDITED
        read += 1
    assert 20 < read < 380


def test_a_packet_too_long_for_a_jpeg_is_left_out_and_told():
    packet = SOURCE.replace(b"Ada", b"Ada" * 22_000)
    source = with_xmp(packet, ".png")
    data, notices = encode_image(RGB, ".jpg", source=source, record=RECORD)
    assert [n for n in notices if "too long for a JPEG" in n]
    assert b"Ada" not in packet_of(data)
    assert values(data)["DigitalSourceType"] == EDITED
    kept, notices = encode_image(RGB, ".webp", source=source, record=RECORD)
    assert notices == []
    assert b"AdaAda" in packet_of(kept)


def test_the_preview_of_the_photo_as_it_was_does_not_go_along():
    """A thumbnail in EXIF shows the photo before the edit."""
    small = io.BytesIO()
    Image.fromarray(RGB).save(small, "JPEG")
    thumbnail = small.getvalue()
    artist = struct.pack("<HHI4s", ExifTags.Base.Artist, 2, 4, b"Ada\0")
    second = 8 + 2 + len(artist) + 4
    places = struct.pack("<HHII", 0x0201, 4, 1, second + 2 + 24 + 4) + struct.pack(
        "<HHII", 0x0202, 4, 1, len(thumbnail)
    )
    tiff = b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + artist + struct.pack("<I", second)
    tiff += struct.pack("<H", 2) + places + struct.pack("<I", 0) + thumbnail
    buffer = io.BytesIO()
    Image.fromarray(RGB).save(buffer, "JPEG", exif=b"Exif\0\0" + tiff)
    assert thumbnail in buffer.getvalue()
    source = decode_image(buffer.getvalue())
    for suffix in HELD:
        data, _ = encode_image(RGB, suffix, source=source, record=RECORD)
        assert thumbnail not in data
        assert Image.open(io.BytesIO(data)).getexif()[ExifTags.Base.Artist] == "Ada"


def test_bmp_holds_nothing_and_says_so():
    _, notices = encode_image(RGB, ".bmp", source=replace(SourceImage(RGB), xmp=SOURCE), record=RECORD)
    assert [n for n in notices if "holds no metadata" in n]
