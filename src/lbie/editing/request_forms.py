"""The forms of sentences that ask for an edit of a photo, as regular expressions over normalised text."""

from __future__ import annotations

import re

from lbie.editing.change import Kind
from lbie.editing.things import ARTICLES

_LITTLE = r"(?:just )?(?:a (?:little|tiny|wee)? ?bit|a little|slightly|somewhat|a touch|a tad|subtly)"
_MUCH = r"(?:a lot|lots|much|heavily|strongly|very much|way|far|extremely|a great deal|very strongly|really|very)"
_AMOUNT = rf"(?:(?P<little>{_LITTLE})|(?P<much>{_MUCH}))"
LEADING = re.compile(rf"{_AMOUNT} (?P<rest>.+)")
"""An adverb of how far a change goes, and the rest."""
TRAILING = re.compile(rf"(?P<rest>.+?) {_AMOUNT}")
"""Likewise behind the rest."""
POLITE = re.compile(
    r"(?:please|pls|kindly|hey|hi|hello|ok|okay|so|now|just|then|(?:can|could|would|will) (?:you|we|i)(?: please)?"
    r"|(?:i|we) (?:want|need|would like|would love) (?:you )?to|i'd (?:like|love) (?:you )?to|try to|go ahead and|let's"
    r"|let us|help me(?: to)?|edit the (?:photo|picture|image) (?:to|so that)|i (?:want|would like)|i'd like),? "
)
"""What may be said before a request."""
THANKS = re.compile(r",? (?:please|pls|thanks|thank you|for me|now|instead|too|completely|entirely|totally)")
"""What may be said behind one."""
_VERBS = (
    *("make", "turn", "paint", "repaint", "spray", "spray paint", "color", "colour", "recolor", "recolour", "dye"),
    *("tint", "change", "set", "switch", "convert", "render", "let", "have"),
)
MAKE = re.compile(rf"(?:{'|'.join(sorted(_VERBS, key=len, reverse=True))}) (?P<rest>.+)")
"""A verb after which a thing and what it becomes follow."""
GLUE = re.compile(
    r"(?P<rest>.+?) (?:in to|into|to be|to become|to|in|as|be|become|appear|look|with|all|completely|entirely|totally"
    r"|fully|more|it|(?:the|a) colou?r(?: of)?|(?:an? )?(?:\w+ )?(?:shade|tone|hue|tint) of)"
)
"""A thing, and words that link it to what it becomes."""
STATE = re.compile(r"(?P<rest>.+?) (?:is|are|should be|should become|becomes?|turns?|must be|will be|to be)(?: now)?")
"""A thing, and a verb that says what it is to be."""
COLOUR_OF = re.compile(
    r"(?:the )?(?:colou?rs?|hue|tone) (?:of|on) (?P<of>.+)|(?P<own>.+?)(?:'s?|s') (?:own )?(?:colou?r|hue)"
)
"""The colour of a thing."""
FROM = re.compile(r"(?P<rest>.+) from (?P<old>.+)")
"""A thing, and the colour that it has had."""
ARTICLE = re.compile(rf"(?P<article>{'|'.join(sorted(ARTICLES))}) (?P<rest>.+)")
"""A noun phrase with an article."""

_THING = r"(?P<thing>.+?)"
_Rule = tuple[Kind, bool, str]
_VERB_FIRST: tuple[_Rule, ...] = (
    ("gray out", False, r"(?:gr[ae]y out|desaturate|decolou?ri[sz]e|gr[ae]yscale|bleach) THING(?: out)?"),
    ("gray out", False, r"gr[ae]y THING out"),
    (
        "gray out",
        False,
        r"(?:remove|drain|take|strip|drop) (?:all )?(?:of )?(?:the )?colou?rs? (?:out )?(?:of|from|in) THING",
    ),
    ("brighten", False, r"(?:brighten|lighten)(?: up)? THING(?: up)?"),
    ("brighten", False, r"(?:increase|raise|boost|turn up) the (?:brightness|lightness) of THING"),
    ("darken", False, r"(?:darken|dim)(?: down)? THING(?: down)?"),
    ("darken", False, r"(?:decrease|reduce|lower|turn down) the (?:brightness|lightness) of THING"),
    ("blur", False, r"(?:blur|defocus)(?: out)? THING(?: out)?"),
    ("cut out", False, r"(?:cut|clip)(?: out)? THING(?: out)?(?: (?:of|from) the (?:photo|picture|image))?"),
    (
        "cut out",
        False,
        r"(?:extract|isolate|keep only|only keep|keep just) THING(?: from the (?:photo|picture|image|background))?",
    ),
    (
        "cut out",
        False,
        r"(?:remove|delete|erase|drop) (?:the )?background (?:of|from|behind|around) THING",
    ),
    ("cut out", True, r"(?:remove|delete|erase|drop) (?P<thing>(?:the )?background)"),
)
RULES = tuple((kind, turned, re.compile(text.replace("THING", _THING))) for kind, turned, text in _VERB_FIRST)
"""Kind of change, whether the thing is what is left out, and the form that begins with its verb."""
_GRAY_WORDS = r"(?:black and white|black ?& ?white|b ?[&/] ?w|bw|gr[ae]y ?scale|monochrome|colou?rless|desaturated)"
_RESULT_LAST: tuple[_Rule, ...] = (
    ("gray out", False, rf"{_GRAY_WORDS}(?: only)?"),
    ("brighten", False, "(?:brighter|lighter|bright|light)"),
    ("darken", False, "(?:darker|dimmer|dark|dim)"),
    ("blur", False, "(?:blurry|blurred|blurrier|more blurry|more blurred|fuzzy|fuzzier|unsharp|out of focus)"),
    ("cut out", True, "(?:transparent|see-through|see through|invisible)"),
)
RESULTS = tuple((kind, turned, re.compile(rf"{_THING}(?: {_AMOUNT})? {words}")) for kind, turned, words in _RESULT_LAST)
"""Kind of change, whether the thing is what is left out, and the form that ends with what the thing becomes."""
_COMMANDS = "|".join(
    (
        *("make", "turn", "paint", "repaint", "recolou?r", "dye", "change", "blur", "brighten", "lighten", "darken"),
        *("desaturate", "gr[ae]y out", "cut out", "extract", "remove", "add", "give", "replace", "delete", "crop"),
    )
)
SECOND = re.compile(rf"(?:,|;|\.|!|\?| and| but| then| &) (?:and |then |also |please )*(?:{_COMMANDS}) ")
"""Where a second command begins."""
NOT = re.compile(r"\b(?:not|never|cannot|\w+n't|dont)\b")
"""A word that denies."""
OTHER = re.compile(
    r"(?P<verb>remove|delete|erase|add|insert|replace|give|put|place|swap|move|crop|rotate|flip|zoom|resize|enlarge|shrink"
    r"|sharpen|unblur|draw|create|generate|show|hide|fill|smooth|open|close|dress|style|clean|fix|restore)\b.*"
)
"""A command that is nothing lbie can do."""
