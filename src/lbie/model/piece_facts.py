"""What is known of the pieces of a drawing without any sentence: kinds, ranks, and what each lies beside.

In the terms in which sentences tell shapes apart, so that the sum of a few facts says whether a piece is meant.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from lbie.model.piece_batch import AREA, BOTTOM, LEFT, RIGHT, THERE, TOP, X, Y
from lbie.model.ranks import RANK_VALUES, ranks

FAMILIES = ((1, 2), (3, 4), (5, 6))
"""Kinds, from 0, that one word may mean: both ellipses, both halves, both triangles."""
GROUPS = 3
"""What pieces are ranked among: those of one kind, of one family, all."""
RANKS = GROUPS * RANK_VALUES
"""Values of the ranks of a piece."""
FIRSTS = tuple(range(4, RANK_VALUES, 4))
"""Of the values of `ranks`, that a piece is the first from a side, the largest or the smallest: in the order there."""
MESSAGES = 4 * 2
"""Ways of lying beside another: four sides, the nearest of its kind or of all."""
_STEEP, _AHEAD = 0.5, 0.15  # beside: across to along at most; share of its extent that may lie over the landmark's end
_SLACK = 0.001


def fact_values(categories: int) -> int:
    """How many facts of a piece there are, with so many kinds, the first of none."""
    return categories + RANKS + MESSAGES * landmark_values(categories)


def landmark_values(categories: int) -> int:
    """Values of a piece as a landmark: its kind, and of what it is the first."""
    return categories + (categories - 1 + len(FAMILIES) + 1) * len(FIRSTS)


def own_facts(places: Tensor, shares: Tensor, groups: list[Tensor]) -> Tensor:
    """Kinds (B, K, C) and ranks of pieces: (B, K, C + RANKS)."""
    centre = places[..., X : Y + 1].transpose(1, 2)  # (B, 2, K)
    extent = torch.stack([places[..., RIGHT] - places[..., LEFT], places[..., BOTTOM] - places[..., TOP]], 1)
    ranked = [ranks(centre, extent, places[..., AREA], group, _SLACK).transpose(1, 2) for group in groups]
    return torch.cat([shares, *ranked], -1)


def piece_facts(own: Tensor, near: Tensor) -> Tensor:
    """A piece's own facts (B, K, O), and of each way of lying beside others (B, 8, K, K) what those are: (B, K, F).

    What others are is told as of landmarks, of which sentences say the kind, and that they are the first of it from a
    side, the largest or the smallest: the kind and the rank of one, not the kind of one and the rank of another.
    """
    categories = own.shape[-1] - RANKS
    things = own[..., 1:categories]  # (B, K, C - 1)
    of_kind, of_family, of_all = (r[..., FIRSTS] for r in own[..., categories:].split(RANK_VALUES, -1))  # (B, K, 6)
    families = torch.stack([things[..., list(f)].sum(-1) for f in FAMILIES], -1)  # (B, K, 3)
    firsts = [of.unsqueeze(-1) * first.unsqueeze(-2) for of, first in ((things, of_kind), (families, of_family))]
    landmarks = torch.cat([own[..., :categories], *(x.flatten(2) for x in firsts), of_all], -1)
    return torch.cat([own, (near @ landmarks[:, None]).transpose(1, 2).flatten(2)], -1)


def alike(shares: Tensor) -> list[Tensor]:
    """Shares of kinds (B, K, C), the first of none, to how much pieces are of one kind, of one family, and anything."""
    things = shares[..., 1:]  # (B, K, C - 1)
    one = things.sum(-1)[:, None]  # (B, 1, K)
    families = list(things.unbind(-1))
    for first, second in FAMILIES:
        families[first - 1] = families[first - 1] + families[second - 1]
        families[second - 1] = torch.zeros_like(families[second - 1])
    same = [F.normalize(x, dim=-1) for x in (things, torch.stack(families, -1))]
    return [*(x @ x.transpose(1, 2) * one for x in same), one.expand(-1, shares.shape[1], -1)]


def beside(places: Tensor, groups: list[Tensor]) -> Tensor:
    """Which piece is the nearest one straight to a side of which.

    Args:
        places: (B, K, PLACES).
        groups: of one kind first, last of anything, (B, K, K) each.

    Returns:
        (B, 8, K, K) of 0 and 1: of the first K, seen from the second, above, below, to the left and to the right;
        nearest of its kind, then of all.
    """
    low, high, centre = places[..., LEFT : TOP + 1], places[..., RIGHT : BOTTOM + 1], places[..., X : Y + 1]
    gap = centre[:, :, None] - centre[:, None]  # (B, K, K, 2): of the first from the second
    ahead = []
    for axis, sign in ((1, -1), (1, 1), (0, -1), (0, 1)):
        along, across = sign * gap[..., axis], gap[..., 1 - axis].abs()
        near, far = (low, high) if sign > 0 else (high, low)
        begins = sign * (near[:, :, None, axis] - far[:, None, :, axis])
        own = (high - low)[:, :, None, axis]
        ahead.append((along > 0) & (across <= _STEEP * along) & (begins >= -_AHEAD * own))
    there = places[..., THERE] > 0
    straight = torch.stack(ahead, 1) & (there[:, :, None] & there[:, None])[:, None]  # (B, 4, K, K)
    distance = torch.where(straight, gap.square().sum(-1)[:, None], torch.inf)
    found = []
    for group in (groups[0], groups[-1]):
        rival = (group > 0.5)[:, None, :, :, None] & straight[:, :, None]  # (B, 4, K, rivals, landmarks)
        others = torch.where(rival, distance[:, :, None], torch.inf).amin(3)  # (B, 4, K, landmarks)
        found.append(straight & (distance <= others))
    return torch.cat(found, 1).to(places.dtype)
