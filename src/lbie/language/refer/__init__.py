"""Phrases that name one thing of a scene, or none, made from what is known of it."""

from lbie.language.refer.generator import evaluation_phrases, phrases
from lbie.language.refer.templates import KINDS

__all__ = ["KINDS", "evaluation_phrases", "phrases"]
