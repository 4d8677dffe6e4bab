"""`lbie batch`, with a stand-in model that finds colours."""

from __future__ import annotations

import json
import os
import re
import shlex
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from found_by_colour import boxes, where, write_photo
from lbie.data.masks import decode_rle
from lbie.image_io import read_edit_record, read_image
from lbie.scale import work
from lbie.scale.journal import FILE_NAME, Journal

ASK = "make the red cup blue"


def tree(folder: str | Path) -> dict[str, bytes]:
    found = Path(folder).rglob("*")
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in found if p.is_file() and p.name != FILE_NAME}


def test_names_and_tree_are_kept(cli, folder) -> None:
    Path("in/notes.txt").write_text("no image")
    Path("in/.hidden.png").write_bytes(b"")
    code, out, err = cli("batch", "in", ASK, "-o", "out")
    assert (code, out) == (0, "") and "1 other file skipped" in err
    assert tree("out").keys() == {"a.png", "deep/b.jpg", "deep/er/c.PNG"}
    assert cli("edit", "in/a.png", ASK, "-o", "alone.png", "--model", "photos")[0] == 0
    assert Path("out/a.png").read_bytes() == Path("alone.png").read_bytes(), "as lbie edit does it"
    assert read_edit_record("out/deep/b.jpg")["sentence"] == ASK


def test_going_on(cli, folder, monkeypatch) -> None:
    worked: list[str] = []
    real = work.Worker.__call__

    def interrupted(self, item):
        worked.append(item.path)
        if len(worked) == 2:
            raise KeyboardInterrupt
        return real(self, item)

    monkeypatch.setattr(work.Worker, "__call__", interrupted)
    code, _, err = cli("batch", "in", ASK, "-o", "out")
    assert code == 130 and "stopped with 2 of 3 files to do: the same command goes on" in err
    first = os.stat("out/a.png")
    code, out, err = cli("batch", "in", ASK, "-o", "out", "--json")
    assert code == 0 and "1 of 3 files were done" in err and json.loads(out)["done"] == 3
    assert worked == ["a.png", "deep/b.jpg", "deep/b.jpg", "deep/er/c.PNG"]
    after = os.stat("out/a.png")
    assert (after.st_ino, after.st_mtime_ns) == (first.st_ino, first.st_mtime_ns)
    assert cli("batch", "in", ASK, "-o", "out")[0] == 0 and len(worked) == 4


def test_a_failure_does_not_stop_the_rest(cli, folder) -> None:
    Path("in/deep/a\nbad.png").write_bytes(b"")
    Path("in/z.jpg").write_bytes(b"text")
    code, out, err = cli("batch", "in", ASK, "-o", "out", "--json")
    values = json.loads(out)
    assert code == 2 and (values["done"], values["failed"]) == (3, 2)
    assert [f["file"] for f in values["failures"]] == ["deep/a\nbad.png", "z.jpg"]
    assert "lbie: deep/a\\nbad.png: the image is empty (0 bytes)\n" in err, "one line for each"
    write_photo(Path("in/z.jpg"), boxes())
    code, out, _ = cli("batch", "in", ASK, "-o", "out", "--json")
    assert code == 2 and json.loads(out)["done"] == 4, "a file that has changed is tried again"
    assert "empty" not in cli("batch", "in", ASK, "-o", "out", "--json")[2], "others only where asked for"
    assert "empty" in cli("batch", "in", ASK, "-o", "out", "--json", "--retry-failed")[2]


def test_each_failure_is_told_once(cli, folder) -> None:
    Path("in/z.jpg").write_bytes(b"")
    for told in ("lbie: z.jpg: the image is empty", "failed before"):
        code, _, err = cli("batch", "in", ASK, "-o", "out")
        assert code == 2 and told in err and err.count("the image is empty") == 1


def test_a_fault_of_our_own_costs_one_file(cli, folder, monkeypatch) -> None:
    real = work.Worker._edit

    def faulty(self, item):
        return real(self, item) if item.path == "a.png" else {}["no\nsuch"]

    monkeypatch.setattr(work.Worker, "_edit", faulty)
    code, out, _ = cli("batch", "in", ASK, "-o", "out", "--json")
    assert code == 2 and json.loads(out)["done"] == 1
    assert "an unexpected KeyError" in json.loads(out)["failures"][0]["reason"]


def test_where_nothing_matches(cli, folder) -> None:
    write_photo(Path("in/empty.png"), np.full((96, 144, 3), 90, np.uint8))
    code, out, err = cli("batch", "in", ASK, "-o", "out", "--json")
    assert code == 3 and json.loads(out)["unmatched"] == 1 and "empty.png: nothing in the photo matches" in err
    assert "empty.png" not in tree("out"), "never the input as if it were a result"


def test_other_settings_on_the_same_results(cli, folder) -> None:
    assert cli("batch", "in", ASK, "-o", "out")[0] == 0
    before = tree("out")
    code, _, err = cli("batch", "in", ASK, "-o", "out", "--strength", "0.5")
    assert code == 2 and "(strength: 1.0, now 0.5)" in err and "--overwrite" in err and tree("out") == before
    assert cli("batch", "in", ASK, "-o", "out", "--strength", "0.5", "--overwrite")[0] == 0
    assert tree("out").keys() == before.keys() and tree("out")["a.png"] != before["a.png"]


def test_files_of_others_are_not_replaced(cli, folder) -> None:
    Path("out").mkdir()
    Path("out/a.png").write_text("mine")
    code, _, err = cli("batch", "in", ASK, "-o", "out")
    assert code == 2 and "'a.png' in '" in err and "--overwrite" in err and tree("out") == {"a.png": b"mine"}
    assert cli("batch", "in", ASK, "-o", "out", "--overwrite")[0] == 0 and len(tree("out")) == 3


def test_results_with_one_name_are_told_apart(cli, folder) -> None:
    for name in ("a.jpg", "a.webp", "a.jpg.png"):
        write_photo(Path("in", name), boxes())
    assert cli("batch", "in", ASK, "-o", "out", "--format", "png")[0] == 0
    names = {"a.png", "a.jpg.png", "a.jpg-2.png", "a.webp.png", "deep/b.png", "deep/er/c.PNG"}
    assert tree("out").keys() == names
    with Journal(Path("out")) as journal:
        told = {row.path: row.output for row in journal.rows("done")}
    assert told["a.png"] == "a.png" and told["a.jpg.png"] == "a.jpg.png" and told["a.jpg"] == "a.jpg-2.png"


def test_one_process_at_a_time(cli, folder) -> None:
    Path("out").mkdir()
    with Journal(Path("out")):
        code, _, err = cli("batch", "in", ASK, "-o", "out")
    assert code == 2 and "another lbie batch is at work in" in err
    assert cli("batch", "in", ASK, "-o", "out")[0] == 0


def test_results_within_the_folder(cli, folder) -> None:
    assert cli("batch", "in", ASK, "-o", "in/deep/out")[0] == 0
    code, out, _ = cli("batch", "in", ASK, "-o", "in/deep/out", "--json")
    assert code == 0 and json.loads(out)["done"] == 3, "results are not read"
    code, out, _ = cli("batch", "in", ASK, "-o", "other", "--json")
    assert json.loads(out)["done"] == 3 and json.loads(out)["skipped"] == 1, "nor by another batch"
    for output in ("in", ".", "in/../in"):
        code, _, err = cli("batch", "in", ASK, "-o", output)
        assert code == 2 and "could take the place of images" in err


def test_links(cli, folder) -> None:
    write_photo(Path("secret.png"), boxes())
    os.symlink(Path("secret.png").resolve(), "in/out-of-it.png")
    os.symlink("a.png", "in/second.png")
    os.symlink(".", "in/deep/loop")
    os.symlink("nowhere", "in/broken.png")
    code, out, _ = cli("batch", "in", ASK, "-o", "out", "--json")
    assert code == 0 and json.loads(out)["skipped"] == 3
    assert tree("out").keys() == {"a.png", "second.png", "deep/b.jpg", "deep/er/c.PNG"}
    assert not Path("out/second.png").is_symlink()


def test_a_table(cli, folder) -> None:
    write_photo(Path("in/spare.png"), boxes())
    Path("t.csv").write_text('file,sentence\na.png,"make the green cup red"\n./deep/b.jpg,make the red cup blue\n')
    code, out, _ = cli("batch", "in", "t.csv", "-o", "out", "--json")
    assert code == 0 and json.loads(out)["done"] == 2 and json.loads(out)["skipped"] == 2
    assert read_edit_record("out/a.png")["sentence"] == "make the green cup red"
    stamp = os.stat("out/deep/b.jpg").st_mtime_ns
    lines = (
        "file,sentence,model\na.png,make the green cup blue,photos\ndeep/b.jpg,make the red cup blue,\ngone.png,x y,\n"
    )
    Path("t.csv").write_text(lines)
    code, out, _ = cli("batch", "in", "t.csv", "-o", "out", "--json")
    assert code == 2 and read_edit_record("out/a.png")["sentence"] == "make the green cup blue", "what was changed"
    assert os.stat("out/deep/b.jpg").st_mtime_ns == stamp
    reason = "the folder has no such image (line 4 of the table)"
    assert json.loads(out)["failures"] == [{"file": "gone.png", "reason": reason}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,sentence\na.png,make it red\ndeep/b.jpg,\n", "line 3 of 't.csv': no sentence for 'deep/b.jpg'"),
        ("file,sentence\n../x.png,make it red\n", "line 2 of 't.csv': '../x.png' is no file of the folder"),
        ("file,sentence\n/etc/passwd,red\n", "'/etc/passwd' is no file of the folder"),
        ("file,sentence\na.png,red\n\n./a.png,blue\n", "line 4 of 't.csv': './a.png' stands in line 2 already"),
        ("file,sentence\na.png,make it red, and blue\n", "line 2 of 't.csv': it has more columns"),
        ("file,sentence,model\na.png,red,nonesuch\n", "cannot use the model 'nonesuch'"),
        ('file,sentence\na.png,"red\n', "line 2 of 't.csv'"),
        ("file;sentence\na.png;red\n", "must name the columns file, sentence and maybe model, got 'file;sentence'"),
        ("file,sentence\n", "has no line but its head"),
        ("", "has no line but its head"),
    ],
)
def test_a_broken_table(cli, folder, text, message) -> None:
    Path("t.csv").write_text(text)
    code, _, err = cli("batch", "in", "t.csv", "-o", "out")
    assert code == 2 and message in err and err.count("\n") == 1 and not Path("out").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("in", " ", "-o", "out"), "the sentence is empty"),
        (("in", "-o", "out"), "give one of SENTENCE"),
        (("in", ASK, "--segment", "the cup", "-o", "out"), "give one of SENTENCE"),
        (("in", "--segment", "the cup +", "-o", "out"), "a phrase is empty"),
        (("in", "--segment", "the cup", "--format", "jpg", "-o", "out"), "masks are written as PNG"),
        (("in", ASK, "-o", "out", "--strength", "nan"), "--strength must be above 0"),
        (("in", ASK, "-o", "out", "--model", "nonesuch"), "cannot use the model 'nonesuch'"),
        (("in", ASK, "-o", "out", "--report", "r.txt"), "unknown suffix '.txt'"),
        (("nowhere", ASK, "-o", "out"), "'nowhere' is no such folder"),
        (("in/a.png", ASK, "-o", "out"), "'in/a.png' is not a folder"),
        (("in", ASK, "-o", "in/a.png"), "cannot make the folder"),
        (("in", "missing.csv", "-o", "out"), "no such file: 'missing.csv'"),
        (("void", ASK, "-o", "out"), "no image in"),
        (("in", ASK, "-o", "out", "--device", "warp"), "unknown device 'warp'"),
    ],
)
def test_what_cannot_be_done(cli, folder, words, message) -> None:
    Path("void").mkdir()
    code, _, err = cli("batch", *words)
    assert code == 2 and message in err and err.count("\n") == 1


def test_segment(cli, folder) -> None:
    from pycocotools.coco import COCO

    write_photo(Path("in/empty.png"), np.full((96, 144, 3), 90, np.uint8))
    words = ("batch", "in", "--segment", "the red cup + the green cup", "--segment", "the blue cup", "-o", "masks")
    code, out, _ = cli(*words, "--json")
    assert code == 3 and json.loads(out)["done"] == 3, "in one there is nothing of it"
    masks = {"a.png", "deep/b.png", "deep/er/c.PNG"}
    assert tree("masks").keys() == masks | {"annotations.json"}
    mask = read_image("masks/a.png").rgb[..., 0] > 0
    truth = where(boxes(), "red") | where(boxes(), "green")
    assert (mask & truth).sum() / (mask | truth).sum() > 0.95
    coco = COCO("masks/annotations.json")
    assert [c["name"] for c in coco.loadCats(coco.getCatIds())] == ["the red cup", "the green cup", "the blue cup"]
    images = {image["file_name"]: image for image in coco.loadImgs(coco.getImgIds())}
    assert images.keys() == {"a.png", "deep/b.jpg", "deep/er/c.PNG", "empty.png"}
    found = coco.loadAnns(coco.getAnnIds(imgIds=[images["a.png"]["id"]]))
    assert [a["category_id"] for a in found] == [1, 2] and all(0 < a["score"] <= 1 for a in found)
    union = np.logical_or.reduce([coco.annToMask(a) > 0 for a in found])
    np.testing.assert_array_equal(union, mask)
    rows, columns = np.flatnonzero(decode_rle(found[0]["segmentation"]).any(1)), found[0]["bbox"]
    assert (columns[1], columns[3]) == (rows[0], len(rows)) and found[0]["area"] == coco.annToMask(found[0]).sum()
    assert not coco.getAnnIds(imgIds=[images["empty.png"]["id"]])
    before = tree("masks")
    assert cli(*words)[0] == 3 and tree("masks") == before


def test_report(cli, folder) -> None:
    write_photo(Path("in/<b>x&.png"), boxes())
    Path("in/<i>.jpg").write_bytes(b"")
    Path("in/<u>.txt").write_text("")
    code, _, _ = cli("batch", "in", ASK, "-o", "out", "--report", "report.html")
    page = Path("report.html").read_text("utf-8")
    assert code == 2 and page.count('src="data:image/webp;base64,') == 8 and "http" not in page
    assert not any(tag in page for tag in ("<b>x", "<i>", "<u>", "<script"))
    for text in ("&lt;b&gt;x&amp;.png", "&lt;i&gt;.jpg", "the image is empty (0 bytes)", "&lt;u&gt;.txt", ASK):
        assert text in page
    assert len(page) < 60_000


def test_what_a_kill_leaves(cli, folder) -> None:
    assert cli("batch", "in", ASK, "-o", "out")[0] == 0
    before, stamp = tree("out"), os.stat("out/a.png").st_ino
    with sqlite3.connect("out/" + FILE_NAME) as db:
        db.execute("UPDATE files SET state = 'writing'")
    db.close()
    Path("out/deep/b.jpg").unlink()
    Path("out/deep/.lbie-x1.part").write_bytes(b"half")
    Path("out/deep/er/c.PNG").write_bytes(b"another's")
    code, _, err = cli("batch", "in", ASK, "-o", "out")
    assert code == 0 and "1 of 3 files were done" in err, "what was whole is taken as done"
    assert tree("out") == before and os.stat("out/a.png").st_ino == stamp


def test_a_broken_journal(cli, folder) -> None:
    Path("out").mkdir()
    Path("out", FILE_NAME).write_bytes(b"no database" * 100)
    code, _, err = cli("batch", "in", ASK, "-o", "out")
    assert code == 2 and "is broken" in err and err.count("\n") == 1


def test_a_full_disk_stops_it(cli, folder, monkeypatch) -> None:
    from lbie.errors import ResourceError
    from lbie.scale import write

    def full(path, data):
        raise ResourceError(f"cannot write '{path}': No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(write, "write_bytes", full)
        code, _, err = cli("batch", "in", ASK, "-o", "out")
    assert code == 5 and "No space left" in err
    assert cli("batch", "in", ASK, "-o", "out")[0] == 0, "nothing counts as failed"


@pytest.mark.skipif(os.name != "posix", reason="names are text elsewhere")
def test_names_that_are_no_text(cli, folder) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    write_photo(Path("in/x.png"), boxes())
    os.rename("in/x.png", os.path.join("in", name))
    code, _, _ = cli("batch", "in", ASK, "-o", "out", "--report", "r.html")
    assert code == 0 and Path("out", name).is_file() and "caf\\udce9.png" in Path("r.html").read_text("utf-8")


def test_drawings(cli, folder) -> None:
    pytest.importorskip("resvg_py")
    Path("in/d.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>1</script></svg>')
    code, out, _ = cli("batch", "in", ASK, "-o", "out", "--json")
    assert code == 2 and "'script' is not allowed" in json.loads(out)["failures"][0]["reason"]
    code, out, _ = cli("batch", "in", "--segment", "the red cup", "-o", "masks", "--json")
    assert code == 0 and json.loads(out)["skipped"] == 1


def test_formats(cli, folder) -> None:
    Image.fromarray(boxes()).save("in/g.gif")
    assert cli("batch", "in", ASK, "-o", "out")[0] == 0
    assert read_image("out/g.png").format == "PNG" and read_image("out/deep/b.jpg").format == "JPEG"


def test_commands_of_the_page(cli, folder) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "batch.md").read_text("utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    os.rename("in", "photos")
    Path("sentences.csv").write_text(f"file,sentence\na.png,{ASK}\n")
    for line in "".join(blocks).splitlines():
        words = shlex.split(line)
        assert cli(*words[1:])[0] == 0, line
    code = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0]
    exec(code, {"__name__": "__main__"})
    assert tree("results") == tree("blue")
