"""A Hugging Face Space: the page on which an image is edited by sentences, made with Gradio over `Editor`.

python deploy/space/app.py          # http://127.0.0.1:7860/
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr
from PIL import Image

from lbie import Editor, LbieError
from lbie.editing.choose import choose_model
from lbie.explain import explain
from lbie.image_io import read_image
from lbie.registry import bundled_models
from lbie.samples import sample_path

MAX_PIXELS = 12_000_000
ANY = "by image and sentence"
HEAD = """# Edit images by describing the result
A photo of a flower to colour, a photo of anything to change, or a drawing of shapes."""
EXAMPLES = (
    ("flower", "The flower is blue in color."),
    ("flower", "white petals and a yellow center"),
    ("coffee", "make the cup blue"),
    ("chelsea", "gray out everything except the cat"),
    ("shapes", "The circle is red. The diamond has the same color as the circle."),
)
"""Sample images and sentences to try."""


@cache
def editor_of(model: str) -> Editor:
    """The editor of a model, loaded once."""
    return Editor.from_pretrained(model)


def edit(path: str | None, sentence: str, model: str, strength: float) -> tuple[Image.Image, Image.Image | None, str]:
    """The result, the picture of its steps where there are any, and what is to be said of it.

    Raises:
        gr.Error: what was wrong with the image or the sentence, in one line.
    """
    if path is None:
        raise gr.Error("choose an image first, or an example", print_exception=False)
    try:
        source = read_image(path, MAX_PIXELS)
        told = []
        if model == ANY:
            choice = choose_model(source, sentence)
            model = choice.model
            told.append(f"{model}: {choice.reason}")
        result = editor_of(model).set_image(source).edit(sentence, strength=strength)
        told.append(f"confidence {result.confidence:.2f}")
        steps = explain(result) if result.tokens else None
    except LbieError as error:
        raise gr.Error(str(error), print_exception=False) from error
    return result.image, steps, "\n".join([*told, *result.warnings])


def page() -> gr.Blocks:
    """The page, not yet served."""
    with gr.Blocks(title="lbie: edit images by describing the result") as made:
        gr.Markdown(HEAD)
        with gr.Row():
            with gr.Column():
                image = gr.Image(type="filepath", image_mode=None, sources=["upload", "clipboard"], label="Image")
                sentence = gr.Textbox(label="Sentence", placeholder=EXAMPLES[0][1], max_length=1000)
                model = gr.Dropdown([ANY, *bundled_models()], value=ANY, label="Model")
                strength = gr.Slider(0.1, 2, value=1, step=0.1, label="Strength, in photos")
                button = gr.Button("Edit", variant="primary")
            with gr.Column():
                result = gr.Image(format="png", label="Result", interactive=False)
                told = gr.Textbox(label="What was done", lines=3, interactive=False)
        gr.Examples([[str(sample_path(name)), text] for name, text in EXAMPLES], [image, sentence])
        steps = gr.Image(format="png", label="What each region read, step by step", interactive=False)
        call: dict[str, Any] = {"fn": edit, "inputs": [image, sentence, model, strength]}
        call |= {"outputs": [result, steps, told], "concurrency_id": "edit", "concurrency_limit": 1}
        button.click(**call, api_name="edit")
        sentence.submit(**call, api_name=False)
    return made.queue(max_size=16)


if __name__ == "__main__":
    page().launch(max_file_size="32mb")
