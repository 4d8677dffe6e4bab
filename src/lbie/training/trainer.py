"""The training loop: Fabric, moving-average weights, checkpoints, a stop that loses nothing."""

from __future__ import annotations

import copy
import json
import math
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import cv2
import torch
import yaml
from lightning.fabric import Fabric
from lightning.fabric.loggers import CSVLogger
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from lbie.errors import InputError, ResourceError
from lbie.model.editing_model import EditingModel
from lbie.training.adversary import Adversary
from lbie.training.checkpoint import load_checkpoint, replace_folder, save_checkpoint
from lbie.training.finish import finish
from lbie.training.recipe import Recipe, recipe_dict
from lbie.training.sentence_lessons import TAUGHT
from lbie.training.start import load_start
from lbie.training.training_set import make_training_set

SAVE_SECONDS = 300
"""Time between saves of the last checkpoint within an epoch."""

PRICE_GAIN, MOST_PRICE = 2e-6, 0.01
"""How fast the price of a step follows the excess over `target_steps`, and the most it can become."""


@dataclass
class Progress:
    """How far a run has come."""

    step: int = 0
    """Steps done."""
    best: float = math.inf
    """Lowest validation score so far."""
    price: float = 0.0
    """Present price of a fusion step."""
    stopped_by: int | None = None
    """Signal that ended the run before its time."""


def moving_average(decay: float) -> Callable[[Any, Any, Any], None]:
    """Moving average for `AveragedModel`; its decay grows to `decay`, so that the start is soon forgotten."""

    def update(averaged: Any, current: Any, count: Any) -> None:
        weight = 1 - min(decay, (1 + int(count)) / (10 + int(count)))
        if averaged[0].is_floating_point():
            torch._foreach_lerp_(averaged, current, weight)
        else:
            for old, new in zip(averaged, current, strict=True):
                old.copy_(new)

    return update


def freeze_stages(model: EditingModel, stages: int) -> None:
    """Keep the first stages of the backbone as they are: no gradients, no batch statistics."""
    if stages:
        backbone = model.image_encoder.backbone
        for part in (backbone.stem, *backbone.stages[:stages]):
            part.eval().requires_grad_(False)


def keep_metrics(folder: Path) -> None:
    """Put the metrics so far aside, for the logger of a resumed run begins a new file."""
    logs = folder / "logs"
    if (logs / "metrics.csv").exists():
        (logs / "metrics.csv").rename(logs / f"metrics-{len(list(logs.glob('metrics*.csv'))):03d}.csv")


class Trainer:
    """One run of a recipe, in its own folder: `last.ckpt`, `best/` (a model folder), `recipe.yaml`, `metrics.csv`."""

    def __init__(
        self, recipe: Recipe, data: Path | None, folder: Path, *, device: str = "cpu", resume: bool = False
    ) -> None:
        self.recipe, self.folder = recipe, folder
        cv2.setNumThreads(1)  # batches are made beside the step, which has the cores
        if not resume and (folder / "last.ckpt").exists():
            raise InputError(f"'{folder}' holds a run already: go on with --resume, or choose another --runs folder")
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(recipe.seed)
        self.training_set = make_training_set(recipe, data)
        self.batches = self.training_set.batches
        self.model = EditingModel(recipe.model, self.training_set.vocabulary)
        load_start(self.model, recipe)
        if not resume and recipe.start_from is None:
            self.training_set.prepare(self.model)
        self.model = self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = AveragedModel(self.model, multi_avg_fn=moving_average(recipe.ema), use_buffers=True)
        freeze_stages(self.model, recipe.frozen_stages)
        self.total_steps = recipe.epochs * self.batches.steps_per_epoch
        self.optimizer = self._optimizer()
        self.schedule = LambdaLR(self.optimizer, self._rate)
        self.adversary = Adversary(recipe.adversary, len(self.model.vocabulary)) if recipe.adversary.weight else None
        self.progress = Progress(price=recipe.step_price)
        if resume:
            state = load_checkpoint(folder / "last.ckpt")
            try:
                self._restore(state)
            except (KeyError, TypeError, ValueError, RuntimeError) as error:
                reason = " ".join(str(error).split())[:200]
                raise InputError(f"'{folder}/last.ckpt' is not of this recipe and data: {reason}") from error
            keep_metrics(folder)
        (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe_dict(recipe), sort_keys=False))
        self.fabric = Fabric(accelerator=device, devices=1, loggers=self._loggers())
        self.model, self.optimizer = self.fabric.setup(self.model, self.optimizer)
        if self.adversary:
            self.adversary.to(self.fabric.device)

    @property
    def _trained(self) -> EditingModel:
        """The model inside Fabric's wrapper."""
        return cast(EditingModel, self.model.module)

    def _optimizer(self) -> torch.optim.Optimizer:
        backbone: list[torch.nn.Parameter] = []
        taught: list[torch.nn.Parameter] = []
        rest: list[torch.nn.Parameter] = []
        slow = TAUGHT if self.recipe.taught_learning_rate is not None else ()
        for name, parameter in self.model.named_parameters():
            if parameter.requires_grad and not name.startswith("domain"):
                (backbone if "backbone" in name else taught if name.startswith(slow) else rest).append(parameter)
        scale = self.recipe.start_rate if self.recipe.start_from else 1.0
        groups = [{"params": rest, "lr": self.recipe.learning_rate * scale}]
        if backbone:
            groups.append({"params": backbone, "lr": self.recipe.backbone_learning_rate * scale})
        if taught and self.recipe.taught_learning_rate is not None:
            groups.append({"params": taught, "lr": self.recipe.taught_learning_rate * scale})
        return torch.optim.AdamW(groups, weight_decay=self.recipe.weight_decay, betas=(0.9, 0.98))

    def _rate(self, step: int) -> float:
        warm = max(1, min(200, self.total_steps // 10))
        if step < warm:
            return (step + 1) / warm
        done = (step - warm) / max(1, self.total_steps - warm)
        return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))

    def _loggers(self) -> list[Any]:
        loggers: list[Any] = [CSVLogger(self.folder.parent, name=self.folder.name, version="logs")]
        try:
            from lightning.fabric.loggers import TensorBoardLogger

            loggers.append(TensorBoardLogger(self.folder.parent, name=self.folder.name, version="logs"))
        except ModuleNotFoundError:
            pass
        return loggers

    def run(self) -> Progress:
        """Train to the end of the recipe or to SIGINT / SIGTERM; the last checkpoint is written either way.

        Raises:
            ResourceError: the loss is not finite; the batch is saved beside the run.
        """
        stop = threading.Event()

        def ask(number: int, _frame: object) -> None:
            self.progress.stopped_by = number
            stop.set()

        main = threading.current_thread() is threading.main_thread()
        old = {s: signal.signal(s, ask) for s in (signal.SIGINT, signal.SIGTERM)} if main else {}
        try:
            self._loop(stop)
        finally:
            for number, handler in old.items():
                signal.signal(number, handler)
        if self.progress.stopped_by is None:
            finish(self.folder, self.training_set)
        return self.progress

    def _loop(self, stop: threading.Event) -> None:
        per_epoch, saved = self.batches.steps_per_epoch, time.monotonic()
        bar = tqdm(total=self.total_steps, initial=self.progress.step, desc=self.recipe.name, unit="step")
        with ThreadPoolExecutor(1) as pool, bar:
            ahead = pool.submit(self.batches.batch, self.progress.step)
            while self.progress.step < self.total_steps and not stop.is_set():
                step = self.progress.step
                batch = ahead.result()
                ahead = pool.submit(self.batches.batch, step + 1)
                values = self._step(step, batch)
                self.progress.step += 1
                bar.update()
                if step % 20 == 0:
                    bar.set_postfix(loss=f"{values['loss']:.4f}", steps=f"{values['steps']:.2f}")
                    self.fabric.log_dict(values, step)
                epoch, place = divmod(self.progress.step, per_epoch)
                ended = self.progress.step == self.total_steps
                if place == 0 and (epoch % self.recipe.validate_every == 0 or ended):
                    self._validate(bar)
                if place == 0 or ended or time.monotonic() - saved > SAVE_SECONDS:
                    self._save()
                    saved = time.monotonic()
        if stop.is_set():
            self._save()
        for logger in self.fabric.loggers:
            logger.finalize("stopped" if stop.is_set() else "success")

    def _step(self, step: int, batch: Any) -> dict[str, float]:
        recipe = self.recipe
        torch.manual_seed((recipe.seed + 1) * 1_000_003 + step)
        self.model.train()
        freeze_stages(self._trained, recipe.frozen_stages)
        device = self.fabric.device
        image = batch.image.to(device, memory_format=torch.channels_last)
        exploring = step < recipe.exploration * self.total_steps
        limit = self.training_set.limits(step)
        hints = None if batch.hints is None else batch.hints.to(device)
        image_of = None if batch.image_of is None else batch.image_of.to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=recipe.precision == "bf16"):
            out = self.model(image, batch.ids.to(device), hints, image_of, max_steps=limit, uniform_stops=exploring)
            task = self.training_set.loss(out, batch)
        steps = out.trace.expected_steps()
        loss = task if recipe.model.estimator == "posterior" else task + self.progress.price * steps
        adversary = self.adversary if step >= recipe.adversary.after * self.total_steps else None
        if adversary:
            loss = loss + adversary.persuade(out, batch)
        if not torch.isfinite(loss):
            torch.save(vars(batch), self.folder / "bad-batch.pt")
            raise ResourceError(
                f"the loss is {loss.item()} at step {step}; its batch is in '{self.folder}/bad-batch.pt'"
            )
        self.optimizer.zero_grad(set_to_none=True)
        self.fabric.backward(loss)
        self.fabric.clip_gradients(self.model, self.optimizer, max_norm=1.0)
        self.optimizer.step()
        self.schedule.step()
        self.average.update_parameters(self._trained)
        judged = {"discriminator": adversary.learn(out, batch)} if adversary else {}
        if recipe.target_steps and not exploring:
            excess = steps.item() - recipe.target_steps
            self.progress.price = max(-MOST_PRICE, min(MOST_PRICE, self.progress.price + PRICE_GAIN * excess))
        return {
            "loss": loss.item(),
            "task": task.item(),
            "steps": steps.item(),
            "price": self.progress.price,
            "rate": float(self.schedule.get_last_lr()[0]),
            **judged,
        }

    def _validate(self, bar: Any) -> None:
        model = cast(EditingModel, self.average.module).eval()
        figures, sheet = self.training_set.validate(model)
        step = self.progress.step
        self.fabric.log_dict({f"val_{k}": v for k, v in figures.items()}, step)
        for logger in self.fabric.loggers:
            if hasattr(logger.experiment, "add_image"):
                logger.experiment.add_image("val", sheet, step, dataformats="HWC")
        bar.write(f"step {step}: " + "  ".join(f"{k} {v:.4f}" for k, v in figures.items()), file=sys.stderr)
        if figures["score"] < self.progress.best:
            self.progress.best = figures["score"]
            best = copy.deepcopy(model)

            def write(folder: Path) -> None:
                best.save_pretrained(folder)
                (folder / "validation.json").write_text(json.dumps({"step": step, **figures}, indent=1) + "\n")

            replace_folder(self.folder / "best", write)

    def _save(self) -> None:
        state = {
            "model": self._trained.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "adversary": self.adversary.state_dict() if self.adversary else {},
            "progress": dict(vars(self.progress), stopped_by=None),
            "recipe": json.dumps(recipe_dict(self.recipe)),
        }
        save_checkpoint(self.folder / "last.ckpt", state)

    def _restore(self, state: dict[str, Any]) -> None:
        if json.loads(state["recipe"]) != json.loads(json.dumps(recipe_dict(self.recipe))):
            raise InputError(f"'{self.folder}' was begun with another recipe: see its recipe.yaml")
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        if self.adversary:
            self.adversary.load_state_dict(state["adversary"])
        self.progress = Progress(**state["progress"])
