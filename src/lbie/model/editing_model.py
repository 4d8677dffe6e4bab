"""The model: four parts, one config, safetensors on disk."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

import torch
from huggingface_hub import PyTorchModelHubMixin
from safetensors.torch import save
from torch import Tensor, nn

from lbie.errors import InputError
from lbie.language.vocabulary import UNKNOWN_ID, Vocabulary
from lbie.model.backdrop import Backdrop
from lbie.model.config import ModelConfig
from lbie.model.decoder import Decoder
from lbie.model.folder import CONFIG, VOCABULARY, WEIGHTS, read_config
from lbie.model.fusion import RecurrentAttentiveFusion
from lbie.model.fusion_trace import FusionStart, FusionTrace
from lbie.model.hint_encoder import HintEncoder
from lbie.model.image_encoder import ImageEncoder
from lbie.model.image_features import ImageFeatures
from lbie.model.language_encoder import Language, LanguageEncoder
from lbie.model.palette import Palette, Told
from lbie.model.piece_batch import PieceBatch
from lbie.model.piece_encoder import PieceEncoder
from lbie.model.pointer import Pointer
from lbie.model.presence import Presence
from lbie.model.surroundings import Surroundings
from lbie.model.weights_file import build, read_weights, take_weights
from lbie.model.wrap import MARGIN, REGIONS, unwrapped, wrapped
from lbie.registry import check_shipped, fetch_model


@dataclass
class EditOutput:
    """What the network says."""

    output: Tensor
    """(B, C, h, w): ab / 100 or logits, by the task."""
    trace: FusionTrace
    """What the fusion did."""
    readout: Tensor | None = None
    """(B, T, C, H, W): the output that each region's state after each step stands for, one value a region; in
    training only, and not with the Gumbel estimator."""
    behind: Tensor | None = None
    """(B, C + 1, h, w) or more: background, parts and matte, see `Backdrop`; None without a matte."""
    matte: Tensor | None = None
    """(B, 1, h, w) in [0, 1]: the matte with which the output was blended."""
    told: Told | None = None
    """What the description tells of each part; None without a palette."""
    parts: Tensor | None = None
    """(B, PARTS, h, w): logits of where the parts are."""
    painted: Tensor | None = None
    """(B, C, h, w): that laid where the parts are."""
    presence: Tensor | None = None
    """(B,): logit that what the description names is in the image; None where the model does not say."""
    categories: Tensor | None = None
    """(images, K, H, W): logits of the kinds of things in each region of the images, one row an image however many
    descriptions it has; None where the model has none."""
    boxes: Tensor | None = None
    """(images, 5, H, W): the box and area of the thing in each region, see `BOX_VALUES`; None likewise."""


def _average(maps: Tensor) -> Tensor:
    """Maps of images and of their mirror images, (2 B, C, H, W), to (B, C, H, W)."""
    plain, mirrored = maps.chunk(2)
    return (plain + mirrored.flip(3)) / 2


def _decoded(decoder: Decoder | Backdrop, regions: Tensor, skips: list[Tensor], wraps: bool) -> Tensor:
    """What a decoder makes of regions and projected skips; of those of a panorama, without a seam."""
    if not wraps:
        return decoder(regions, skips)
    width = regions.shape[-1]
    out = decoder(wrapped(regions, REGIONS), [wrapped(x, REGIONS * x.shape[-1] // width) for x in skips])
    return unwrapped(out, REGIONS * out.shape[-1] // (width + 2 * REGIONS))


class EditingModel(nn.Module, PyTorchModelHubMixin, library_name="lbie", tags=["image-editing"]):
    """Image and description in, output map of the task out."""

    image_encoder: ImageEncoder
    decoder: Decoder

    def __init__(self, config: ModelConfig, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.config, self.vocabulary = config, vocabulary
        self.pieces = config.image_encoder.kind == "pieces"
        self.image_encoder = PieceEncoder(config) if self.pieces else ImageEncoder(config)  # type: ignore[assignment]
        self.language_encoder = LanguageEncoder(config, len(vocabulary))
        self.fusion = RecurrentAttentiveFusion(config)
        self.pointer = Pointer(config) if self.pieces else None
        if self.pointer is None:
            self.decoder = Decoder(config, self.image_encoder.skip_channels)
        self.backdrop = Backdrop(config, self.image_encoder.skip_channels) if config.matte else None
        self.palette = Palette(config) if config.palette else None
        self.hint_encoder = HintEncoder(config) if config.hints else None
        self.surroundings = (
            Surroundings(config)
            if (config.coordinates or config.categories or config.relations) and not self.pieces
            else None
        )
        self.presence = Presence(config.width) if config.presence else None
        if config.estimator != "gumbel" and not self.pieces:
            self.readout = nn.Linear(config.width, config.out_channels)
            """What a region's state stands for, so that each step's likelihood is known without decoding it."""
        self.domain = nn.Linear(self.image_encoder.pooled_channels, 1)
        """Logit that the image is of the kind that the model was made for; fitted apart, after the rest."""
        nn.init.zeros_(self.domain.weight)
        nn.init.constant_(self.domain.bias, 4.0)

    def encode_image(
        self, image: Tensor | PieceBatch, hints: Tensor | None = None, *, wraps: bool = False
    ) -> ImageFeatures:
        """Encode images.

        Args:
            image: (B, in_channels, H, W) in [-1, 1], sides multiples of `image_encoder.size_multiple`; of the kind
                `pieces`, those of B drawings.
            hints: as `add_hints`, or None.
            wraps: the images are panoramas: what is convolved sees the right side beyond the left one, and the left
                one beyond the right one. Where a region lies is counted from the left side all the same.
        """
        if isinstance(image, PieceBatch):
            regions, categories, facts = self.image_encoder(image)
            pooled = regions.flatten(2).sum(2) / image.there.sum(1, keepdim=True).clamp(min=1)
            start = self.fusion.begin(regions, image.there, facts)
            return ImageFeatures(start, [], pooled, regions, [], categories=categories)
        if wraps:
            image = wrapped(image, MARGIN)
        if self.config.mirror and not self.training:
            maps = self.image_encoder(torch.cat([image, image.flip(3)]))
            regions, skips, pooled = (
                _average(maps[0]),
                [_average(s) for s in maps[1]],
                maps[2].unflatten(0, (2, -1)).mean(0),
            )
        else:
            regions, skips, pooled = self.image_encoder(image)
        if wraps:
            wide = image.shape[-1]
            regions, *skips = (unwrapped(x, MARGIN * x.shape[-1] // wide) for x in (regions, *skips))
        backdrop_skips = self.backdrop.project_skips(skips) if self.backdrop else []
        start, behind, categories, boxes = self.read_regions(regions, backdrop_skips, hints, wraps)
        skips = self.decoder.project_skips(skips)
        return ImageFeatures(start, skips, pooled, regions, backdrop_skips, behind, categories, boxes, wraps)

    def add_hints(self, features: ImageFeatures, hints: Tensor) -> ImageFeatures:
        """Encoded images as they are with hints (B, C + 1, H, W), which `HintEncoder` describes.

        Raises:
            InputError: this model takes no hints.
        """
        start, behind, categories, boxes = self.read_regions(
            features.regions, features.backdrop_skips, hints, features.wraps
        )
        return replace(features, start=start, behind=behind, categories=categories, boxes=boxes)

    def read_regions(
        self, regions: Tensor, backdrop_skips: list[Tensor], hints: Tensor | None, wraps: bool
    ) -> tuple[FusionStart, Tensor | None, Tensor | None, Tensor | None]:
        """What is made of the regions before any sentence: the fusion's start, what is behind, things' kinds, boxes."""
        if hints is not None:
            if self.hint_encoder is None:
                raise InputError("this model takes no colour hints")
            regions = self.hint_encoder(regions, hints)
        regions, categories, boxes = self.surroundings(regions) if self.surroundings else (regions, None, None)
        behind = _decoded(self.backdrop, regions, backdrop_skips, wraps) if self.backdrop else None
        return self.fusion.begin(regions), behind, categories, boxes

    def encode_sentence(self, ids: Tensor) -> Language:
        """Encode word ids (B, N), or (B, S, L) where the model reads sentence by sentence."""
        if self.config.ignore_sentence:
            first = ids[:, :1] if ids.ndim == 2 else ids[:, :1, :1]
            ids = torch.full_like(first, UNKNOWN_ID)
        return self.language_encoder(ids)

    def fuse_and_decode(
        self,
        features: ImageFeatures,
        language: Language,
        *,
        max_steps: int | None = None,
        force_steps: int | None = None,
        with_attention: bool = False,
        uniform_stops: bool = False,
    ) -> EditOutput:
        """Everything after the encoders; arguments as `RecurrentAttentiveFusion.forward`."""
        trace = self.fusion(
            features.start,
            language,
            max_steps or self.config.max_steps,
            force_steps=force_steps,
            with_attention=with_attention,
            uniform_stops=uniform_stops,
        )
        return self.decode(trace, language, features)

    def decode(self, trace: FusionTrace, language: Language, features: ImageFeatures) -> EditOutput:
        """Everything after the fusion; of one image, features may have one row for all B descriptions."""
        if self.pointer is not None:
            return self._point(self.pointer, trace, language, features)
        output = _decoded(self.decoder, trace.state, features.skips, features.wraps)
        out = EditOutput(output, trace, categories=features.categories, boxes=features.boxes)
        if self.config.output_bias and not self.training:
            out.output = out.output + self.config.output_bias
        if self.presence is not None:
            out.presence = self.presence(trace.state, language)
        if self.backdrop is not None and features.behind is not None:
            out.behind = features.behind
            if self.palette is not None:
                out.told, out.parts = self.palette(language), out.behind[:, self.config.out_channels : -1]
                out.painted = self.palette.paint(out.told, out.parts)
                out.output = out.output + out.painted
            out.output, out.matte = self.backdrop.blend(out.output, features.behind)
        if trace.states is not None and self.config.estimator != "gumbel":
            readout = self.readout(trace.states)  # (B, T, H * W, C)
            out.readout = readout.transpose(2, 3).unflatten(3, trace.stop_step.shape[1:])
        return out

    @staticmethod
    def _point(pointer: Pointer, trace: FusionTrace, language: Language, features: ImageFeatures) -> EditOutput:
        """The colour of each of K pieces, (B, colours + 1, 1, K), in training after each step too."""
        output = pointer(trace.state.flatten(2).transpose(1, 2), language).transpose(1, 2)[:, :, None]
        out = EditOutput(output, trace, categories=features.categories)
        if trace.states is not None:
            steps = trace.states.shape[1]
            each = pointer(trace.states.flatten(1, 2), language)  # (B, T * K, colours + 1)
            out.readout = each.unflatten(1, (steps, -1)).transpose(2, 3)[:, :, :, None]
        return out

    def forward(
        self,
        image: Tensor | PieceBatch,
        ids: Tensor,
        hints: Tensor | None = None,
        image_of: Tensor | None = None,
        **options: int | bool | None,
    ) -> EditOutput:
        """Edit a batch: image and hints as `encode_image`, ids as `encode_sentence`.

        Each image has one description, unless `image_of` (P,) int64 says which image each of P descriptions is of: the
        images are then encoded once, and the output has P rows.

        `options` are those of `fuse_and_decode`. Batched equals single, and in evaluation mode a region that
        stopped costs nothing more and keeps its state.
        """
        features = self.encode_image(image, hints)
        wanted = features if image_of is None else features.select(image_of)
        out = self.fuse_and_decode(wanted, self.encode_sentence(ids), **options)  # type: ignore[arg-type]
        out.categories, out.boxes = features.categories, features.boxes
        return out

    def _save_pretrained(self, save_directory: Path) -> None:
        """Write `model.safetensors` (half precision), `config.json` and `vocabulary.json`."""
        tensors = {k: v.half().contiguous() if v.is_floating_point() else v for k, v in self.state_dict().items()}
        (save_directory / WEIGHTS).write_bytes(save(tensors, metadata={"format": "pt"}))
        (save_directory / CONFIG).write_text(json.dumps(asdict(self.config), indent=1) + "\n", "utf-8")
        self.vocabulary.save(save_directory / VOCABULARY)

    @classmethod
    def _from_pretrained(cls, *, model_id: str, map_location: str = "cpu", **options: Any) -> Self:
        folder = Path(model_id)
        if not folder.is_dir():
            keys = ("revision", "cache_dir", "force_download", "local_files_only", "token")
            folder = fetch_model(model_id, **{k: options[k] for k in keys if k in options})
        return cls.load_folder(folder).to(map_location)

    @classmethod
    def load_folder(cls, folder: Path) -> Self:
        """Load a model folder; the model is in evaluation mode, in single precision.

        Raises:
            InputError: a file is missing, truncated, a pickle, does not fit the configuration, or is of a bundled model
                and not as it was published.
        """
        check_shipped(folder)
        config, vocabulary = read_config(folder), Vocabulary.load(folder / VOCABULARY)
        path = folder / WEIGHTS
        tensors = read_weights(path)
        model = build(lambda: cls(config, vocabulary), tensors)
        take_weights(model, tensors, f"'{path}'")
        return model.eval()
