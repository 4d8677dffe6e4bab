"""Training by several processes: their gradients are those of one, in double precision."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

RECIPE = {
    "data": "cosal",
    "model": {"task": "shapes", "out_channels": 8, "width": 8, "embedding": 8, "word_dropout": 0.0}
    | {"image_encoder": {"kind": "pooled", "channels": [4, 8, 8], "skips": False}, "decoder_channels": [8, 8, 4]}
    | {"working_size": 48, "by_sentence": True, "max_steps": 3, "estimator": "posterior", "mirror": False},
    "epochs": 1,
    "batch_size": 4,
    "limit": 4,
}


def test_gradients_are_those_of_one_process(tmp_path: Path) -> None:
    (tmp_path / "short.yaml").write_text(json.dumps(RECIPE))
    part = Path(__file__).with_name("gradient_part.py")
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    subprocess.run([*start, str(part), str(tmp_path / "short.yaml"), str(tmp_path / "run")], check=True, timeout=240)
    for rank in (0, 1):
        figures = json.loads((tmp_path / "run" / f"rank{rank}.json").read_text())
        assert figures["largest"] > 0.01 and figures["missing"] == 0
        assert figures["loss"] < 1e-12 and figures["gradients"] < 1e-12 and figures["buffers"] < 1e-12, figures
        assert figures["stop"], "one that is asked to stop stops all"


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_stopped_and_resumed_by_the_command_line(tmp_path: Path) -> None:
    """Two processes that are stopped and go on end with the weights of two that were not; the first alone writes."""
    recipe = RECIPE | {"limit": 16, "epochs": 12}

    def start(runs: str, *more: str) -> subprocess.Popen[str]:
        words = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "lbie"]
        words += ["train", str(tmp_path / "short.yaml"), "--runs", str(tmp_path / runs), *more]
        return subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})

    (tmp_path / "short.yaml").write_text(json.dumps(recipe))
    whole = start("whole")
    told = whole.communicate()[1]
    assert whole.returncode == 0 and told.count("the best weights are in") == 1, told
    run = tmp_path / "stopped" / "short"
    stopped = start("stopped")
    while not (run / "last.ckpt").exists():
        assert stopped.poll() is None
        time.sleep(0.02)
    stopped.send_signal(signal.SIGTERM)
    told = stopped.communicate()[1]
    steps = torch.load(run / "last.ckpt", weights_only=True)["progress"]["step"]
    assert 0 < steps < 48, told
    resumed = start("stopped", "--resume")
    told = resumed.communicate()[1]
    assert resumed.returncode == 0, told
    ends = [torch.load(folder / "last.ckpt", weights_only=True) for folder in (tmp_path / "whole" / "short", run)]
    assert [end["progress"]["step"] for end in ends] == [48, 48]
    for name, value in ends[0]["model"].items():
        assert torch.equal(value, ends[1]["model"][name]), name
