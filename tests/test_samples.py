from __future__ import annotations

import numpy as np
import pytest

from lbie import samples
from lbie.errors import InputError
from lbie.image_io import read_image


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_every_sample_can_be_read_and_is_credited(name):
    rgb = read_image(samples.sample_path(name)).rgb
    assert min(rgb.shape[:2]) >= 200
    assert samples.SAMPLES[name].credit.count(",") >= 1


def test_list(cli):
    code, out, _ = cli("sample")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == list(samples.SAMPLES)


@pytest.mark.parametrize(("name", "suffix"), [("flower", ".jpg"), ("flower", ".png"), ("coffee", ".png")])
def test_written_out(cli, tmp_path, name, suffix):
    output = tmp_path / f"a{suffix}"
    code, out, err = cli("sample", name, "-o", output)
    assert (code, out) == (0, "")
    assert samples.SAMPLES[name].credit in err
    np.testing.assert_array_equal(read_image(output).rgb, read_image(samples.sample_path(name)).rgb)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nope", "-o", "a.png"), "flower"),
        (("flower",), "-o"),
        (("flower", "-o", "a.xyz"), "suffix"),
        (("flower", "-o", "missing/a.png"), "missing"),
    ],
)
def test_refused(cli, tmp_path, monkeypatch, words, says):
    monkeypatch.chdir(tmp_path)
    code, out, err = cli("sample", *words)
    assert (code, out) == (2, "")
    assert err.startswith("lbie: error: ") and err.count("\n") == 1 and says in err
    assert not list(tmp_path.iterdir())


def test_without_its_package(monkeypatch):
    monkeypatch.setattr(samples, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"sklearn.*lbie\[demo\]"):
        samples.sample_path("flower")


def test_only_the_prefix_is_special(tmp_path):
    assert samples.resolve_input("sample:flower") == samples.sample_path("flower")
    assert samples.resolve_input("flower") == "flower"
    assert samples.resolve_input(tmp_path) == tmp_path
