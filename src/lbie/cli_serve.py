"""The verb `lbie serve`."""

from __future__ import annotations

from typing import Annotated

import typer

from lbie.cli_common import DeviceOption, RuntimeOption, busy, need_extra, say

_LOCAL = ("127.0.0.1", "localhost", "::1")
_EXTRA = ("fastapi", "uvicorn", "python_multipart", "prometheus_client")


def serve(
    host: Annotated[str, typer.Option(help="Address to listen at; see docs/server.md before you let others in.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8000,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Further name that the server is called by, such as example.org; * for any. Repeatable."),
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    device: DeviceOption = "auto",
    runtime: RuntimeOption = "auto",
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Edits at once [2, or 1 on one processor].")
    ] = None,
    queue: Annotated[int, typer.Option(min=0, max=10_000, help="Requests that wait for a worker.")] = 16,
    time_limit: Annotated[float, typer.Option(min=0.1, max=3600, help="Seconds until a request is given up.")] = 60,
    max_megabytes: Annotated[float, typer.Option(min=0.001, max=256, help="Refuse larger requests.")] = 32,
    max_megapixels: Annotated[float, typer.Option(min=0.001, max=1000, help="Refuse larger images.")] = 52,
    store_megabytes: Annotated[float, typer.Option(min=1, max=1e6, help="Memory for pictures and results.")] = 1024,
    keep_minutes: Annotated[float, typer.Option(min=0.01, max=1e5, help="How long unused pictures are kept.")] = 30,
) -> None:
    """Serve the studio page and the HTTP API; Ctrl-C stops it."""
    for package in _EXTRA:
        need_extra("serve", package)
    from lbie.server.settings import MEBIBYTE, Settings, default_workers
    from lbie.study.server import listen

    settings = Settings(
        hosts=(*(allow_host or ()), f"[{host}]" if ":" in host else host),
        device=device,
        runtime=runtime,
        workers=workers or default_workers(),
        queue=queue,
        time_limit=time_limit,
        max_upload=round(max_megabytes * MEBIBYTE),
        max_pixels=round(max_megapixels * 1e6),
        store_bytes=round(store_megabytes * MEBIBYTE),
        time_to_live=keep_minutes * 60,
    )
    with listen(host, port) as listening:
        from lbie.server.run import make_server, serve_until_told

        with busy("loading the models"):
            server = make_server(settings)
        shown = f"[{host}]" if ":" in host else host
        page = f"http://{shown}:{listening.getsockname()[1]}/"
        say(f"serving at {page} (Ctrl-C stops)")
        if host not in _LOCAL:
            say(f"other machines can reach it; it answers to the names {', '.join(settings.hosts)} and no password")
        serve_until_told(server, listening, page if open_ else None)
