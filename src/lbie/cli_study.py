"""The verbs `lbie study …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lbie.cli_common import DataOption, need_extra, say

study_app = typer.Typer(help="Let people rate consistency and quality, blind.", no_args_is_help=True)
FolderArgument = Annotated[Path, typer.Argument(metavar="OUT_DIR", help="Folder of the study.")]


@study_app.command("make")
def study_make(
    folder: FolderArgument,
    without_language: Annotated[str, typer.Option(help="The language-free twin: a model name or folder.")],
    model: Annotated[str, typer.Option(help="The model to study.")] = "flowers",
    without_attention: Annotated[str | None, typer.Option(help="A model without attention, if there is one.")] = None,
    photos: Annotated[int, typer.Option(min=2, help="Photos; each is shown once by every system.")] = 50,
    seed: Annotated[int, typer.Option(help="Of the choice of photos.")] = 0,
    split: Annotated[str, typer.Option(help="test, whose classes no model has seen; or val.")] = "test",
    data: DataOption = None,
) -> None:
    """Colour photos by every system, and write them under names that tell nothing."""
    from lbie.data.storage import data_root
    from lbie.study.make import make_study

    systems = {"ours": model, "without_attention": without_attention, "without_language": without_language}
    told = {system: name for system, name in systems.items() if name is not None}
    count = make_study(folder, told, data_root(data) / "flowers", photos, seed, split)
    say(f"wrote {count} pictures to '{folder}'; let people rate them with: lbie study serve {folder}")


@study_app.command("serve")
def study_serve(
    folder: FolderArgument,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8765,
    host: Annotated[str, typer.Option(help="0.0.0.0 lets other machines in: see docs/study.md.")] = "127.0.0.1",
) -> None:
    """Serve the page to rate on; Ctrl-C stops it, and no rating is lost."""
    need_extra("study", "starlette")
    need_extra("study", "uvicorn")
    from lbie.study.server import listen, server_of

    server = server_of(folder, host)
    with listen(host, port) as socket:
        shown = f"[{host}]" if ":" in host else host
        say(f"rate at http://{shown}:{socket.getsockname()[1]}/ (Ctrl-C stops)")
        server.run(sockets=[socket])


@study_app.command("report")
def study_report(
    folder: FolderArgument,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="JSON file to write.")] = None,
    html: Annotated[Path | None, typer.Option(help="Page to write, with a picture of the means.")] = None,
) -> None:
    """Print means, intervals and agreement of the ratings so far, beside the paper's."""
    if html:
        need_extra("study", "matplotlib")
    from lbie.evaluation.report import write_figures
    from lbie.study.report import report
    from lbie.study.table import print_report

    figures = report(folder)
    print_report(figures)
    if output:
        write_figures(output, figures)
    if html:
        from lbie.study.report_page import write_page

        write_page(html, figures)
