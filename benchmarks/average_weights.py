"""Average the weights of models that were trained from one another: often better on photos never seen than any of them.

python benchmarks/average_weights.py runs/photos-fine/best runs/photos-boxes/best -o runs/photos-mean

The configuration and vocabulary are the last one's; parts that only some have are averaged over these. After Wortsman
et al., "Model soups", ICML 2022.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from lbie.model.editing_model import CONFIG, VOCABULARY, WEIGHTS, EditingModel


def average(folders: list[Path], output: Path) -> None:
    """Write the mean of model folders as another one.

    Raises:
        ValueError: weights of one name have several shapes.
    """
    models = [load_file(folder / WEIGHTS) for folder in folders]
    made = {}
    for name, last in models[-1].items():
        several = [model[name] for model in models if name in model]
        if any(value.shape != last.shape for value in several):
            raise ValueError(f"'{name}' has several shapes: these models do not come from one another")
        if last.is_floating_point():
            made[name] = torch.stack([value.float() for value in several]).mean(0).to(last.dtype)
        else:
            made[name] = last
    output.mkdir(parents=True, exist_ok=True)
    for name in (CONFIG, VOCABULARY):
        shutil.copy(folders[-1] / name, output / name)
    save_file(made, output / WEIGHTS, metadata={"format": "pt"})
    EditingModel.load_folder(output)


def main() -> None:
    """Average and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("-o", type=Path, required=True)
    options = parser.parse_args()
    average(options.folders, options.o)
    print(f"wrote the mean of {len(options.folders)} models into {options.o}")


if __name__ == "__main__":
    main()
