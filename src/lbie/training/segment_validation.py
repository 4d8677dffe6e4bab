"""Validation of a segmenter on photos that it is not trained on: overlap, the right thing, presence, a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torchmetrics.functional.classification import binary_auroc

from lbie.data.scene import Phrase, Scene
from lbie.lettering import wrap
from lbie.model.editing_model import EditingModel
from lbie.tasks.padding import pad_ids
from lbie.tasks.segment import image_input, probability_map, view_size

_SHEET_ROWS, _SHEET_COLUMNS, _CELL, _TEXT = 8, 4, 240, 30


@dataclass(frozen=True)
class Answer:
    """What a model says to one phrase of a scene."""

    scene: Scene
    phrase: Phrase
    probability: np.ndarray
    """(H, W) float32."""
    presence: float
    """Probability that it is there; .5 where the model does not say."""
    steps: float
    """Mean number of steps of its regions."""

    @property
    def mask(self) -> np.ndarray:
        """(H, W) bool."""
        return self.probability > 0.5

    def overlap(self, index: int) -> tuple[int, int]:
        """Intersection and union, in pixels, with a thing of the scene."""
        truth = self.scene.instances[index].mask
        return int((self.mask & truth).sum()), int((self.mask | truth).sum())


@torch.inference_mode()
def answers(model: EditingModel, scene: Scene, phrases: Sequence[Phrase]) -> list[Answer]:
    """What a model in evaluation mode says to phrases of a scene; its photo is encoded once."""
    height, width = scene.image.shape[:2]
    view = view_size(height, width, model.config.working_size, model.image_encoder.size_multiple)
    smaller = view[0] * view[1] < height * width
    small = cv2.resize(scene.image, view[::-1], interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    ids = pad_ids([model.vocabulary.encode(phrase.text, model.config.max_words).ids for phrase in phrases])
    image = torch.from_numpy(image_input(small)[None]).contiguous(memory_format=torch.channels_last)
    out = model(image, ids, image_of=torch.zeros(len(phrases), dtype=torch.int64))
    there = torch.full((len(phrases),), 0.5) if out.presence is None else out.presence.sigmoid()
    steps = out.trace.stop_step.float().mean((1, 2))
    return [
        Answer(scene, phrase, probability_map(logits[0], height, width), float(presence), float(step))
        for phrase, logits, presence, step in zip(phrases, out.output.numpy(), there, steps, strict=True)
    ]


class SegmentValidation:
    """Figures over fixed phrases of fixed scenes."""

    def __init__(self, scenes: Sequence[Scene], phrases: Sequence[Sequence[Phrase]]) -> None:
        self.said = [(scene, list(own)) for scene, own in zip(scenes, phrases, strict=True) if own]

    def __call__(self, model: EditingModel) -> tuple[dict[str, float], np.ndarray]:
        """Figures (lower `score` is better) and a picture sheet (H, W, 3) uint8."""
        given = [answer for scene, phrases in self.said for answer in answers(model, scene, phrases)]
        return figures(given), sheet(given)


def figures(given: Sequence[Answer]) -> dict[str, float]:
    """Overall IoU, mean IoU, share of IoU above .5, of people alone too; how often the right thing of several of its
    kind has the most overlap; area under the ROC curve of presence; steps. What cannot be told is left out.
    """  # fmt: skip
    named = [a for a in given if a.phrase.target is not None]
    pairs = np.array([a.overlap(a.phrase.target or 0) for a in named], float).reshape(-1, 2)
    iou = pairs[:, 0] / pairs[:, 1].clip(min=1)
    found: dict[str, float] = {}
    if named:
        found |= {"oiou": float(pairs[:, 0].sum() / pairs[:, 1].sum().clip(min=1))}
        found |= {"miou": float(iou.mean()), "p50": float((iou > 0.5).mean())}
        people = np.array([a.scene.instances[a.phrase.target or 0].category == "person" for a in named])
        if people.any():
            found["person"] = float(iou[people].mean())
    right = [_is_right(a, own) for a, own in zip(named, iou, strict=True)]
    told = [r for r in right if r is not None]
    if told:
        found["right"] = float(np.mean(told))
    there = torch.tensor([a.phrase.target is not None for a in given])
    if there.any() and not there.all():
        found["presence"] = float(binary_auroc(torch.tensor([a.presence for a in given]), there.int()))
    found["steps"] = float(np.mean([a.steps for a in given]))
    found["score"] = 1 - (found.get("oiou", 0.0) + found.get("miou", 0.0)) / 2
    return found


def _is_right(answer: Answer, own: float) -> bool | None:
    """Whether the mask overlaps the thing meant more than any other of its kind; None where it is the only one."""
    things, target = answer.scene.instances, answer.phrase.target or 0
    rivals = [i for i, thing in enumerate(things) if thing.category == things[target].category and i != target]
    if not rivals:
        return None
    others = [intersection / max(union, 1) for intersection, union in (answer.overlap(i) for i in rivals)]
    return own > max(others)


def sheet(given: Sequence[Answer]) -> np.ndarray:
    """Some of the answers, evenly taken: the mask in red, the truth outlined in green, the phrase below."""
    count = _SHEET_ROWS * _SHEET_COLUMNS
    chosen = list(given)[:: max(1, len(given) // count)][:count]
    page = Image.new("RGB", (_SHEET_COLUMNS * _CELL, -(-len(chosen) // _SHEET_COLUMNS) * (_CELL + _TEXT)), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(12)
    for number, answer in enumerate(chosen):
        row, column = divmod(number, _SHEET_COLUMNS)
        left, top = column * _CELL, row * (_CELL + _TEXT)
        page.paste(Image.fromarray(_picture(answer)), (left, top))
        label = answer.phrase.text + (" (none)" if answer.phrase.target is None else "") + f" {answer.presence:.2f}"
        for line, text in enumerate(wrap(label, font, _CELL - 6)[:2]):
            draw.text((left + 3, top + _CELL + 14 * line), text, fill="black", font=font)
    return np.array(page)


def _picture(answer: Answer) -> np.ndarray:
    height, width = answer.scene.image.shape[:2]
    scale = (_CELL - 4) / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image = cv2.resize(answer.scene.image, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    tint = cv2.resize(answer.probability, size)[..., None] * 0.6
    image = np.rint(image * (1 - tint) + np.array([255, 0, 0], np.float32) * tint).astype(np.uint8)
    if answer.phrase.target is not None:
        truth = answer.scene.instances[answer.phrase.target].mask.astype(np.uint8)
        truth = cv2.resize(truth, size, interpolation=cv2.INTER_NEAREST)
        outlines, _ = cv2.findContours(truth, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(image, outlines, -1, (0, 255, 0), 1)
    cell = np.full((_CELL, _CELL, 3), 255, np.uint8)
    cell[: size[1], : size[0]] = image
    return cell
