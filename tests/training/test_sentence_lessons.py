from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from lbie.data.cosal.free.programme import Pick
from lbie.language.colour_numbers import sketch_vocabulary
from lbie.model.config import ModelConfig
from lbie.model.editing_model import EditingModel
from lbie.training.sentence_lessons import _PICKS, TAUGHT, SentenceLessons, _sentences
from lbie.training.sketch_batches import CosalColours
from sketchers import SKETCHER

COUNT = 400


def lessons() -> tuple[SentenceLessons, CosalColours, list[str]]:
    texts = [text for text, _ in _sentences(COUNT)]
    words = CosalColours(sketch_vocabulary(texts).words)
    return SentenceLessons.draw(words, 64, COUNT), words, texts


def test_labels_are_what_the_sentences_say() -> None:
    drawn, _, texts = lessons()
    assert len(drawn.ids) == len(texts) == COUNT
    seen = set()
    for text, kinds, choices, again in zip(texts, drawn.kinds, drawn.choices, drawn.again, strict=True):
        low = text.lower()
        pick = int(choices[0, 0])
        seen.add(pick)
        assert pick > 0 and kinds[0].any(), "every sentence has a target"
        if pick == _PICKS.index(Pick.ORDER) + 1:
            ordinal = ("first", "second", "third", "fourth")[choices[0, 2] - 1]
            assert ordinal in low, text
        if choices[0, 3] == 2 and not choices[2, 0]:
            assert any(word in low for word in ("largest", "biggest", "larger", "bigger")), text
        if choices[2, 0]:
            assert choices[2, 0] and kinds[2].any() and any(w in low for w in ("same", "like", "colour", "color")), text
        else:
            assert not kinds[2].any() and not kinds[3].any()
        assert not again or not choices[2, 0]
    assert len(seen) >= 6
    assert drawn.again.any() and not drawn.again.all()


def test_a_model_learns_them() -> None:
    drawn, words, _ = lessons()
    torch.manual_seed(0)
    model = EditingModel(ModelConfig(**SKETCHER | {"width": 64, "embedding": 64}), words)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    rows = np.arange(COUNT)[::20]
    few = replace(
        drawn,
        ids=drawn.ids[::20],
        **{name: getattr(drawn, name)[rows] for name in ("kinds", "choices", "again", "asked")},
    )
    assert few.teach(model, 0, 1) < 0.1
    assert few.teach(model, 0, 400) > 0.5
    for name, value in model.state_dict().items():
        assert torch.isfinite(value).all()
        assert torch.equal(value, before[name]) != name.startswith(TAUGHT) or name.endswith("bias_hh"), name
