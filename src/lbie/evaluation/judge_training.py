"""Training of the judge, on true train photos and their captions only."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from lbie.data.flowers import load_arrays
from lbie.data.photos import CACHE_SIZE, PhotoArrays
from lbie.evaluation.judge import Judge, JudgeConfig, lab_input, r_precision
from lbie.language.colour_names import families_in
from lbie.language.vocabulary import Vocabulary

_BATCH, _RATE, _PATIENCE = 128, 2e-3, 6
_STORED = 72  # pixels of a photo that crops are cut from
_LEAST_CROP = 58


class Examples:
    """Photos at a small size, and those of their captions that name a colour."""

    def __init__(self, arrays: PhotoArrays, limit: int | None) -> None:
        records = arrays.records[:limit]
        coloured = [[c for c in r.captions if families_in(c) - {"green"}] for r in records]
        rows = [i for i, own in enumerate(coloured) if own]
        self.captions = [coloured[i] for i in rows]
        self.told = [set().union(*map(families_in, records[i].captions)) for i in rows]
        size = (_STORED, _STORED)
        self.rgb = [cv2.resize(arrays.rgb[i], size, interpolation=cv2.INTER_AREA) for i in rows]

    def batch(self, rows: np.ndarray, side: int, rng: np.random.Generator) -> tuple[Tensor, list[str], Tensor]:
        """Crops (B, 3, side, side), a caption each, and (B, B) bool: caption j may be told from the true one of i."""
        crops, texts = [], []
        for i in rows:
            edge = int(rng.integers(_LEAST_CROP, _STORED + 1))
            top, left = rng.integers(0, _STORED - edge + 1, 2)
            crop = self.rgb[i][top : top + edge, left : left + edge]
            crops.append(np.ascontiguousarray(crop[:, ::-1] if rng.random() < 0.5 else crop))
            texts.append(self.captions[i][rng.integers(len(self.captions[i]))])
        said = [families_in(t) - {"green"} for t in texts]
        apart = [[bool(named - self.told[i]) for named in said] for i in rows]
        return lab_input(crops, side), texts, torch.tensor(apart) | torch.eye(len(rows), dtype=torch.bool)


def contrastive_loss(judge: Judge, lab: Tensor, ids: Tensor, apart: Tensor) -> Tensor:
    """Cross-entropy of the own caption among those untrue of the photo, and of the photo among such, averaged.

    Args:
        judge: the network.
        lab: (B, 3, side, side) photos.
        ids: (B, N) word ids of a true caption each.
        apart: (B, B) bool, which captions j count for photo i; the diagonal is True.
    """
    logits = judge.log_scale.exp() * judge.picture_vectors(lab) @ judge.caption_vectors(ids).T
    logits = logits.masked_fill(~apart, -torch.inf)
    own = torch.arange(len(lab))
    return (torch.nn.functional.cross_entropy(logits, own) + torch.nn.functional.cross_entropy(logits.T, own)) / 2


def train_judge(
    data: Path,
    folder: Path,
    config: JudgeConfig | None = None,
    epochs: int = 40,
    seed: int = 0,
    limit: int | None = None,
) -> float:
    """Train a judge on the true train photos and keep the weights that are best on val.

    Args:
        data: folder of the flowers.
        folder: where the judge is saved, at every better epoch.
        config: sizes, or None for the usual ones.
        epochs: at most so many passes; it ends before where val has not risen for six.
        seed: of weights, crops and captions.
        limit: train on so many photos only.

    Returns:
        R-precision of the true val photos.
    """
    torch.manual_seed(seed)
    config = config or JudgeConfig()
    train, val = load_arrays(data, "train", CACHE_SIZE), load_arrays(data, "val", CACHE_SIZE)
    examples = Examples(train, limit)
    vocabulary = Vocabulary.build((c for own in examples.captions for c in own), 2)
    judge, rng = Judge(config, vocabulary), np.random.default_rng(seed)
    count = len(examples.rgb)
    size = min(_BATCH, count)
    steps = epochs * (count // size)
    optimizer = torch.optim.AdamW(judge.parameters(), _RATE, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=steps)
    best, since = -1.0, 0
    progress = tqdm(range(epochs), desc="judge")
    for _ in progress:
        judge.train()
        order, losses = rng.permutation(count), []
        for start in range(0, count - size + 1, size):
            lab, texts, apart = examples.batch(order[start : start + size], config.side, rng)
            loss = contrastive_loss(judge, lab, judge.ids(texts), apart)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(judge.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
        judge.eval()
        hits = r_precision(judge, val.rgb, [r.captions for r in val.records], seed)
        found = float(hits.mean()) if len(hits) else 0.0
        since = 0 if found > best else since + 1
        if not since:
            best = found
            judge.save(folder)
        progress.set_postfix(loss=f"{np.mean(losses):.3f}", val=f"{found:.3f}", best=f"{best:.3f}")
        if since >= _PATIENCE:
            break
    return best
