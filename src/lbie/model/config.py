"""What an `EditingModel` is made of, as one dataclass: the source of `config.json` and of recipes."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, config=_STRICT)
class ImageEncoderConfig:
    """The CNN that turns an image into regions and skips."""

    kind: Literal["plain", "pooled", "efficientnet_lite0", "pieces"] = "plain"
    """`plain`: 3x3 convolutions with strides; `pooled`: 3x3 convolutions with max-pooling after every two (published
    for CoSaL); `efficientnet_lite0`: a mobile backbone that can start from ImageNet weights; `pieces`: each area of a
    drawing is a region, whatever its size, and there are no pixels: a `pointer` tells each its colour."""
    channels: tuple[int, ...] = (16, 32, 64)
    """Channels of the plain and the pooled encoder, one entry for each halving of the resolution."""
    skips: bool = True
    """Give the decoder the features of the finer resolutions too."""
    region_stride: Literal[8, 16] = 8
    """Pixels of the input that a region of the mobile backbone stands for, along one side."""


@dataclass(frozen=True, config=_STRICT)
class ModelConfig:
    """Sizes and choices of an `EditingModel`."""

    task: str = "colorize"
    """Which task reads the output: it decides the meaning of the output channels."""
    in_channels: int = 1
    """Channels of the input image (1: lightness)."""
    out_channels: int = 2
    """Channels of the output (2: the ab plane of Lab)."""
    image_encoder: ImageEncoderConfig = field(default_factory=ImageEncoderConfig)
    """The image encoder."""
    width: int = 128
    """D: length of the vector of a region and of a word."""
    embedding: int = 64
    """Length of a word embedding."""
    word_dropout: float = 0.1
    """Share of words replaced by the unknown word in training."""
    max_words: int = 64
    """Words of a description that are read; a longer one is refused where it is edited by, and cut in training."""
    max_steps: int = 4
    """T: most steps of the fusion; a limit at run time, not a shape."""
    attention: bool = True
    """Regions attend over the words; without it each region gets the sentence's mean vector."""
    by_sentence: bool = False
    """Encode the sentences of a description one by one; regions attend over sentences, and over the words of each."""
    nothing: bool = False
    """A region may attend to none of the sentences, as far as none of them fits: for descriptions that do not speak of
    every region. Needs `by_sentence`."""
    normalise: bool = False
    """Layer norms on regions, words and sentences where the fusion reads them."""
    questions: int = 1
    """Questions that a region asks sentences at once, and addresses by which it is looked up: a sentence may name a
    shape itself or any of its neighbours, and one query cannot hold them all. More than 1 needs `by_sentence`."""
    key_layers: Literal[1, 2] = 1
    """Layers between a sentence and its key, and between what was read and what is looked up."""
    facts: bool = False
    """What is known of a piece, its kind and ranks and those of the pieces that it lies beside, fits sentences and
    lookups directly, past the regions' states, which blur it. Needs the image encoder `pieces` and a lookup."""
    context: int = 0
    """Size of the local window through which a region sees its neighbours' states (0: it does not; odd)."""
    lookup: bool = False
    """At each step a region also asks all regions, by what they show and where, for their states."""
    lookup_delay: float = 0.0
    """In training, share of the steps at which a region shows others its first state instead of its present one, as
    if it knew nothing yet: gates learn to wait for what is looked up, however long it takes."""
    estimator: Literal["gumbel", "marginal", "posterior"] = "gumbel"
    """How the stopping step is trained: the Gumbel trick (published), the marginal likelihood (release), or that with
    gates that learn the posterior of the best step under the step's price."""
    stop_probability: float = 0.4
    """At inference a region stops when the probability of having stopped reaches this (0.5: at the median step)."""
    mirror: bool = True
    """At inference encode the image and its mirror image, and average the features: once an image."""
    gumbel_temperature: float = 1.0
    """Temperature of the Gumbel softmax."""
    decoder_channels: tuple[int, ...] = (64, 32)
    """Channels after each doubling of the resolution in the decoder."""
    matte: bool = False
    """Decode background and matte from the image alone: sentences colour what the matte shows, and nothing else."""
    matte_gain: float = 1.0
    """At inference the matte's logit is multiplied by this: above 1 its edge is sharper than it was trained."""
    matte_bias: float = 0.0
    """At inference this is added to the matte's logit before that: below 0 less is coloured, and less bleeds."""
    palette: bool = False
    """Read from the description alone what colours it tells of petals, heart and tips, and lay them where the image
    alone says that these are; the fused regions add the rest. Needs `matte`."""
    part_gain: float = 1.0
    """At inference the logits of the palette's parts are multiplied by this, as the matte's by its gain."""
    heart_bias: float = 0.0
    """At inference this is added to the logit of hearts that are told: where one ends is uncertain, and a mixture of
    its colour and the petals' is neither."""
    vividness: float = 0.0
    """At inference what the palette's words say grows by this times its own size (1 is 100 of ab): the surer a colour
    is off gray, the further a trained one falls short of it."""
    hints: bool = False
    """Take colour hints: points of the image and the output that each should get."""
    coordinates: bool = False
    """Tell each region where in the image it lies."""
    categories: int = 0
    """Kinds of things, the first of which is none, whose shares in each region are predicted from the image; what is
    predicted is told to the region as a learnt vector a kind, so that words can name it (0: no such thing)."""
    instances: bool = False
    """Tell each region of the thing that it shows: its box, its area, and how many of its kind lie to each side of it,
    are larger or smaller. Needs `categories`."""
    relations: int = 0
    """Layers of self-attention between the regions of an image before any sentence is read."""
    output_bias: float = 0.0
    """At inference this is added to the output: trained where most is not meant, logits of masks are a little low."""
    colours: int = 0
    """Most colours of a description: words that name one stand for its number, and regions point at them instead of
    decoding an image (0: there is a decoder). Of the kind `pieces`."""
    presence: bool = False
    """Say of each description whether what it names is in the image at all."""
    ignore_sentence: bool = False
    """Replace every description by the same empty one: the language-free twin of the ablations."""
    working_size: int = 128
    """Shorter side in pixels at which the model looks at an image."""

    @property
    def stride(self) -> int:
        """Pixels of the input that a region stands for, along one side."""
        encoder = self.image_encoder
        return encoder.region_stride if encoder.kind == "efficientnet_lite0" else 2 ** len(encoder.channels)

    @property
    def size_multiple(self) -> int:
        """Sides of the input are multiples of this; of drawings, which are taken apart, they may be any."""
        return 1 if self.colours else 32 if self.image_encoder.kind == "efficientnet_lite0" else self.stride

    @property
    def output_size(self) -> int:
        """Side in pixels of the output map of a square image at the working size."""
        return self.working_size // self.stride * 2 ** len(self.decoder_channels)

    def __post_init__(self) -> None:
        """Refuse sizes that no sane model has, before any memory is taken."""
        for name, value, most in (
            ("width", self.width, 2048),
            ("embedding", self.embedding, 2048),
            ("max_words", self.max_words, 4096),
            ("max_steps", self.max_steps, 64),
            ("questions", self.questions, 16),
            ("working_size", self.working_size, 1024),
            ("in_channels", self.in_channels, 16),
            ("out_channels", self.out_channels, 1024),
            *(("decoder_channels", c, 2048) for c in self.decoder_channels),
            *(("image_encoder.channels", c, 2048) for c in self.image_encoder.channels),
        ):
            if not 1 <= value <= most:
                raise ValueError(f"{name} must be between 1 and {most}, got {value}")
        for name, stages in (
            ("decoder_channels", self.decoder_channels),
            ("image_encoder.channels", self.image_encoder.channels),
        ):
            if not 1 <= len(stages) <= 8:
                raise ValueError(f"{name} must have 1 to 8 entries, got {len(stages)}")
        for name, value, most in (
            ("categories", self.categories, 1024),
            ("relations", self.relations, 8),
            ("colours", self.colours, 1024),
        ):
            if not 0 <= value <= most:
                raise ValueError(f"{name} must be between 0 and {most}, got {value}")
        for name in ("matte_gain", "matte_bias", "part_gain", "heart_bias", "vividness", "output_bias"):
            if abs(getattr(self, name)) > 100:
                raise ValueError(f"{name} must be between -100 and 100, got {getattr(self, name)}")
        if not 0 <= self.word_dropout <= 1:
            raise ValueError(f"word_dropout must be between 0 and 1, got {self.word_dropout}")
        if not 0 < self.gumbel_temperature <= 100:
            raise ValueError(f"gumbel_temperature must be above 0 and at most 100, got {self.gumbel_temperature}")
        if self.categories == 1:
            raise ValueError("categories must be 0 or at least 2, for the first of them is none, got 1")
        if self.instances and not self.categories:
            raise ValueError("instances are counted by their kinds: they need categories")
        if self.relations and self.width % 4:
            raise ValueError(f"width must be a multiple of 4 with relations (four heads), got {self.width}")
        if self.image_encoder.region_stride != 8 and self.image_encoder.kind != "efficientnet_lite0":
            raise ValueError("region_stride is of the kind efficientnet_lite0; the others' follows from their channels")
        if self.image_encoder.kind == "pieces" and self.matte:
            raise ValueError("a matte is laid over photos; pieces have none")
        if (self.image_encoder.kind == "pieces") != (self.colours > 0):
            raise ValueError(f"pieces are told their colours by a pointer, others are not: got colours {self.colours}")
        if (self.questions > 1 or self.nothing) and not (self.by_sentence and self.attention):
            raise ValueError("more than one question, and attention to nothing, need by_sentence and attention")
        if self.facts and not (self.image_encoder.kind == "pieces" and self.lookup and self.by_sentence):
            raise ValueError("facts are known of pieces, and fit sentences and lookups: needs both, and by_sentence")
        if self.palette and not self.matte:
            raise ValueError("a palette is laid on what the matte shows: it needs matte")
        if self.context != 0 and not (self.context % 2 and 1 <= self.context <= 15):
            raise ValueError(f"context must be 0 or odd and at most 15, got {self.context}")
        if not 0 <= self.lookup_delay < 1:
            raise ValueError(f"lookup_delay must be at least 0 and below 1, got {self.lookup_delay}")
        if not 0 < self.stop_probability < 1:
            raise ValueError(f"stop_probability must lie between 0 and 1, got {self.stop_probability}")
        if self.width % 2:
            raise ValueError(f"width must be even (two LSTM directions), got {self.width}")
