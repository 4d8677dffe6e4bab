"""The code in the documentation: commands have the options that they are given, Python compiles, what is quick runs."""

from __future__ import annotations

import re
import tomllib

import pytest

from documented import ROOT, blocks, pages, parse_lbie, shell_commands

EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"].keys()
RUN_ELSEWHERE = ("README.md", "colorization.md")
"""Pages whose examples tests/test_readme.py and tests/test_colorization_page.py run."""
SAMPLES = [
    (page.name, code)
    for page in pages()
    if page.name not in RUN_ELSEWHERE
    for code in blocks(page, "python")
    if "sample:" in code
]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_commands(page):
    made_here = re.findall(r'_app\.command\("(\w+)"\)', page.read_text("utf-8"))
    for words in shell_commands(page):
        program = words[0].rpartition("/")[2]
        if program == "lbie" and not set(words[1:3]) & set(made_here):
            parse_lbie(words[1:])
        elif program.startswith("python") and words[1].startswith(("benchmarks/", "examples/", "deploy/", "docs/")):
            script = (ROOT / words[1]).read_text("utf-8")
            shared = (ROOT / "benchmarks" / "short_runs.py").read_text("utf-8") if "short_runs" in script else ""
            for option in (word for word in words[2:] if re.match(r"--?[a-z]", word)):
                assert f'"{option}"' in script + shared or option in script, f"{words[1]} {option}"
        elif program.startswith("pip"):
            for named in re.findall(r"(?:lbie|\.)\[([\w,-]+)\]", " ".join(words)):
                assert set(named.split(",")) <= EXTRAS, named


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_python_compiles(page):
    for number, code in enumerate(blocks(page, "python")):
        compile(code, f"{page.name}, block {number}", "exec")


@pytest.mark.parametrize(("name", "code"), SAMPLES, ids=[name for name, _ in SAMPLES])
def test_examples_with_samples_run(name, code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, name, "exec"), {})


def test_some_examples_are_run():
    assert {"reading.md", "api.md"} <= {name for name, _ in SAMPLES}


def test_a_wrong_option_is_found():
    with pytest.raises(Exception, match="--nonsense"):
        parse_lbie(["edit", "photo.jpg", "a red flower", "-o", "out.png", "--nonsense"])
    with pytest.raises(Exception, match="paint"):
        parse_lbie(["paint"])
