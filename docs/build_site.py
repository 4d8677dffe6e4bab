"""Build the documentation site into out/site/html; a link or a name of the API that leads nowhere is an error.

python docs/build_site.py          (needs `pip install 'lbie[docs]'`)

Pages are laid out in out/site/pages as they lie in the repository, with all that they link to, so that a link works in
both.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "out" / "site"
_FENCE = re.compile(r"^ *(```+|~~~+).*?^ *\1 *$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(r"\]\(<?([^)\s>]+)")


def pages(root: Path = ROOT) -> list[Path]:
    """All pages of the repository's documentation, the first one being the site's start."""
    return [root / "README.md", root / "CONTRIBUTING.md", root / "SECURITY.md", *sorted((root / "docs").rglob("*.md"))]


def prose(page: Path) -> str:
    """A page without its code."""
    return _CODE.sub("", _FENCE.sub("", page.read_text("utf-8")))


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Files of the repository that a page links to, each with the anchor, which may be empty."""
    for target in _LINK.findall(prose(page)):
        if not re.match(r"[a-z][a-z0-9+.-]*:", target):
            path, _, anchor = unquote(target).partition("#")
            yield (page.parent / path).resolve() if path else page, anchor


def lay_out(folder: Path) -> None:
    """Copy pages, and the files that they link to, into a new folder.

    Raises:
        FileNotFoundError: a link leads nowhere.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for path in {*pages(), *(path for page in pages() for path, _ in links(page))}:
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def main() -> int:
    """Lay out and build; the exit code is that of the builder."""
    for package in ("zensical", "mkdocstrings"):
        if find_spec(package) is None:
            print(f"this needs the package '{package}': pip install 'lbie[docs]'", file=sys.stderr)
            return 2
    lay_out(SITE / "pages")
    shutil.rmtree(SITE / "html", ignore_errors=True)
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "-f", str(ROOT / "zensical.toml")]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
