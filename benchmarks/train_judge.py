"""Train the judge of `lbie evaluate flowers --judge` on the true train photos; about ten minutes on one core.

nohup python benchmarks/train_judge.py [-o out/judge] [--epochs 40] > out/judge.log 2>&1 &
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from lbie.data.flowers import load_arrays
from lbie.data.storage import data_root
from lbie.evaluation.colorizer import SIZE
from lbie.evaluation.judge import Judge, r_precision
from lbie.evaluation.judge_training import train_judge


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("out/judge"))
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()
    data = data_root(options.data) / "flowers"
    train_judge(data, options.output, epochs=options.epochs, seed=options.seed, limit=options.limit)
    judge, val = Judge.load(options.output), load_arrays(data, "val", SIZE)
    gray = np.stack([np.array(Image.fromarray(rgb).convert("L").convert("RGB")) for rgb in val.rgb])
    for name, pictures in (("true photos", val.rgb), ("gray photos", gray)):
        hits = r_precision(judge, pictures, [r.captions for r in val.records], options.seed)
        print(f"val, {name}: R-precision {hits.mean():.4f} over {len(hits)} photos (chance .125)")


if __name__ == "__main__":
    main()
