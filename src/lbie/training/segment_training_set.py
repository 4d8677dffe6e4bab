"""Photos with masks and phrases of what is in them as a training set."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
from torch import Tensor

from lbie.data.json_file import read_json
from lbie.data.listing import numbered_lines
from lbie.data.scene import Phrase, Scene
from lbie.language.vocabulary import Vocabulary, tokenize
from lbie.model.editing_model import EditingModel, EditOutput
from lbie.tasks.segment import LossWeights, SegmentBatch, segment_loss
from lbie.training.recipe import Recipe
from lbie.training.segment_batches import FewScenes, Scenes, SegmentBatches, Speak
from lbie.training.segment_validation import SegmentValidation
from lbie.training.start import starting_vocabulary
from lbie.training.word_vectors import start_embedding

_VAL_PHRASES = 6
"""Phrases of each validation photo."""
_SAID_OF_PEOPLE = 0.35
"""Share of the phrases with a person in which it is called otherwise."""


class SegmentTrainingSet:
    """See `TrainingSet`."""

    curves = (("loss", "task"), ("val_oiou", "val_miou", "val_person"), ("val_right", "val_presence"), ("val_steps",))

    def __init__(
        self,
        recipe: Recipe,
        scenes: Scenes,
        speak: Speak,
        kinds: Sequence[str],
        texts: Iterable[str],
        val: Sequence[tuple[Scene, Sequence[Phrase]]],
    ) -> None:
        """Take what the run is made of.

        Args:
            recipe: the recipe.
            scenes: where training scenes come from.
            speak: makes phrases of them.
            kinds: of things, in the order of their numbers.
            texts: that hold every word to be known.
            val: scenes to validate on, with their phrases.
        """
        options = recipe.segment
        price = recipe.step_price if recipe.model.estimator == "posterior" else None
        self.weights = LossWeights(
            options.overlap, options.absent, options.category, options.boxes, options.presence, options.stopping, price
        )
        self.recipe = recipe
        self.vocabulary = starting_vocabulary(recipe.start_from, Vocabulary.build(texts, 1))
        self.batches = SegmentBatches(scenes, speak, kinds, self.vocabulary, recipe)
        self.validate = SegmentValidation([scene for scene, _ in val], [phrases for _, phrases in val])

    @classmethod
    def of_photos(cls, recipe: Recipe, root: Path) -> Self:
        """The photos of the data root: trained on those of `coco` and `pennfudan` for training, validated on `coco`.

        With the recipe's `limit`, trained on so many photos as they are.

        Raises:
            InputError: photos or masks are missing.
        """
        from lbie.data.instances import load_coco
        from lbie.data.scene_paste import SceneSource, SourceOptions
        from lbie.language.refer import evaluation_phrases
        from lbie.language.refer.nouns import CATEGORIES

        options = recipe.segment
        size = options.side or recipe.model.working_size
        scenes: Scenes
        if recipe.limit:
            album = load_coco(root, "train")
            scenes = FewScenes([album.scene(i) for i in range(min(recipe.limit, len(album)))], size)
        else:
            scenes = SceneSource(root, size, SourceOptions(pasted=options.pasted, gray=options.gray))
        texts = generator_texts()
        if options.word_vectors != "none":
            texts += human_texts(root, options.human_words)
        val = [(scene, evaluation_phrases(scene, _VAL_PHRASES)) for scene in load_coco(root, "val").scenes()]
        return cls(recipe, scenes, as_people_say, tuple(CATEGORIES), texts, val)

    def prepare(self, model: EditingModel) -> None:
        """Word vectors, where the recipe asks for them."""
        if self.recipe.segment.word_vectors == "minilm":
            start_embedding(model.language_encoder.embedding, self.vocabulary.words)

    def limits(self, step: int) -> None:
        """T is the model's throughout."""

    def loss(self, out: EditOutput, batch: SegmentBatch) -> Tensor:
        """See `segment_loss`."""
        device = out.output.device
        there = SegmentBatch(**{name: value.to(device) for name, value in vars(batch).items()})
        return segment_loss(out, there, self.weights)

    def complete(self, model: EditingModel) -> bool:
        """Nothing is fitted apart."""
        return False


def as_people_say(scene: Scene, rng: np.random.Generator, count: int) -> list[Phrase]:
    """Phrases in which a person is often a "man", a "woman", a "kid": masks do not tell which, people's phrases do."""
    from lbie.language.refer import phrases
    from lbie.language.refer.nouns import SAID_OF_PEOPLE

    def said(phrase: Phrase) -> Phrase:
        words = phrase.text.split()
        if words.count("person") != 1 or rng.random() >= _SAID_OF_PEOPLE:
            return phrase
        words[words.index("person")] = SAID_OF_PEOPLE[int(rng.integers(len(SAID_OF_PEOPLE)))]
        return replace(phrase, text=" ".join(words))

    return [said(phrase) for phrase in phrases(scene, rng, count)]


def generator_texts() -> list[str]:
    """Texts that hold every word that the generator of phrases uses."""
    from lbie.language.refer import templates as said
    from lbie.language.refer.colours import COLOURS
    from lbie.language.refer.nouns import CATEGORIES, GROUPS, SAID_OF_PEOPLE

    words = [text for texts in CATEGORIES.values() for text in texts]
    words += [text for texts, _, _ in GROUPS.values() for text in texts]
    kinds = [kind for kind in said.KINDS if kind != "none"]
    wordings = [t.text for kind in kinds for t in (*said.templates(kind), *said.templates(kind, held_out=True))]
    words += [" ".join(part.split("}")[-1] for part in text.split("{")) for text in wordings]
    words += [word for pair in (*said.ORDINALS, *said.LARGEST, *said.SMALLEST) for word in pair]
    words += [*SAID_OF_PEOPLE, *said.MOST, *said.MOST.values(), *said.UPPER.values(), *COLOURS, "middle an"]
    return words + [text for table in (said.RELATIONS, said.COLOUR_WORDS) for texts in table.values() for text in texts]


def human_texts(root: Path, least: int) -> list[str]:
    """Words that occur at least `least` times in ReferIt's training phrases and RefCOCO's of val, where these are."""
    counts: Counter[str] = Counter()
    referit = root / "referit" / "referit_query_train.json"
    if referit.is_file():
        for phrases in read_json(referit).values():
            counts.update(word for phrase in phrases for word in tokenize(phrase))
    refcoco = root / "photos" / "refcoco" / "val.jsonl"
    if refcoco.is_file():
        for _, line in numbered_lines(refcoco):
            counts.update(tokenize(json.loads(line)["text"]))
    return sorted(word for word, count in counts.items() if count >= least)
