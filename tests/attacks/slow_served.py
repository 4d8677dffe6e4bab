"""`lbie serve` without models, where an edit takes as many seconds as its `model` says, and is refused then.

python slow_served.py WORKERS TIME_LIMIT DRAIN
"""

from __future__ import annotations

import sys
import time

from lbie.errors import SentenceError
from lbie.server import run
from lbie.server.models import Models
from lbie.server.settings import Settings
from lbie.study.server import listen


class Slow(Models):
    def __init__(self) -> None:
        self._loaded = {}

    def choose(self, name, picture, sentence):
        time.sleep(float(name))
        raise SentenceError(f"this took {name} s")


def main() -> None:
    workers, limit, drain, last = sys.argv[1:]
    run._LAST = float(last)
    settings = Settings(device="cpu", workers=int(workers), queue=2, time_limit=float(limit), drain=int(drain))
    with listen("127.0.0.1", 0) as listening:
        server = run.make_server(settings, Slow())
        print(f"serving at http://127.0.0.1:{listening.getsockname()[1]}/", file=sys.stderr, flush=True)
        try:
            run.serve_until_told(server, listening)
        except KeyboardInterrupt:
            sys.exit(130)


main()
