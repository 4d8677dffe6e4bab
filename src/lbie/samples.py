"""Images that come with installed packages, to try things on: photos with `lbie[demo]`, drawings with lbie itself."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from lbie.errors import InputError

PREFIX = "sample:"
"""`sample:NAME` works wherever an input image is asked for."""


@dataclass(frozen=True)
class Sample:
    """Where an image lies and whom it is from."""

    package: str
    """Import name of the package that carries it."""
    place: str
    """Path inside the package."""
    credit: str
    """Author and licence."""


SAMPLES = {
    "flower": Sample("sklearn", "datasets/images/flower.jpg", "dahlia by vultilion (Flickr 6056698931), CC BY 2.0"),
    "china": Sample(
        "sklearn", "datasets/images/china.jpg", "Summer Palace by danielbuechele (Flickr 6061409035), CC BY 2.0"
    ),
    "astronaut": Sample("skimage", "data/astronaut.png", "Eileen Collins, NASA, public domain"),
    "coffee": Sample("skimage", "data/coffee.png", "Rachel Michetti, CC0"),
    "chelsea": Sample("skimage", "data/chelsea.png", "Stefan van der Walt, CC0"),
    "rocket": Sample("skimage", "data/rocket.jpg", "SpaceX, CC0"),
    "shapes": Sample("lbie", "drawings/shapes.png", "drawn by lbie (CoSaL, paper, test, world 9), Apache-2.0"),
    "sketch": Sample("lbie", "drawings/sketch.jpg", "drawn by lbie (free, by hand, train, world 10087), Apache-2.0"),
}


def sample_path(name: str) -> Path:
    """Path of a sample image.

    Raises:
        InputError: no such sample, or its package is not installed.
    """
    if name not in SAMPLES:
        raise InputError(f"no sample '{name}': there are {', '.join(SAMPLES)}")
    sample = SAMPLES[name]
    spec = find_spec(sample.package)
    places = spec.submodule_search_locations if spec else None
    path = Path(places[0]) / sample.place if places else None
    if path is None or not path.is_file():
        raise InputError(f"the sample '{name}' comes with the package '{sample.package}': pip install 'lbie[demo]'")
    return path


def resolve_input(source: str | Path) -> str | Path:
    """The path itself, or that of the image for `sample:NAME`."""
    text = str(source)
    return sample_path(text.removeprefix(PREFIX)) if text.startswith(PREFIX) else source
