"""`lbie doctor` on an installation that is well, and on several that are not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib import metadata
from types import SimpleNamespace

import pytest

from lbie import doctor, editor, registry
from lbie.doctor import Check, State, exit_code


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """A copy of the weights, to damage."""
    folder = tmp_path / "weights"
    shutil.copytree(registry.WEIGHTS_ROOT, folder)
    monkeypatch.setattr(registry, "WEIGHTS_ROOT", folder)
    monkeypatch.setattr(doctor, "WEIGHTS_ROOT", folder)
    return folder


@pytest.fixture
def only(monkeypatch):
    """Leave out the checks of other things: they take time."""

    def leave(*names: str) -> None:
        for name in {"_packages", "_device", "_weights", "_trial", "_memory", "_disk"} - set(names):
            several = name == "_packages"
            check = Check(name, State.OK, "left out")
            monkeypatch.setattr(doctor, name, lambda *_, several=several, check=check: [check] if several else check)

    return leave


def examined(cli, *words) -> tuple[int, dict[str, dict[str, str]]]:
    code, out, err = cli("doctor", "--json", "--device", "cpu", *words)
    values = json.loads(out)
    assert err == "" and values["exit_code"] == code and values["ok"] == (code == 0)
    return code, {check["about"]: check for check in values["checks"]}


def test_all_is_well(cli):
    code, checks = examined(cli)
    assert code == 0
    models = registry.bundled_models()
    assert models and all(
        checks[f"{what} {name}"]["state"] == "ok" for name in models for what in ("weights", "edit by")
    )
    for package in ("safetensors", "opencv-contrib-python-headless", "numpy"):
        assert checks[f"package {package}"]["found"] == metadata.version(package)
    assert checks["device"]["found"].endswith("used: cpu") and "GB free" in checks["memory"]["found"]
    assert {f"extra {name}" for name in ("train", "demo", "vector")} <= set(checks)


def test_the_table(cli, only):
    only("_packages")
    code, out, err = cli("doctor")
    assert (code, err) == (0, "") and "all is well" in out and "package safetensors" in out


def _flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda folder: _flip(folder / "model.safetensors"), "model.safetensors has changed"),
        (lambda folder: (folder / "vocabulary.json").unlink(), "vocabulary.json is missing"),
        (lambda folder: (folder / "config.json").unlink(), "config.json is missing"),
        (lambda folder: (folder / "extra.bin").write_bytes(b"x"), "extra.bin is not listed"),
        (lambda folder: (folder / "SHA256SUMS").unlink(), "SHA256SUMS is missing"),
        (lambda folder: (folder / "SHA256SUMS").write_bytes(b"\xff\n"), "SHA256SUMS cannot be read"),
    ],
)
def test_weights_that_are_not_as_published(cli, weights, only, damage, says):
    damage(weights / "cosal")
    only("_weights")
    code, checks = examined(cli)
    assert code == 2
    broken = [check for check in checks.values() if check["state"] == "broken"]
    assert [check["about"] for check in broken] == ["weights cosal"]
    assert says in broken[0]["found"] and broken[0]["advice"]


def test_no_weights(cli, weights, only):
    shutil.rmtree(weights)
    weights.mkdir()
    only("_weights")
    code, checks = examined(cli)
    assert code == 2 and checks["weights"]["state"] == "broken"


@pytest.mark.parametrize(
    ("error", "expected"), [(RuntimeError("kernel\nfell over"), 2), (MemoryError(), 5), (ImportError("no cv2"), 2)]
)
def test_an_edit_that_fails(cli, only, monkeypatch, error, expected):
    def fail(*_):
        raise error

    monkeypatch.setattr(editor.Editor, "from_pretrained", fail)
    only("_trial")
    code, out, err = cli("doctor")
    assert (code, err) == (expected, "") and "not well: edit by" in out and type(error).__name__ in out


def test_a_result_that_is_not_what_was_said(cli, only, monkeypatch):
    monkeypatch.setitem(doctor._TRIALS, "shapes", lambda _: False)
    only("_trial")
    code, checks = examined(cli)
    assert code == 2 and "not what the sentence says" in checks["edit by cosal"]["found"]


def test_a_device_that_is_not_there(cli, only):
    only("_device", "_trial")
    code, out, _ = cli("doctor", "--json", "--device", "abacus")
    broken = [check for check in json.loads(out)["checks"] if check["state"] == "broken"]
    assert code == 2 and [check["about"] for check in broken] == ["device"] and "abacus" in broken[0]["found"]


def test_packages_that_are_missing_or_old(cli, only, monkeypatch):
    real = metadata.version

    def version(name: str) -> str:
        if name in ("safetensors", "lightning"):
            raise metadata.PackageNotFoundError(name)
        return "0.1" if name == "numpy" else real(name)

    monkeypatch.setattr(metadata, "version", version)
    only("_packages")
    code, checks = examined(cli)
    assert code == 2
    assert checks["package safetensors"]["advice"] == "pip install 'safetensors>=0.4.3'"
    assert "numpy is 0.1, needed is >=2.0" in checks["package numpy"]["found"]
    train = checks["extra train"]
    assert (
        train["state"] == "absent" and train["found"] == "not installed: lightning" and "lbie[train]" in train["advice"]
    )


def test_too_little_memory_and_disk(cli, only, monkeypatch):
    monkeypatch.setattr(doctor, "free_memory", lambda: 10**8)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: SimpleNamespace(free=10**6))
    only("_memory", "_disk")
    code, checks = examined(cli)
    short = [check for check in checks.values() if check["state"] == "short"]
    assert code == 5 and len(short) >= 2 and all(check["advice"] for check in short)


def test_where_nothing_can_be_imported():
    """It still answers, for that is when it is asked."""
    code = "import sys; sys.modules.update(numpy=None, cv2=None, torch=None); sys.argv = ['lbie', 'doctor', '--json']; "
    code += "from lbie.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "")
    broken = {check["about"] for check in json.loads(done.stdout)["checks"] if check["state"] == "broken"}
    assert broken == {"device"}


def test_no_temporary_folder(cli, only, monkeypatch):
    def fail():
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(doctor.tempfile, "gettempdir", fail)
    only("_disk")
    code, checks = examined(cli)
    assert code == 2 and "No usable" in checks["temporary folder"]["found"]


def test_what_is_broken_comes_before_what_is_short():
    short, broken = Check("a", State.SHORT, ""), Check("b", State.BROKEN, "")
    assert exit_code([short, broken]) == 2 and exit_code([short]) == 5
    assert exit_code([Check("a", State.OK, ""), Check("b", State.ABSENT, "")]) == 0


def test_memory_that_is_not_told(monkeypatch, only, cli):
    monkeypatch.setattr(doctor, "free_memory", lambda: None)
    only("_memory")
    assert examined(cli)[0] == 0
