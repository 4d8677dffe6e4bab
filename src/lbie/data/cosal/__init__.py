"""CoSaL (Colorizing Shapes with Artificial Language): worlds of nine shapes, and the sentences that colour them."""

from lbie.data.cosal.worlds import SPLITS, SUITES, World, generate

__all__ = ["SPLITS", "SUITES", "World", "generate"]
