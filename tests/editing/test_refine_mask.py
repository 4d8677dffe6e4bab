from __future__ import annotations

import cv2
import numpy as np
import pytest

from lbie.editing import refine_mask as refining
from lbie.editing.refine_mask import refine_mask


@pytest.mark.parametrize("size", [(90, 120), (1, 40), (700, 1100)])
def test_a_refined_mask_follows_the_photo(size: tuple[int, int]) -> None:
    height, width = size
    y, x = np.mgrid[:height, :width]
    disc = (x - 0.47 * width) ** 2 + (y - 0.52 * height) ** 2 < (0.3 * min(size)) ** 2
    rgb = np.where(disc[..., None], (200, 60, 50), (70, 90, 80)).astype(np.uint8)
    cell = max(4, height // 20)
    small = cv2.resize(
        disc.astype(np.float32), (max(1, width // cell), max(1, height // cell)), interpolation=cv2.INTER_AREA
    )
    mask = refine_mask(rgb, small)
    assert mask.shape == size and mask.dtype == np.uint8
    if height > 1:
        plain = cv2.resize(small, (width, height)) > 0.5
        found, before = (np.sum(m & disc) / np.sum(m | disc) for m in (mask > 127, plain))
        assert found > 0.97 and found > before
        assert mask[0, 0] == 0 and mask[height // 2, width // 2] == 255


@pytest.mark.parametrize("place", [np.s_[:3, :2], np.s_[20:25, 30:41], np.s_[-2:, -1:], np.s_[:, :], np.s_[:0, :0]])
def test_only_where_something_is_likely_is_looked_at(
    place: tuple[slice, slice], monkeypatch: pytest.MonkeyPatch
) -> None:
    rgb = cv2.resize(np.random.default_rng(0).integers(0, 256, (12, 16, 3), np.uint8), (2000, 1500))
    likely = np.zeros((48, 64), np.float32)
    likely[place] = 0.9
    found = refine_mask(rgb, likely)
    monkeypatch.setattr(refining, "_reach", lambda _start, _length, _small, large: slice(0, large))
    np.testing.assert_array_equal(found, refine_mask(rgb, likely))
