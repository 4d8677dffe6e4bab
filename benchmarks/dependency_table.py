"""The tables of docs/dependencies.md, from pyproject.toml and `results/dependencies.json`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = {"lowest": "oldest tried", "newest": "newest tried"}


def requirements() -> dict[str, tuple[Requirement, list[str]]]:
    """What pyproject.toml names, in its order: the requirement, and which extras need it (none: the core)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found: dict[str, tuple[Requirement, list[str]]] = {}
    for extra, texts in {"core": project["dependencies"], **project["optional-dependencies"]}.items():
        for requirement in map(Requirement, texts):
            if requirement.name != "lbie":
                found.setdefault(canonicalize_name(requirement.name), (requirement, []))[1].append(extra)
    return found


def dependency_text(tried: dict[str, Any]) -> str:
    """Markdown of the page's tables."""
    columns = [which for which in COLUMNS if which in tried]
    packages = {w: {canonicalize_name(n): own for n, own in tried[w]["packages"].items()} for w in columns}
    lines = [
        "| package | needed by | allowed | "
        + " | ".join(COLUMNS[which] for which in columns)
        + " | licence, as it states it |",
        "|---" * (len(columns) + 4) + "|",
    ]
    for name, (requirement, extras) in requirements().items():
        own = [packages[which].get(name) for which in columns]
        licence = next((one["licence"] for one in reversed(own) if one), "")
        cells = [f"`{requirement.name}`", ", ".join(extras), str(requirement.specifier) or "any"]
        lines.append("| " + " | ".join([*cells, *(one["version"] if one else "" for one in own), licence]) + " |")
    for which in columns:
        run = tried[which]
        passed = run["tests"] - run["failures"] - run["errors"] - run["skipped"]
        failed = f"; failed: {', '.join(run['failed'])}" if run["failed"] else ""
        lines += [
            "",
            f"**{COLUMNS[which].capitalize()}** on {run['provenance']['date'][:10]}, Python {run['provenance']['python']}: "
            f"{passed} of {run['tests']} tests pass, {run['skipped']} are skipped{failed}.",
        ]
    if not columns:
        lines += ["", "Neither the oldest nor the newest releases have been tried in full yet."]
    return "\n".join(lines)
