"""The verb `lbie bench`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lbie.cli_common import need_extra, say
from lbie.errors import InputError


def bench(
    output: Annotated[Path | None, typer.Option("-o", "--output", help="JSON file for the figures.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Small images only, in under a minute.")] = False,
    threads: Annotated[int, typer.Option(min=0, help="Of each network; 0 for as many as processor cores.")] = 0,
    clock: Annotated[
        str, typer.Option(help="wall, or processor: steady on a machine that does other things.")
    ] = "wall",
) -> None:
    """Time edits in turn with what one would use instead (CLIPSeg, a U-Net), and with the machine's own limit."""
    from lbie.bench.rounds import CLOCKS

    if clock not in CLOCKS:
        raise InputError(f"unknown clock '{clock}': use {' or '.join(CLOCKS)}")
    for package in ("torch", "transformers", "skimage", "sklearn"):
        need_extra("bench", package)
    from lbie.bench.run import Plan, run
    from lbie.bench.table import print_figures
    from lbie.evaluation.report import write_section

    figures = run(Plan.of(quick), clock, threads, say)
    print_figures(figures)
    if output is not None:
        write_section(output, "bench" if figures["threads"] == 1 else "bench_of_threads", figures)
