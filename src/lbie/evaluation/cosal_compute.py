"""What fusion costs: region updates, multiply-adds that really run, and time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode
from tqdm import tqdm

from lbie.evaluation.cosal_scores import Exam, Manner
from lbie.model.editing_model import EditingModel, ImageFeatures
from lbie.model.fusion_trace import FusionTrace
from lbie.model.language_encoder import Language
from lbie.tasks.padding import pad_sentences


def _fuse(model: EditingModel, features: ImageFeatures, language: Language, manner: Manner) -> FusionTrace:
    """The fusion alone."""
    with manner.stopping(model):
        most = manner.max_steps or model.config.max_steps
        return model.fusion(features.start, language, most, force_steps=manner.force_steps)


@torch.inference_mode()
def count_compute(model: EditingModel, exam: Exam, manners: Mapping[str, Manner], batch: int) -> dict[str, Any]:
    """Region updates and multiply-adds of the fusion, both a world.

    Multiply-adds are those of matrix products and convolutions that run in the fusion, the preparation of the words
    and work on padding included, as torch counts them. With forced steps they depend on the sizes alone, so each size
    is counted once.

    Args:
        model: in evaluation mode.
        exam: the worlds.
        manners: by name.
        batch: worlds at a time.
    """
    updates, adds = dict.fromkeys(manners, 0), dict.fromkeys(manners, 0)
    known: dict[tuple[str, tuple[int, ...]], tuple[int, int]] = {}
    title = f"multiply-adds, {batch} at a time"
    for start in tqdm(range(0, len(exam), batch), desc=title, disable=None, leave=False):
        part = slice(start, start + batch)
        features = model.encode_image(exam.image(part))
        ids = pad_sentences(exam.ids[part])
        language = model.encode_sentence(ids)
        for name, manner in manners.items():
            key = (name, tuple(ids.shape))
            if key in known:
                found = known[key]
            else:
                with FlopCounterMode(display=False) as counter:
                    executed = _fuse(model, features, language, manner).executed
                found = executed, counter.get_total_flops() // 2
                if manner.force_steps:
                    known[key] = found
            updates[name] += found[0]
            adds[name] += found[1]
    return {
        name: {
            "updates": round(updates[name] / len(exam), 3),
            "multiply_adds": round(adds[name] / len(exam)),
        }
        for name in manners
    }


@torch.inference_mode()
def clock(
    model: EditingModel, exam: Exam, manners: Mapping[str, Manner], batch: int, rounds: int, base: str
) -> dict[str, Any]:
    """Time of the fusion and of a whole edit (encoders, fusion, decoder), the manners in turn on each batch.

    Args:
        model: in evaluation mode.
        exam: the worlds.
        manners: by name.
        batch: worlds at a time.
        rounds: passes over the exam, after one to warm up.
        base: name of the manner that the others are divided by.

    Returns:
        Of each manner milliseconds a world, and the ratio to `base`. Of each batch the median over the rounds counts,
        so that what else the machine does now and then does not.
    """
    names, starts = list(manners), range(0, len(exam), batch)
    fusion, whole = (np.zeros((rounds + 1, len(starts), len(names))) for _ in range(2))
    for turn in tqdm(range(rounds + 1), desc=f"time, {batch} at a time", disable=None, leave=False):
        for number, start in enumerate(starts):
            part = slice(start, start + batch)
            image, ids = exam.image(part), pad_sentences(exam.ids[part])
            for k in range(len(names)):
                i = (k + turn + number) % len(names)
                began = time.perf_counter()
                features, language = model.encode_image(image), model.encode_sentence(ids)
                encoded = time.perf_counter()
                trace = _fuse(model, features, language, manners[names[i]])
                fused = time.perf_counter()
                model.decoder(trace.state, features.skips)
                fusion[turn, number, i] = fused - encoded
                whole[turn, number, i] = time.perf_counter() - began
    found: dict[str, Any] = {name: {} for name in names}
    for key, seconds in (("fusion", fusion), ("edit", whole)):
        typical = np.median(seconds[1:], 0).sum(0)  # (manners,)
        for i, name in enumerate(names):
            found[name][f"{key}_ms"] = round(float(typical[i]) / len(exam) * 1e3, 4)
            found[name][f"{key}_over_{base}"] = round(float(typical[i] / typical[names.index(base)]), 4)
    return found
