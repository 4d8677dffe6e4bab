"""The training loop: Fabric, moving-average weights, checkpoints, a stop that loses nothing."""

from __future__ import annotations

import copy
import json
import math
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import cv2
import torch
import yaml
from lightning.fabric import Fabric
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from lbie.errors import InputError, ResourceError, is_full_disk, is_out_of_memory
from lbie.image_io import write_bytes
from lbie.model.editing_model import EditingModel
from lbie.training.adversary import Adversary
from lbie.training.checkpoint import clear_away, load_newest, previous, replace_folder, save_checkpoint, save_tensors
from lbie.training.finish import finish
from lbie.training.metrics import Rows, write_metrics
from lbie.training.optimizer import freeze_stages, make_optimizer, moving_average, rate
from lbie.training.processes import Processes
from lbie.training.recipe import Recipe, recipe_dict
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


class Trainer:
    """One run of a recipe, in its own folder.

    It holds `last.ckpt`, `previous.ckpt` (the one before), `best/` (a model folder), `recipe.yaml`, `logs/metrics.csv`.
    """

    notice: str | None = None
    """What a person should know of how the run was resumed."""
    _told_to_stop = False
    """Whether one of the processes was asked to stop."""

    def __init__(
        self, recipe: Recipe, data: Path | None, folder: Path, *, device: str = "cpu", resume: bool = False
    ) -> None:
        self.recipe, self.folder = recipe, folder
        cv2.setNumThreads(1)  # batches are made beside the step, which has the cores
        self.last = folder / "last.ckpt"
        if not resume and (self.last.exists() or previous(self.last).exists()):
            raise InputError(f"'{folder}' holds a run already: go on with --resume, or choose another --runs folder")
        folder.mkdir(parents=True, exist_ok=True)
        self.processes = Processes(device)
        torch.manual_seed(recipe.seed)
        self.training_set = make_training_set(recipe, data)
        self.batches = self.training_set.batches
        self.model = EditingModel(recipe.model, self.training_set.vocabulary)
        load_start(self.model, recipe)
        if not resume:
            self.training_set.prepare(self.model)
        self.model = self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = AveragedModel(self.model, multi_avg_fn=moving_average(recipe.ema), use_buffers=True)
        freeze_stages(self.model, recipe.frozen_stages)
        self.total_steps = recipe.epochs * self.batches.steps_per_epoch
        self.optimizer = make_optimizer(self.model, recipe)
        self.schedule = LambdaLR(self.optimizer, partial(rate, total=self.total_steps))
        self.adversary = Adversary(recipe.adversary, len(self.model.vocabulary)) if recipe.adversary.weight else None
        self.progress = Progress(price=recipe.step_price)
        self.rows: Rows = []
        self.saved_step: int | None = None
        if resume:
            state, damage = self.processes.from_first(lambda: load_newest(self.last))
            try:
                self._restore(state)
            except (KeyError, TypeError, ValueError, RuntimeError) as error:
                reason = " ".join(str(error).split())[:200]
                raise InputError(f"'{self.last}' is not of this recipe and data: {reason}") from error
            if damage:
                self.notice = f"{damage}; going on from the checkpoint before it, of step {self.progress.step}"
        self.processes.from_first(self._prepare_folder)
        self.processes.share_norms(self.model)
        devices = 1 if device == "cpu" else [self.processes.local_rank]
        self.fabric = Fabric(accelerator=device, devices=devices, loggers=self._loggers())
        self.model, self.optimizer = self.fabric.setup(self.model, self.optimizer)
        if self.adversary:
            self.adversary.to(self.fabric.device)

    def _prepare_folder(self) -> None:
        clear_away(self.folder, self.folder / "best")
        write_bytes(self.folder / "recipe.yaml", yaml.safe_dump(recipe_dict(self.recipe), sort_keys=False).encode())

    @property
    def _trained(self) -> EditingModel:
        """The model inside Fabric's wrapper."""
        return cast(EditingModel, self.model.module)

    def _loggers(self) -> list[Any]:
        if not self.processes.first:
            return []
        try:
            from lightning.fabric.loggers import TensorBoardLogger

            return [TensorBoardLogger(self.folder.parent, name=self.folder.name, version="logs")]
        except ModuleNotFoundError:
            return []

    def run(self) -> Progress:
        """Train to the end of the recipe or to SIGINT / SIGTERM; the last checkpoint is written either way.

        Raises:
            ResourceError: the loss or its gradients are not finite, and the batch is saved beside the run; or the disk
                is full, or memory is. What was saved before stays, and the run can be resumed.
        """
        try:
            with self._heeding() as stop:
                self._loop(stop)
            if self.progress.stopped_by is None and self.processes.first:
                finish(self.folder, self.training_set, self.rows)
        except (OSError, MemoryError, RuntimeError, ResourceError) as error:
            lack = self._what_lacks(error)
            if lack is None:
                raise
            raise ResourceError(f"{lack}; {self._what_is_saved()}") from error
        return self.progress

    @contextmanager
    def _heeding(self) -> Iterator[threading.Event]:
        """An event that SIGINT and SIGTERM set; and a full disk is no fault that TensorBoard's thread prints.

        Its next call raises it here.
        """
        stop = threading.Event()

        def ask(number: int, _frame: object) -> None:
            self.progress.stopped_by = number
            stop.set()

        main = threading.current_thread() is threading.main_thread()
        old = {s: signal.signal(s, ask) for s in (signal.SIGINT, signal.SIGTERM)} if main else {}
        told = threading.excepthook
        threading.excepthook = lambda fault: None if is_full_disk(fault.exc_value) else told(fault)
        try:
            yield stop
        finally:
            threading.excepthook = told
            for number, handler in old.items():
                signal.signal(number, handler)

    def _what_lacks(self, error: Exception) -> str | None:
        """What the machine could not give, where that is the error."""
        if isinstance(error, ResourceError):
            return str(error)
        if is_full_disk(error):
            return f"cannot write to '{self.folder}': the disk is full"
        if is_out_of_memory(error):
            return f"not enough memory for a step with a batch_size of {self.recipe.batch_size}"
        return None

    def _what_is_saved(self) -> str:
        if self.saved_step is None:
            return "nothing was saved yet"
        return f"step {self.saved_step} is saved: the same command with --resume goes on there"

    def _loop(self, stop: threading.Event) -> None:
        per_epoch, saved = self.batches.steps_per_epoch, time.monotonic()
        bar = tqdm(
            total=self.total_steps,
            initial=self.progress.step,
            desc=self.recipe.name,
            unit="step",
            disable=not self.processes.first,
        )
        with ThreadPoolExecutor(1) as pool, bar:
            ahead = pool.submit(self.batches.batch, self.progress.step)
            while self.progress.step < self.total_steps and not self._stopping(stop):
                step = self.progress.step
                batch = ahead.result()
                ahead = pool.submit(self.batches.batch, step + 1)
                values = self._step(step, batch)
                self.progress.step += 1
                bar.update()
                if step % 20 == 0 and self.processes.first:
                    bar.set_postfix(loss=f"{values['loss']:.4f}", steps=f"{values['steps']:.2f}")
                    self._log(values, step)
                epoch, place = divmod(self.progress.step, per_epoch)
                ended = self.progress.step == self.total_steps
                if place == 0 and (epoch % self.recipe.validate_every == 0 or ended) and self.processes.first:
                    self._validate(bar)
                if place == 0 or ended or time.monotonic() - saved > SAVE_SECONDS:
                    self._save()
                    saved = time.monotonic()
        if self._stopping(stop):
            self._save()
        for logger in self.fabric.loggers:
            logger.finalize("stopped" if self._stopping(stop) else "success")

    def _stopping(self, stop: threading.Event) -> bool:
        """Whether to stop: of several processes all or none, after the step in which one of them was asked."""
        if self.processes.count == 1:
            return stop.is_set()
        if self._told_to_stop and self.progress.stopped_by is None:
            self.progress.stopped_by = signal.SIGTERM
        return self._told_to_stop

    def _step(self, step: int, batch: Any) -> dict[str, float]:
        recipe = self.recipe
        torch.manual_seed((recipe.seed + 1) * 1_000_003 + step)
        self.model.train()
        freeze_stages(self._trained, recipe.frozen_stages)
        device = self.fabric.device
        if self.processes.count > 1 and batch.image_of is not None:
            raise InputError("several descriptions an image are trained on by one process: start without torchrun")
        share = self.processes.share
        image = share(batch.image).to(device, memory_format=torch.channels_last)
        exploring = step < recipe.exploration * self.total_steps
        limit = self.training_set.limits(step)
        hints = None if batch.hints is None else share(batch.hints).to(device)
        image_of = None if batch.image_of is None else batch.image_of.to(device)
        bf16 = torch.autocast(device.type, torch.bfloat16, enabled=recipe.precision == "bf16")
        with bf16, self.processes.draws():
            own = self.model(
                image, share(batch.ids).to(device), hints, image_of, max_steps=limit, uniform_stops=exploring
            )
        with bf16:
            out = self.processes.whole(own)
            task = self.training_set.loss(out, batch)
        steps = out.trace.expected_steps()
        loss = task if recipe.model.estimator == "posterior" else task + self.progress.price * steps
        adversary = self.adversary if step >= recipe.adversary.after * self.total_steps else None
        if adversary:
            loss = loss + adversary.persuade(out, batch)
        self._check_finite("the loss is", loss.item(), step, batch)
        self.optimizer.zero_grad(set_to_none=True)
        self.fabric.backward(loss)
        asked = self.progress.stopped_by is not None
        self._told_to_stop = self.processes.sum_gradients(self.model.parameters(), asked)
        norm = self.fabric.clip_gradients(self.model, self.optimizer, max_norm=1.0, error_if_nonfinite=False)
        self._check_finite("the norm of the gradients is", cast(torch.Tensor, norm).item(), step, batch)
        self.optimizer.step()
        self.schedule.step()
        self.average.update_parameters(self._trained)
        judged = {"discriminator": adversary.learn(out, batch)} if adversary else {}
        for name, value in judged.items():
            self._check_finite(f"the loss of the {name} is", value, step, batch)
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

    def _check_finite(self, what: str, value: float, step: int, batch: Any) -> None:
        if not math.isfinite(value):
            place = self.folder / "bad-batch.pt"
            if self.processes.first:
                save_tensors(place, asdict(batch))
            raise ResourceError(f"{what} {value} at step {step}; its batch is in '{place}'")

    def _log(self, values: dict[str, float], step: int) -> None:
        self.rows.append({"step": step, **values})
        self.fabric.log_dict(values, step)

    def _validate(self, bar: Any) -> None:
        model = cast(EditingModel, self.average.module).eval()
        figures, sheet = self.training_set.validate(model)
        step = self.progress.step
        self._log({f"val_{k}": v for k, v in figures.items()}, step)
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
        if not self.processes.first:
            return
        state = {
            "model": self._trained.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "adversary": self.adversary.state_dict() if self.adversary else {},
            "progress": dict(vars(self.progress), stopped_by=None),
            "metrics": self.rows,
            "recipe": json.dumps(recipe_dict(self.recipe)),
        }
        write_metrics(self.folder / "logs" / "metrics.csv", self.rows)
        save_checkpoint(self.last, state)
        self.saved_step = self.progress.step

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
        self.rows = list(state.get("metrics", ()))  # runs that an older version began have none
        self.saved_step = self.progress.step
