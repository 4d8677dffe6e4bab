"""Writes a model's parts as ONNX graphs, without its weights: these stay in the model's one file of them."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import onnx_ir as ir
import torch
from onnxscript import optimizer

from lbie.checksums import SUMS, write_sums
from lbie.errors import InputError
from lbie.export.parts import Part, parts_of
from lbie.model.editing_model import EditingModel
from lbie.model.folder import CONFIG, VOCABULARY, WEIGHTS
from lbie.runtime.graphs import LIST, config_hash, graph_file

OPSET = 20
"""Version of ONNX's operators."""


def export_model(model: EditingModel, folder: Path) -> list[Path]:
    """Write the graphs of a model into a folder; there or elsewhere, they take their weights as they are loaded.

    Raises:
        InputError: a model that graphs cannot stand for.
    """
    if model.config.by_sentence and model.config.task == "colorize":
        raise InputError("a model that colours photos and reads by sentence has no graphs: use --runtime torch")
    graphs, written = {}, []
    for name, part in parts_of(model.eval().cpu().float()).items():
        data, weights = _graph(part)
        path = folder / graph_file(name)
        path.write_bytes(data)
        graphs[name] = {"sha256": hashlib.sha256(data).hexdigest(), "weights": weights}
        written.append(path)
    (folder / LIST).write_text(json.dumps({"config": config_hash(model.config), "graphs": graphs}) + "\n", "utf-8")
    return [*written, folder / LIST]


def export_folder(source: Path, target: Path) -> list[Path]:
    """Make a folder of a model with its graphs, from one without; they may be the same folder.

    Raises:
        InputError: no such model, a broken one, or one that graphs cannot stand for.
    """
    model = EditingModel.load_folder(source)
    target.mkdir(parents=True, exist_ok=True)
    if not target.samefile(source):
        for name in (WEIGHTS, CONFIG, VOCABULARY, "card.json"):
            if (source / name).is_file():
                shutil.copyfile(source / name, target / name)
    written = export_model(model, target)
    if (target / SUMS).is_file():
        write_sums(target)
    return written


def _graph(part: Part) -> tuple[bytes, list[str]]:
    """The bytes of a graph, and the names of the weights that it takes."""
    example = part.example()
    with _plain_attention(), _quiet(), torch.no_grad():
        traced = torch.export.export(part, (example.inputs,), dynamic_shapes=(example.shapes,), strict=False)
        program = torch.onnx.export(
            traced, input_names=list(example.inputs), output_names=list(part(example.inputs)), opset_version=OPSET,
            dynamo=True, optimize=False, verbose=False,
        )  # fmt: skip
        assert program is not None
        return _without_weights(program.model, part)


def _without_weights(graphs: ir.Model, part: Part) -> tuple[bytes, list[str]]:
    """A graph's bytes, its weights named only, and nothing in it of the machine that made it; and their names."""
    own = part.model.state_dict()
    weights: dict[str, ir.Value] = {}
    for name, value in list(graphs.graph.initializers.items()):
        weight = name.removeprefix("model.")
        if weight in own:
            del graphs.graph.initializers[name]
            value.name, weights[weight] = weight, value
            graphs.graph.register_initializer(value)
            value.const_value = None
    optimizer.optimize(graphs, onnx_shape_inference=False)  # what does not depend on weights
    taken = {name: value for name, value in weights.items() if name in graphs.graph.initializers}
    for name, value in taken.items():
        shape = ir.Shape(own[name].shape)
        size = own[name].numel() * own[name].element_size()
        value.const_value = ir.ExternalTensor(WEIGHTS, 0, size, ir.DataType.FLOAT, shape=shape, name=name)
    for node in graphs.graph.all_nodes():
        node.metadata_props.clear()
        node.doc_string = None
    for value in (*graphs.graph.initializers.values(), *(out for node in graphs.graph for out in node.outputs)):
        value.metadata_props.clear()
    graphs.metadata_props.clear()
    graphs.graph.metadata_props.clear()
    graphs.doc_string = graphs.graph.doc_string = None
    graphs.producer_name, graphs.producer_version = "lbie", None
    return ir.serde.serialize_model(graphs).SerializeToString(deterministic=True), list(taken)


@contextmanager
def _plain_attention() -> Iterator[None]:
    """Self-attention by the operators that graphs have, not by torch's own for inference."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's remarks."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
