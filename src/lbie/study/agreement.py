"""Agreement between raters: Krippendorff's alpha for ordinal ratings.

Klaus Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011. Written from the definition: the known package
is under the GPL, which this one is not.
"""

from __future__ import annotations

import numpy as np


def ordinal_alpha(ratings: np.ndarray) -> float | None:
    """Krippendorff's alpha, ordinal: 1 where raters agree, 0 where they agree as chance would.

    Args:
        ratings: (raters, items), NaN where a rater gave none. Items with one rating say nothing and are left out.

    Returns:
        Alpha; None where no item has two ratings, or all those ratings are the same: it is not defined then.
    """
    values = np.unique(ratings[~np.isnan(ratings)])
    counts = (ratings[:, :, None] == values).sum(0)  # (items, values)
    counts = counts[counts.sum(1) >= 2]
    pairs = counts.sum(1, keepdims=True) - 1
    # Coincidences (values, values): ordered pairs of ratings of the same item, each item weighing as many as it has.
    observed = (counts / pairs).T @ counts - np.diag((counts / pairs).sum(0))
    totals = observed.sum(1)
    middle = totals.cumsum() - totals / 2
    distance = (middle[:, None] - middle) ** 2
    expected = (np.outer(totals, totals) * distance).sum()
    if expected == 0:
        return None
    return float(1 - (totals.sum() - 1) * (observed * distance).sum() / expected)
