"""Free drawings: shapes anywhere, in any manner, and sentences that colour some of them."""

from lbie.data.cosal.free.world import UNTOUCHED, FreeWorld
from lbie.data.cosal.free.worlds import FREE_SUITES, free_world, generate_free

__all__ = ["FREE_SUITES", "UNTOUCHED", "FreeWorld", "free_world", "generate_free"]
