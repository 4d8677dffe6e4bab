"""The verb `lbie doctor`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from lbie.cli_common import DeviceOption, RuntimeOption, busy


def doctor(
    device: DeviceOption = "auto",
    runtime: RuntimeOption = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Look at this installation: versions, extras, devices, weights by their hashes, an edit by each model, memory and
    disk. The exit code is 2 where something is broken, 5 where there is too little memory or disk.
    """  # fmt: skip
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from lbie.doctor import State, examine, exit_code

    with busy("looking"):
        checks = list(examine(device, runtime))
    code = exit_code(checks)
    if as_json:
        print(json.dumps({"ok": code == 0, "exit_code": code, "checks": [asdict(check) for check in checks]}))
        raise typer.Exit(code)
    styles = {State.OK: "green", State.ABSENT: "dim", State.BROKEN: "bold red", State.SHORT: "bold yellow"}
    table = Table("", "state", "found", "what to do")
    for check in checks:
        state = Text(check.state, styles[check.state])
        table.add_row(check.about, state, Text(check.found), Text(check.advice))
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    wrong = [check.about for check in checks if check.state in (State.BROKEN, State.SHORT)]
    console.print(Text(f"not well: {', '.join(wrong)}" if wrong else "all is well"))
    raise typer.Exit(code)
