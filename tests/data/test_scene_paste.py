from __future__ import annotations

import json
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from lbie.data.instances import load_coco, load_pennfudan, load_unlabelled
from lbie.data.pasting import Spot, paste
from lbie.data.scene import Scene
from lbie.data.scene_paste import COMMON, SceneSource, SourceOptions
from lbie.data.storage import data_root
from lbie.errors import InputError
from lbie.language.refer import phrases

SPLITS = {"train": [1, 2, 3], "val": [4], "test": [5]}
NAMES = {1: "dog", 2: "cat", 3: "person"}
TONE = {"train": 120, "val": 250, "test": 5}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn photos in the layout of `photos/`: val is bright and test is dark, so that their pixels would be seen."""
    folder = tmp_path_factory.mktemp("data") / "photos"
    for part in ("coco/images", "pennfudan/images", "pennfudan/masks", "unlabelled"):
        (folder / part).mkdir(parents=True)
    rng = np.random.default_rng(0)
    images, annotations = [], []
    for split, ids in SPLITS.items():
        for i in ids:
            photo = np.clip(rng.normal(TONE[split], 8, (200, 240, 3)), 0, 255).astype(np.uint8)
            images.append({"id": i, "file_name": f"{i}.png", "width": 240, "height": 200})
            for k, (x, y) in enumerate(((20, 30), (140, 110))):
                cv2.rectangle(photo, (x, y), (x + 60, y + 50), (60, 60 + 50 * k, 200), -1)
                polygon = [[x, y, x + 60, y, x + 60, y + 50, x, y + 50]]
                annotations.append({"image_id": i, "category_id": 1 + (i + k) % 2, "segmentation": polygon})
            cv2.imwrite(str(folder / "coco/images" / f"{i}.png"), photo)
    table = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": i, "name": n} for i, n in NAMES.items()],
    }
    (folder / "coco/instances.json").write_text(json.dumps(table))
    (folder / "coco/splits.json").write_text(json.dumps(SPLITS))
    mask = np.zeros((160, 200), np.uint8)
    mask[20:140, 30:70], mask[30:140, 120:160] = 1, 2
    street = np.full((160, 200, 3), 100, np.uint8)
    street[mask > 0] = (30, 160, 60)
    cv2.imwrite(str(folder / "pennfudan/images/a.png"), street)
    cv2.imwrite(str(folder / "pennfudan/masks/a.png"), mask)
    cv2.imwrite(str(folder / "unlabelled/u.png"), np.full((128, 128, 3), 130, np.uint8))
    return folder.parent


def test_albums_hold_their_split_with_its_masks(root: Path) -> None:
    for split, ids in SPLITS.items():
        scenes = list(load_coco(root, split).scenes())
        assert [s.photo_id for s in scenes] == [f"coco/{i}" for i in ids]
        for scene in scenes:
            assert scene.image.shape == (200, 240, 3) and scene.known is None and len(scene.instances) == 2
            assert [2900 <= t.mask.sum() <= 3200 for t in scene.instances] == [True, True]
            assert scene.image[scene.instances[0].mask].mean(0)[0] > 190  # RGB
    small = load_coco(root, "train", 120).scene(0)
    assert small.image.shape == (100, 120, 3) and 700 <= small.instances[0].mask.sum() <= 810
    street = load_pennfudan(root).scene(0)
    assert [t.category for t in street.instances] == ["person"] * 2 and street.known == {"person"}
    assert load_unlabelled(root).scene(0).known == frozenset()


def test_what_is_missing_is_named(root: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"splits\.json"):
        load_coco(tmp_path, "train")
    with pytest.raises(InputError, match="no split 'all'"):
        load_coco(root, "all")
    with pytest.raises(InputError, match="unlabelled"):
        load_unlabelled(tmp_path)
    with pytest.raises(InputError, match="multiples of 32"):
        SceneSource(root, 100)


def check(scene: Scene, height: int, width: int) -> None:
    assert scene.image.shape == (height, width, 3) and scene.image.dtype == np.uint8
    for thing in scene.instances:
        assert thing.mask.shape == (height, width) and thing.mask.dtype == bool and thing.mask.any()
        assert 0 < thing.shown <= 1


def test_scenes_are_drawn_from_training_photos_only(root: Path) -> None:
    source = SceneSource(root, (96, 128), SourceOptions(jitter=0, gray=0))
    rng = np.random.default_rng(3)
    ids = set()
    for _ in range(150):
        scene = source.draw(rng)
        check(scene, 96, 128)
        ids.add(scene.photo_id)
        assert 25 < scene.image[..., 0].mean() < 230
    assert ids == {"coco/1", "coco/2", "coco/3", "pennfudan/a", "unlabelled/u"}
    assert {album.photos[i].photo_id for p in source.pieces.values() for album, i, _ in p} <= ids


def test_the_same_seed_draws_the_same(root: Path) -> None:
    source = SceneSource(root, 64)
    first, second = (source.draw(np.random.default_rng(11)) for _ in range(2))
    np.testing.assert_array_equal(first.image, second.image)
    assert [t.category for t in first.instances] == [t.category for t in second.instances]


def test_on_unlabelled_photos_nothing_common_is_pasted(root: Path) -> None:
    source = SceneSource(root, 96, SourceOptions(pasted=1, unlabelled=1))
    rng = np.random.default_rng(0)
    for _ in range(40):
        scene = source.draw(rng)
        assert scene.known is not None and not scene.known & COMMON
        assert {t.category for t in scene.instances} <= scene.known
        for phrase in phrases(scene, rng, 4):
            assert {"dog", "doggy", "cat", "kitty"} & set(phrase.text.split())


def test_what_is_pasted_hides_what_lies_under(root: Path) -> None:
    source = SceneSource(root, 96, SourceOptions(pasted=1, unlabelled=0))
    rng = np.random.default_rng(1)
    hidden = 0
    for _ in range(40):
        scene = source.draw(rng)
        masks = [t.mask for t in scene.instances]
        hidden += any(t.shown < 0.95 for t in scene.instances)
        overlap = np.sum(masks, axis=0) if masks else np.zeros(1)
        assert overlap.max() <= 1  # the drawn things do not overlap in their photos
    assert hidden > 5


def test_a_pasted_thing_leaves_the_rest_untouched() -> None:
    picture = np.full((60, 60, 3), 100, np.uint8)
    thing = np.full((20, 10, 3), (200, 50, 50), np.uint8)
    done = paste(picture, thing, np.ones((20, 10), np.uint8), Spot(10, 52, 20, 10), False)
    assert done is not None and done.shown == pytest.approx(0.8)
    assert (picture[~cv2.dilate(done.mask.astype(np.uint8), np.ones((5, 5))).astype(bool)] == 100).all()
    inner = picture[15:25, 55:60]
    assert (inner[..., 0] > 130).all() and (inner[..., 1] < 100).all()
    assert paste(picture, thing, np.zeros((20, 10), np.uint8), Spot(10, 10, 20, 10), False) is None


@pytest.mark.data
def test_the_real_photos_are_split_and_fast() -> None:
    try:
        root = data_root()
    except InputError as error:
        pytest.skip(str(error))
    if not (root / "photos" / "coco" / "splits.json").is_file():
        pytest.skip(f"no photos/coco in '{root}'")
    splits = json.loads((root / "photos" / "coco" / "splits.json").read_text())
    held_back = {f"coco/{i}" for i in splits["val"] + splits["test"]}
    source = SceneSource(root, 320)
    assert (len(source.coco), len(source.pennfudan), len(source.unlabelled)) == (430, 150, 592)
    albums = (source.coco, source.pennfudan, source.unlabelled)
    assert not held_back & {p.photo_id for album in albums for p in album.photos}
    numbers = {p.photo_id.rsplit("_", 1)[-1].lstrip("0") for p in source.unlabelled.photos}
    assert not numbers & {i.removeprefix("coco/") for i in held_back}
    assert {id(album) for p in source.pieces.values() for album, _, _ in p} <= {id(a) for a in albums}
    rng = np.random.default_rng(0)
    started = time.process_time()
    for _ in range(20):
        check(source.draw(rng), 320, 320)
    assert time.process_time() - started < 20  # seconds: a sanity check on any machine
