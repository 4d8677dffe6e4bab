"""The parts of a model between which its loop runs: modules of named tensors, of which graphs are made."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim

from lbie.export.lstm import encode_words
from lbie.model.editing_model import EditingModel
from lbie.model.fusion_trace import FusionSaid, FusionStart, FusionTrace
from lbie.model.image_features import ImageFeatures
from lbie.model.language_encoder import Language
from lbie.model.piece_batch import CROP, CROP_CHANNELS, PLACES
from lbie.model.piece_encoder import PieceEncoder
from lbie.model.rows import gather

Tensors = dict[str, Tensor]
_ROWS, _REGIONS, _SOME, _SENTENCES, _LENGTH = 2, (4, 6), 5, 2, 3
"""Sizes of the examples with which parts are traced: no two that may differ are the same."""


@dataclass(frozen=True)
class Example:
    """What a part is traced with."""

    inputs: Tensors
    dynamic: dict[str, tuple[int, ...]]
    """The dimensions of each that may have any size."""

    @property
    def shapes(self) -> dict[str, Any]:
        """As `torch.export` wants them."""
        return {name: dict.fromkeys(self.dynamic.get(name, ()), Dim.DYNAMIC) for name in self.inputs}


class Part(nn.Module, ABC):
    """Of a model in evaluation mode; of panoramas, whose sides touch, where it wraps."""

    def __init__(self, model: EditingModel, wraps: bool = False) -> None:
        super().__init__()
        self.model, self.wraps = model, wraps

    @abstractmethod
    def example(self) -> Example:
        """Inputs to trace it with."""

    @abstractmethod
    def forward(self, inputs: Tensors) -> Tensors:
        """Named tensors to named tensors."""


class ImagePart(Part):
    """An image (1, C, H, W), or the crops and places of a drawing's pieces, to all that no sentence changes."""

    def example(self) -> Example:
        """See `Part`."""
        config = self.model.config
        if self.model.pieces:
            crops, places = torch.rand(1, _SOME, CROP_CHANNELS, CROP, CROP), torch.rand(1, _SOME, PLACES) + 0.1
            return Example({"crops": crops, "places": places}, {"crops": (1,), "places": (1,)})
        height, width = (config.size_multiple * side for side in (2, 3))
        return Example({"image": torch.rand(1, config.in_channels, height, width)}, {"image": (2, 3)})

    def forward(self, inputs: Tensors) -> Tensors:
        """See `Part`."""
        model = self.model
        features = self._pieces(**inputs) if model.pieces else model.encode_image(inputs["image"], wraps=self.wraps)
        out = start_of(model, features) | {"domain": model.domain(features.pooled).sigmoid()}
        out |= {f"skip{i}": skip for i, skip in enumerate(features.skips)}
        if model.hint_encoder is not None:
            out |= {"regions": features.regions}
            out |= {f"backdrop{i}": skip for i, skip in enumerate(features.backdrop_skips)}
        return out

    def _pieces(self, crops: Tensor, places: Tensor) -> ImageFeatures:
        """As `EditingModel.encode_image`, of a drawing all of whose pieces are there."""
        encoder = self.model.image_encoder
        assert isinstance(encoder, PieceEncoder)
        there = torch.ones_like(places[..., 0], dtype=torch.bool)
        seen, kinds, forms = encoder.look_at(crops[0], places[0])
        regions, categories, facts = encoder.relate(seen[None], kinds[None], forms[None], places, there)
        start = self.model.fusion.begin(regions, facts=facts)
        return ImageFeatures(start, [], regions.flatten(2).mean(2), regions, [], categories=categories)


class HintsPart(Part):
    """An encoded image and hints (1, C + 1, H, W) to what hints change of it."""

    def example(self) -> Example:
        """See `Part`."""
        config = self.model.config
        height, width = _REGIONS
        hints = torch.zeros(1, config.out_channels + 1, height, width)
        hints[0, -1, 1, 1] = 1
        inputs = {"regions": torch.rand(1, config.width, height, width), "hints": hints}
        if self.model.backdrop is not None:
            inputs |= skip_examples(self.model, self.model.backdrop.decoder.skip, "backdrop")
        return Example(inputs, dict.fromkeys(inputs, (2, 3)))

    def forward(self, inputs: Tensors) -> Tensors:
        """See `Part`."""
        skips = list_of(inputs, "backdrop")
        regions, hints = inputs["regions"], inputs["hints"]
        start, behind, kinds, boxes = self.model.read_regions(regions, skips, hints, False)
        return start_of(self.model, ImageFeatures(start, [], hints, regions, skips, behind, kinds, boxes))


class LanguagePart(Part):
    """Word ids (R, N) of sentences to their words and to what the fusion reads of them."""

    def example(self) -> Example:
        """See `Part`."""
        return Example({"ids": torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0], [1, 1, 1, 0]])}, {"ids": (0, 1)})

    def forward(self, inputs: Tensors) -> Tensors:
        """See `Part`."""
        words, ends = encode_words(self.model.language_encoder, inputs["ids"])
        sentences = ends if self.model.config.by_sentence else None
        said = self.model.fusion.say(words, sentences, early=not self.model.fusion.lookup)
        return {"words": words} | {name: value for name, value in vars(said).items() if value is not None}


class AskPart(Part):
    """The states (B, R, D) of all regions to what chosen ones (B, K) ask at their next step."""

    def example(self) -> Example:
        """See `Part`."""
        rows = _REGIONS[0] * _REGIONS[1]
        inputs = {"state": torch.rand(_ROWS, rows, self.model.config.width), "chosen": _chosen(rows)}
        dynamic: dict[str, tuple[int, ...]] = {"state": (0, 1), "chosen": (0, 1)}
        if size := self.model.config.context:
            inputs["around"], dynamic["around"] = torch.randint(rows + 1, (rows, size**2)), (0,)
        return Example(inputs, dynamic)

    def forward(self, inputs: Tensors) -> Tensors:
        """See `Part`."""
        fusion, state, chosen = self.model.fusion, inputs["state"], inputs["chosen"]
        own = gather(state, chosen)
        seen = fusion.see(state, inputs.get("around"), chosen)
        return {"own": own, "query": fusion.query_of(seen), "hidden": fusion.hidden_of(own)}


class StepPart(Part):
    """One step of chosen regions (B, K): what they ask and what they read to their new states and their gates."""

    def example(self) -> Example:
        """See `Part`."""
        config, fusion = self.model.config, self.model.fusion
        width, rows = config.width, _REGIONS[0] * _REGIONS[1]
        words = _SENTENCES * _LENGTH if config.by_sentence else _LENGTH
        asked = (config.questions + fusion.lookup) * width
        inputs = {
            "own": torch.rand(_ROWS, _SOME, width),
            "query": torch.rand(_ROWS, _SOME, asked),
            "hidden": torch.rand(_ROWS, _SOME, 3 * width),
            "mask": torch.ones(_ROWS, words, dtype=torch.bool),
            "key": torch.rand(_ROWS, words, width),
            "value": torch.rand(_ROWS, words, width * (1 if fusion.lookup else 3)),
        }
        dynamic: dict[str, tuple[int, ...]] = dict.fromkeys(inputs, (0, 1))
        if config.by_sentence and config.attention:
            inputs["sentence_key"] = torch.rand(_ROWS, _SENTENCES, width)
            inputs["sentence_mask"] = torch.ones(_ROWS, _SENTENCES, dtype=torch.bool)
            dynamic |= {"sentence_key": (0, 1), "sentence_mask": (0, 1)}
        if config.facts:
            inputs["sentence_facts"] = torch.rand(_ROWS, _SOME, _SENTENCES)
            inputs["lookup_facts"] = torch.rand(_ROWS, rows, _SENTENCES)
            dynamic |= dict.fromkeys(("sentence_facts", "lookup_facts"), (0, 1, 2))
        if config.colours and fusion.lookup and "sentence_key" in inputs:
            inputs["refers"] = torch.rand(_ROWS, _SENTENCES)
            inputs["running"] = torch.ones(_ROWS, rows, dtype=torch.bool)
            dynamic |= dict.fromkeys(("refers", "running"), (0, 1))
        if fusion.lookup:
            inputs["address"] = torch.rand(1, rows * config.questions, width)
            inputs["states"] = torch.rand(_ROWS, rows, width)
            dynamic |= {"address": (1,), "states": (0, 1)}
        return Example(inputs, dynamic)

    def forward(self, inputs: Tensors) -> Tensors:
        """See `Part`."""
        fusion = self.model.fusion
        said = FusionSaid(inputs["key"], inputs["value"], inputs.get("sentence_key"))
        read = fusion.read(said, not fusion.lookup, inputs["mask"], inputs.get("sentence_mask"))
        read.address, read.states = inputs.get("address"), inputs.get("states")
        read.sentence_facts, read.lookup_facts = inputs.get("sentence_facts"), inputs.get("lookup_facts")
        step = fusion.step(inputs["own"], inputs["query"], inputs["hidden"], read)
        out = {"state": step.state, "going": torch.sigmoid(-step.gate), "attention": step.weights}
        if "refers" in inputs:
            out["waits"] = step.waits(inputs["running"], inputs["refers"])
        return out


class DecoderPart(Part):
    """Fused regions (B, D, H, W) of one image, and what B descriptions say, to the output."""

    def example(self) -> Example:
        """See `Part`."""
        config = self.model.config
        height, width = (1, _SOME) if self.model.pieces else _REGIONS
        inputs = {"state": torch.rand(_ROWS, config.width, height, width)}
        dynamic: dict[str, tuple[int, ...]] = {"state": (0, 3) if self.model.pieces else (0, 2, 3)}
        if self.model.pointer is None:
            skips = skip_examples(self.model, self.model.decoder.skip, "skip")
            inputs, dynamic = inputs | skips, dynamic | dict.fromkeys(skips, (2, 3))
        if self.model.backdrop is not None:
            larger = 2 ** len(config.decoder_channels)
            channels = self.model.backdrop.decoder.out.out_channels
            inputs["behind"] = torch.rand(1, channels, larger * height, larger * width)
            dynamic["behind"] = (2, 3)
        if self.model.pointer is not None or self.model.palette is not None or self.model.presence is not None:
            inputs["words"] = torch.rand(_ROWS, _LENGTH, config.width)
            inputs["mask"] = torch.ones(_ROWS, _LENGTH, dtype=torch.bool)
            dynamic |= {"words": (0, 1), "mask": (0, 1)}
        if self.model.pointer is not None:
            inputs["colour"] = torch.zeros(_ROWS, _LENGTH, dtype=torch.int64)
            dynamic["colour"] = (0, 1)
        return Example(inputs, dynamic)

    def forward(self, inputs: Tensors) -> Tensors:
        """See `Part`."""
        state = inputs["state"]
        nothing = state.new_zeros(())
        language = Language(inputs.get("words", nothing), inputs.get("mask", nothing), colour=inputs.get("colour"))
        start = FusionStart(nothing, nothing, nothing, (0, 0), None, None)
        skips = list_of(inputs, "skip")
        features = ImageFeatures(start, skips, nothing, nothing, [], inputs.get("behind"), wraps=self.wraps)
        made = self.model.decode(FusionTrace(state, nothing), language, features)
        out = {"output": made.output}
        if made.matte is not None:
            out["matte"] = made.matte.squeeze(1)
        if made.presence is not None:
            out["presence"] = made.presence.sigmoid()
        return out


def parts_of(model: EditingModel) -> dict[str, Part]:
    """The parts of a model, by the names of their graphs."""
    parts: dict[str, Part] = {"image": ImagePart(model), "language": LanguagePart(model), "ask": AskPart(model)}
    parts |= {"step": StepPart(model), "decoder": DecoderPart(model)}
    if model.hint_encoder is not None:
        parts["hints"] = HintsPart(model)
    if model.config.task in ("colorize", "segment"):  # of photos
        parts |= {"panorama": ImagePart(model, wraps=True), "panorama_decoder": DecoderPart(model, wraps=True)}
    return parts


def start_of(model: EditingModel, features: ImageFeatures) -> Tensors:
    """What is known of an image before any sentence."""
    start = features.start
    out = {"state": start.state, "query": start.query, "hidden": start.hidden}
    if start.address is not None:
        out["address"] = start.address
    if start.facts is not None:
        out["facts"] = start.facts
    if start.around is not None:
        out["around"] = start.around
    if features.behind is not None:
        out["behind"] = features.behind
    if features.categories is not None:
        out["kinds"] = features.categories.softmax(1)
    return out


def list_of(inputs: Tensors, name: str) -> list[Tensor]:
    """The tensors `name0`, `name1`, ..."""
    return [inputs[f"{name}{i}"] for i in range(len(inputs)) if f"{name}{i}" in inputs]


def skip_examples(model: EditingModel, projections: nn.ModuleList, name: str) -> Tensors:
    """Projected skips, coarsest first."""
    height, width = _REGIONS
    channels = [layer.out_channels for layer in projections if isinstance(layer, nn.Conv2d)]
    return {f"{name}{i}": torch.rand(1, c, height * 2 ** (i + 1), width * 2 ** (i + 1)) for i, c in enumerate(channels)}


def _chosen(rows: int) -> Tensor:
    return torch.arange(_ROWS * _SOME).view(_ROWS, _SOME) % rows
