"""Every link of the documentation leads somewhere, on GitHub and on the site."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path

import pytest

from documented import ROOT, links, pages, prose

_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)


@cache
def anchors(page: Path) -> tuple[set[str], set[str]]:
    """Anchors of a page's headings, as GitHub makes them and as Python-Markdown does."""
    github, site = [], []
    for heading in _HEADING.findall(
        re.sub(r"^ *```.*?^ *```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    ):
        text = re.sub(r"[`*]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading))
        github.append(re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-"))
        ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
        site.append(re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", ascii_only).strip().lower()))
    return set(github), set(site)


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    found = list(links(page))
    for path, anchor in found:
        assert path.is_relative_to(ROOT), path
        assert path.is_file(), f"no such file: {path}"
        if anchor and path.suffix == ".md":
            github, site = anchors(path)
            assert anchor in github, f"{path.name}#{anchor}"
            assert anchor in site, f"{path.name}#{anchor}"
    assert prose(page).count("](") >= len(found)


def test_every_page_is_in_the_navigation():
    nav = (ROOT / "zensical.toml").read_text("utf-8")
    listed = re.findall(r'"([\w/.-]+\.md)"', str(tomllib.loads(nav)["project"]["nav"]).replace("'", '"'))
    assert sorted(listed) == sorted(str(page.relative_to(ROOT)) for page in pages())


def test_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) < 250
