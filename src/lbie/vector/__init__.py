"""Vector drawings: read with distrust, rasterised for a model, and each closed shape filled as the model painted it."""

from lbie.vector.read import Svg, read_svg
from lbie.vector.recolour import Change, Recoloured, recolour

__all__ = ["Change", "Recoloured", "Svg", "read_svg", "recolour"]
