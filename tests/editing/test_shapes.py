"""Editing drawings, with a stand-in for the model that answers by rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from by_rule import STEPS, RuleRuntime, rule_editor, sample_world, vocabulary
from lbie import Editor, InputError, SentenceError
from lbie.data.cosal import generate
from lbie.data.cosal.shapes import BACKGROUND, COLOURS, KINDS, PALETTE
from lbie.data.cosal.templates import COLOUR_NAMES
from lbie.editing.grid import name_cell
from lbie.editing.known import Known
from lbie.editing.sentences import read_sentences
from lbie.explain import explain
from lbie.image_io import read_edit_record, source_from_array
from lbie.registry import ModelCard

ISSUE = "The circle is red. The color of the shape above the circle is light-green."
CIRCLE = KINDS.index("circle")
RECTANGLE = name_cell(sample_world().arrangement.tolist().index(KINDS.index("rectangle")))


def kinds_of(world) -> dict[int, int]:
    return dict(enumerate(world.arrangement.tolist()))


@pytest.fixture(scope="module")
def editor() -> Editor:
    return rule_editor().set_image(sample_world().source)


def colours_of(edit) -> dict[str, str]:
    """Kind to the colour that the result has, of the shapes of the sample that are not black."""
    world, found = sample_world(), {}
    for kind, name in enumerate(KINDS):
        pixels = edit.rgb[world.shapes == kind]
        assert (pixels == pixels[0]).all()
        colour = int(np.flatnonzero((pixels[0] == PALETTE).all(1))[0])
        if COLOURS[colour] != "black":
            found[name] = COLOURS[colour]
    return found


@pytest.mark.parametrize("suite", ["paper", "wording", "chain"])
def test_a_described_world_becomes_its_target(suite):
    for world in generate(suite, "val", 20):
        editor = rule_editor(kinds_of(world)).set_image(world.source)
        edit = editor.edit(" ".join(world.sentences))
        np.testing.assert_array_equal(edit.rgb, world.target)
        np.testing.assert_array_equal(editor.runtime.seen, np.where(world.classes == BACKGROUND, 1, -1))
        assert not edit.warnings and not edit.unknown_words
        coloured = (world.target != world.source).any(-1)
        np.testing.assert_array_equal(edit.mask, coloured)
        np.testing.assert_array_equal(edit.seen, world.target)
        assert edit.confidence > 0.9


def test_the_rest_stays_as_it_is(editor):
    edit = editor.edit(ISSUE)
    assert colours_of(edit) == {"circle": "red", "diamond": "light-green"}
    assert edit.warnings == ()
    assert edit.image.size == (48, 48) and edit.mask.shape == (48, 48) and edit.mask.dtype == np.float32
    assert edit.tokens == (
        *["the", "circle", "is", "red", "."],
        *["the", "color", "of", "the", "shape", "above", "the", "circle", "is", "light", "green", "."],
    )
    assert edit.token_sentence == (0,) * 5 + (1,) * 12
    assert edit.attention.shape == (STEPS, 17, 3, 3)


def test_a_large_drawing():
    edit = rule_editor().set_image("sample:shapes").edit(ISSUE)
    source = edit.source.rgb
    assert edit.rgb.shape == source.shape == (480, 480, 3)
    circle, other = edit.rgb[160:320, 160:320], edit.rgb[320:]
    assert (circle[source[160:320, 160:320] == 0].reshape(-1, 3) == (255, 0, 0)).all()
    np.testing.assert_array_equal(other, source[320:])
    np.testing.assert_array_equal(edit.rgb[source == 255], 255)
    assert set(np.unique(edit.mask)) == {0, 1} and (edit.mask[:, 320:] == 0).all()


def test_save_and_record(editor, tmp_path):
    edit = editor.edit(ISSUE, seed=4)
    assert edit.save(tmp_path / "a.png") == []
    record = read_edit_record(tmp_path / "a.png")
    assert (record["sentence"], record["model"], record["seed"]) == (ISSUE, "cosal", 4)


@pytest.mark.parametrize("most", [1, 2, 5])
def test_the_limit_of_steps_is_of_the_call(editor, most):
    edit = editor.edit(ISSUE, max_steps=most)
    assert edit.attention.shape[0] == most and edit.steps.max() <= most


def test_a_refused_drawing_leaves_the_one_before():
    editor = rule_editor().set_image(sample_world().source)
    before = editor.edit(ISSUE)
    with pytest.raises(InputError, match="no shapes"):
        editor.set_image(np.full((60, 60), 255, np.uint8))
    np.testing.assert_array_equal(editor.edit(ISSUE).rgb, before.rgb)


def test_a_model_of_another_task_is_refused():
    with pytest.raises(InputError, match=r"'paint'.*colorize, shapes"):
        Editor(RuleRuntime({}, task="paint"), ModelCard("x"))


def test_a_model_of_another_size_is_refused():
    runtime = RuleRuntime({})
    runtime.config = replace(runtime.config, decoder_channels=(8, 8))
    with pytest.raises(InputError, match="48 x 48"):
        Editor(runtime, ModelCard("x"))


# Sentences without effect


@pytest.mark.parametrize(
    ("text", "colours", "says"),
    [
        (  # overridden
            "The circle is red. The diamond is blue. The circle is blue.",
            {"circle": "blue", "diamond": "blue"},
            ["sentence 1 ('The circle is red.') contradicts sentence 3 ('The circle is blue.'): the later one holds"],
        ),
        (  # by two that agree
            "The circle is red. The circle is blue. Paint the circle blue.",
            {"circle": "blue"},
            [
                "sentence 1 ('The circle is red.') contradicts sentence 3 ('Paint the circle blue.'): "
                "the later one holds"
            ],
        ),
        (  # in other words
            "The shape below the diamond is gray. The circle is red.",
            {"circle": "red"},
            [
                "sentence 1 ('The shape below the diamond is gray.') contradicts sentence 2 ('The circle is red.'): "
                "the later one holds"
            ],
        ),
        (  # a reference, overridden
            "The circle is red. The diamond has the same color as the circle. The diamond is yellow.",
            {"circle": "red", "diamond": "yellow"},
            [
                "sentence 2 ('The diamond has the same color as the circle.') contradicts sentence 3 "
                "('The diamond is yellow.'): the later one holds"
            ],
        ),
        (  # two of three overridden
            "The circle is red. The circle is gray. The circle is blue.",
            {"circle": "blue"},
            [
                "sentence 1 ('The circle is red.') contradicts sentence 3 ('The circle is blue.'): the later one holds",
                "sentence 2 ('The circle is gray.') contradicts sentence 3 ('The circle is blue.'): "
                "the later one holds",
            ],
        ),
        ("The circle is red. The circle is red.", {"circle": "red"}, []),
        ("The circle is red. The circle is red. The circle is red!", {"circle": "red"}, []),
        ("The circle is red. Paint the circle red.", {"circle": "red"}, []),
        ("The circle is red. The shape below the diamond is red.", {"circle": "red"}, []),
        (  # a repetition around a contradiction
            "The circle is red. The circle is blue. The circle is red.",
            {"circle": "red"},
            ["sentence 2 ('The circle is blue.') contradicts sentence 3 ('The circle is red.'): the later one holds"],
        ),
        (  # a reference that says what is said
            "The circle is red. The diamond is red. The diamond has the same color as the circle.",
            {"circle": "red", "diamond": "red"},
            [],
        ),
        ("The circle is red. The color of the shape above the circle is red.", {"circle": "red", "diamond": "red"}, []),
    ],
)
def test_contradictions_and_repetitions(editor, text, colours, says):
    edit = editor.edit(text)
    assert colours_of(edit) == colours
    assert list(edit.warnings) == says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("The hexagon is blue.", ["sentence 2 ('The hexagon is blue.') had no effect: words this model", "'hexagon'"]),
        ("The diamond is mauve.", ["sentence 2 ('The diamond is mauve.') had no effect", "'mauve'"]),
        ("The diamnod is blue.", ["sentence 2 ('The diamnod is blue.')", "'diamnod' (did you mean 'diamond'?)"]),
        ("The diamond is the shape.", ["sentence 2 ('The diamond is the shape.') had no effect: it names no colour"]),
        ("The figure is blue.", ["sentence 2", "it names no shape"]),
        ("The rectangle has the same color as the diamond.", ["sentence 2", "leads to a colour of the diamond"]),
        (
            "The rectangle has the same color as the shape below the circle.",
            ["sentence 2", "no sentence leads to a colour of the shape below the circle"],
        ),
        ("The diamond is the color of the circle.", ["write ", "'The diamond has the same color as the circle.'"]),
        ("The semicircle is blue.", ["'semicircle' (not one of the nine shapes; did you mean 'fat half-ellipse'?)"]),
        (
            "The shape below the rectangle is blue.",
            ["sentence 2", f"no shape below the rectangle, which lies in {RECTANGLE}"],
        ),
    ],
)
def test_sentences_that_mean_nothing_here(editor, text, says):
    edit = editor.edit(f"The circle is red. {text}")
    assert colours_of(edit) == {"circle": "red"}
    effect, known = edit.warnings
    assert all(part in effect for part in says)
    assert all(name in known for name in (*COLOURS, *KINDS, "'cosal'"))


def test_unknown_words_that_do_no_harm_are_told(editor):
    edit = editor.edit("Kindly paint the circle red. Kindly paint the circle red.")
    assert edit.unknown_words == ("kindly",)
    assert edit.warnings == ("words this model does not know: 'kindly'",)
    edit = editor.edit("Kindly paint the circle red. The hexagon is blue.")
    assert [w for w in edit.warnings if "'kindly'" in w] == ["words this model does not know: 'kindly'"]
    assert [w for w in edit.warnings if "'hexagon'" in w and "sentence 2" in w]
    assert len(edit.warnings) == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("The hexagon is red.", "'hexagon'"),
        ("The cirle is red.", "'cirle' (did you mean 'circle'?)"),
        ("The circle is mauve. The diamond is puce.", "sentence 2 ('The diamond is puce.'): words this model"),
        ("xyzzy plugh", "'xyzzy', 'plugh'"),
        ("The shape below the rectangle is red.", f"no shape below the rectangle, which lies in {RECTANGLE}"),
        ("The circle.", "nothing that is said applies to a shape of this drawing: it names no colour"),
        ("The circle is not red.", "does not understand negation ('not')"),
        ("The circle isn't red. Every shape is blue.", "sentence 2 ('Every shape is blue.'): the model does not under"),
        ("All shapes are red.", "does not understand 'all': a sentence colours one shape"),
    ],
)
def test_nothing_applies(editor, text, says):
    with pytest.raises(SentenceError) as caught:
        editor.edit(text)
    assert says in str(caught.value)
    assert all(name in str(caught.value) for name in (*COLOURS, *KINDS))
    assert len(str(caught.value)) < 550 and "\n" not in str(caught.value)


def test_black_on_black_is_told(editor):
    edit = editor.edit("The circle is black.")
    np.testing.assert_array_equal(edit.rgb, edit.source.rgb)
    assert any("as it was" in line for line in edit.warnings)
    assert not edit.mask.any()
    assert not editor.edit("The circle is black. The diamond is red.").warnings


@pytest.mark.parametrize(
    ("text", "error"),
    [("", InputError), (" . ", InputError), ("red " * 5000, InputError), ("The circle is red. " * 60, InputError)],
)
def test_sentences_that_cannot_be_read(editor, text, error):
    with pytest.raises(error):
        editor.edit(text)


def test_a_sentence_of_too_many_words_is_refused(editor):
    with pytest.raises(InputError, match="sentence 1 has 24 words; at most 20"):
        editor.edit("The circle is red and then it goes on and on and on and on and on and on and on and on")


def test_what_is_asked_of_the_model_is_bounded():
    editor = rule_editor().set_image(sample_world().source)
    text = " ".join(f"The circle is {w}." for w in ("mauve", "puce", "teal")) * 16 + " The circle is red."
    edit = editor.edit(text)
    assert len(edit.warnings) == 4, edit.warnings
    assert editor.runtime.asked < 500


DIRECT = st.tuples(st.sampled_from(KINDS), st.sampled_from([names[0] for names in COLOUR_NAMES]))


@settings(max_examples=60, deadline=None)
@given(st.lists(DIRECT, min_size=1, max_size=8))
def test_every_sentence_holds_or_is_accounted_for(pairs):
    """The last sentence about a shape holds; each other one says the same or is named as contradicted by it."""
    edit = rule_editor().set_image(sample_world().source).edit(" ".join(f"The {k} is {c}." for k, c in pairs))
    last = dict(pairs)
    assert colours_of(edit) == {k: c for k, c in last.items() if c != "black"}
    lines = [line for line in edit.warnings if "contradicts" in line]
    overridden = {(k, c) for k, c in pairs if last[k] != c}
    assert len(lines) == len(overridden)
    for kind, colour in overridden:
        assert any(
            f"('The {kind} is {colour}.') contradicts" in x and f"('The {kind} is {last[kind]}.')" in x for x in lines
        )
    assert set(edit.warnings) - set(lines) <= {
        "the result is the drawing as it was: every shape that is told has its colour already"
    }


# Sentences that say more than one fact, or that must not be read


@pytest.mark.parametrize(
    ("text", "colours"),
    [
        ("The circle is red, the diamond is blue.", {"circle": "red", "diamond": "blue"}),
        ("The circle is red, and the diamond has the same color as the circle.", {"circle": "red", "diamond": "red"}),
    ],
)
def test_joined_facts_are_read_one_by_one(editor, text, colours):
    edit = editor.edit(text)
    assert colours_of(edit) == colours and edit.warnings == ()
    assert sorted(set(edit.token_sentence)) == [0, 1]


def test_a_part_is_quoted(editor):
    edit = editor.edit("The circle is red, the diamond is mauve.")
    assert any("sentence 1, part 2 ('the diamond is mauve.') had no effect" in line for line in edit.warnings)


def test_several_facts_that_cannot_be_split_are_told(editor):
    text = "The blue circle is above the yellow thin ellipse."
    edit = editor.edit(f"The circle is red. {text}")
    (line,) = [line for line in edit.warnings if text in line]
    assert "it names several colours, but only one fact a sentence is read" in line
    with pytest.raises(SentenceError, match="it names several shapes, but only one fact"):
        editor.edit("The circle and the diamond are red.")


def test_a_shade_is_told(editor):
    edit = editor.edit("The circle is light blue.")
    assert colours_of(edit) == {"circle": "blue"}
    (line,) = edit.warnings
    assert f"'light blue' is not one of the model's colours ({', '.join(COLOURS)}): read as blue" in line


@pytest.mark.parametrize("text", ["The diamond is not blue.", "All others are blue.", "Everything is blue."])
def test_what_must_not_be_read_is_left_out(editor, text):
    edit = editor.edit(f"The circle is red. {text}")
    assert colours_of(edit) == {"circle": "red"}
    (line,) = edit.warnings
    assert line.startswith(f"sentence 2 ('{text}') was not read: the model does not understand ")


def test_a_name_of_two_shapes_is_told(editor):
    (line,) = [line for line in editor.edit("The circle is red. The oval is blue.").warnings if "sentence 2" in line]
    assert "'oval' is not one of the nine shapes; did you mean 'fat ellipse' or 'thin ellipse'?" in line


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("The circle is red. The circle is blue.", [2]),
        ("The diamond has the same color as the circle. The circle is red. The diamond is yellow.", [2, 3]),
        ("The shape above the circle is red. The shape above the circle is blue.", [2]),
        ("The shape above the circle is red. The diamond is blue.", [2]),
        ("The circle is red. The circle has the same color as the diamond. The diamond is blue.", [2, 3]),
        ("The circle is red. The circle has the same color as the diamond.", [1, 2]),  # leads nowhere
        (
            "The circle is red. The diamond has the same color as the circle. "
            "The circle has the same color as the diamond.",
            [1, 2, 3],  # in a circle
        ),
        ("The circle is red. The circle is mauve.", [1, 2]),
        ("The circle is red. The thing beside the circle is blue.", [1, 2]),
        ("The circle is red. The shape at the circle is blue.", [1, 2]),
    ],
)
def test_a_shape_that_is_told_again(text, kept):
    """Only what holds is shown to the model, so that it need not choose."""
    sentences = read_sentences(text, vocabulary(), 20)
    cells = {int(kind): cell for cell, kind in enumerate(sample_world().arrangement)}
    known = Known(tuple(range(9)), {kind: (cell,) for kind, cell in cells.items()})
    assert [s.number for s in known.current(sentences)] == kept
    unknown = Known((), {})
    if "diamond is blue" not in text:
        assert [s.number for s in unknown.current(sentences)] == kept


def test_the_earlier_of_two_does_not_hold_in_a_model_that_prefers_it():
    class Earlier(RuleRuntime):
        def colours(self, sentences):
            return super().colours(sentences[::-1])

    editor = Editor(Earlier(kinds_of(sample_world())), ModelCard("cosal")).set_image(sample_world().source)
    edit = editor.edit("The shape above the circle is red. The shape above the circle is blue.")
    assert colours_of(edit) == {"diamond": "blue"}
    (line,) = edit.warnings
    assert "sentence 1" in line and line.endswith("the later one holds")


# Drawings of other kinds


def test_a_kind_that_is_there_twice_is_told():
    class Alike(RuleRuntime):
        def colours(self, sentences):
            return dict.fromkeys((CIRCLE, KINDS.index("diamond")), 2) if "circle" in sentences[0] else {}

    editor = Editor(Alike(kinds_of(sample_world())), ModelCard("cosal")).set_image(sample_world().source)
    (line,) = editor.edit("The circle is red.").warnings
    assert line == "2 shapes of this drawing are 'circle' to the model: which one is meant is unclear"


def test_notices_of_the_drawing_are_warnings():
    gray = sample_world().source.copy()
    gray[0, 0] = 0
    edit = rule_editor().set_image(gray).edit(ISSUE)
    assert any("speck" in line for line in edit.warnings)


def test_a_missing_shape():
    world = sample_world()
    source = world.source.copy()
    source[world.shapes == KINDS.index("diamond")] = 255
    kinds = {cell: kind for cell, kind in kinds_of(world).items() if kind != KINDS.index("diamond")}
    edit = rule_editor(kinds).set_image(source).edit("The circle is red. The diamond is blue.")
    assert (edit.rgb[world.shapes == CIRCLE] == (255, 0, 0)).all()
    assert any("sentence 2" in line and "the model sees no diamond in this drawing" in line for line in edit.warnings)


def test_transparency_is_kept():
    source = sample_world().source
    rgba = np.dstack([np.zeros_like(source), 255 - source[..., 0]])
    edit = rule_editor().set_image(source_from_array(rgba)).edit(ISSUE)
    assert edit.image.mode == "RGBA"
    np.testing.assert_array_equal(np.array(edit.image)[..., 3], rgba[..., 3])
    assert (edit.rgb[sample_world().shapes == CIRCLE] == (255, 0, 0)).all()


def test_the_model_is_not_sure():
    class Unsure(RuleRuntime):
        def fuse_descriptions(self, *args):
            fused, outputs = super().fuse_descriptions(*args)
            return fused.__class__(fused.output * 0.3, fused.steps, fused.attention, fused.executed), outputs * 0.3

    editor = Editor(Unsure(kinds_of(sample_world())), ModelCard("cosal")).set_image(sample_world().source)
    edit = editor.edit("The circle is red.")
    assert edit.confidence < 0.5 and any("not sure" in line for line in edit.warnings)


# The picture of how it came about


@pytest.mark.parametrize(
    "text",
    [
        "The circle is red.",
        ISSUE,
        ISSUE + " " + " ".join(f"The {kind} is blue." for kind in KINDS),
        ISSUE + " " + "a" * 400,
    ],
)
def test_explain(editor, text):
    sheet = np.array(explain(editor.edit(text)))
    assert sheet.ndim == 3 and sheet.shape[2] == 3
    columns = 4 if text.count(".") == 1 else min(8, len(text.rstrip(".").split(". ")))
    assert sheet.shape[1] >= (1 + columns) * 200
    assert 400 < sheet.shape[0] < 400 + 250
    assert np.ptp(sheet) > 200


def test_words_of_the_vocabulary_are_the_fakes():
    assert vocabulary().knows_some("circle") and not vocabulary().knows_some("hexagon")
