"""The verb `lbie export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lbie.cli_common import busy, need_extra, say
from lbie.completion import complete_model


def export(
    model: Annotated[
        str,
        typer.Argument(help="Bundled name, model folder, or owner/name on the hub.", autocompletion=complete_model),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FOLDER", help="Model folder to write, for --model; may be the model's own."
        ),
    ],
) -> None:
    """Write a model as ONNX graphs beside its weights: it then runs without torch (--runtime onnx)."""
    need_extra("train", "torch")
    need_extra("train", "onnxscript")
    from lbie.export.write import export_folder
    from lbie.registry import resolve_model

    source = resolve_model(model)
    with busy(f"exporting the model '{model}'"):
        written = export_folder(source, output)
    size = sum(path.stat().st_size for path in written) / 1e3
    graphs = f"{len(written) - 1} graphs of {size:,.0f} kB"
    say(f"wrote the model '{model}' with {graphs} to '{output}': use it with --model {output}")
