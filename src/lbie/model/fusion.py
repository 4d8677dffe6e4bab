"""Recurrent attentive fusion: every region reads the words until its termination gate says it has understood.

Source: Chen et al., "Language-Based Image Editing with Recurrent Attentive Models", CVPR 2018, section 4.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lbie.model.config import ModelConfig
from lbie.model.fusion_trace import FusionRead, FusionStart, FusionStep, FusionTrace
from lbie.model.language_encoder import Language
from lbie.model.piece_facts import fact_values
from lbie.model.rows import gather, put


class RecurrentAttentiveFusion(nn.Module):
    """Per region: attend over the words, update the state with a GRU, decide whether to stop; up to T steps."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.width
        self.width, self.context_size = width, config.context
        self.attention, self.temperature = config.attention, config.gumbel_temperature
        self.stop_probability, self.gumbel = config.stop_probability, config.estimator == "gumbel"
        self.norm = nn.LayerNorm(width, elementwise_affine=False) if config.normalise else nn.Identity()
        self.questions = config.questions
        self.query = nn.Linear(width, config.questions * width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.update = nn.GRUCell(width, width)
        self.gate = nn.Linear(width, 1)
        nn.init.constant_(self.gate.bias, -1.0)  # begin by going on more often than not
        self.lookup, self.lookup_delay = config.lookup, config.lookup_delay
        if config.lookup:
            self.address = nn.Linear(width, config.questions * width)
            self.lookup_query = nn.Linear(width, width)
            self.ask = _layers(width, config.key_layers)
            self.tell = nn.Linear(width, 3 * width)
        if config.by_sentence and config.attention:
            self.sentence_key = _layers(width, config.key_layers)
            self.recency = nn.Parameter(torch.tensor(0.5))
            """Of two sentences that fit equally well the later one gets exp(recency) times the attention."""
            self.nothing = nn.Parameter(torch.zeros(1)) if config.nothing else None
            """How well a sentence has to fit to get more attention than nothing."""
        if config.facts:
            # Whom a sentence means, and whose colour it takes, by what is known of pieces.
            facts = fact_values(config.categories)
            self.sentence_fact, self.lookup_fact = _weights(width, facts), _weights(width, facts)
        if self.context_size:
            narrow = max(1, width // 3)
            self.context_narrow = nn.Linear(width, narrow)
            self.context_window = nn.Linear(self.context_size**2 * narrow, width)
            self.context_mix = nn.Linear(width, width)

    def begin(self, regions: Tensor, there: Tensor | None = None, facts: Tensor | None = None) -> FusionStart:
        """Prepare regions (B, D, H, W) for any number of sentences.

        Args:
            regions: what the image encoder made of them.
            there: (B, H * W) bool: which are any; None: all.
            facts: (B, H * W, F), for a model that reads them.
        """
        height, width = regions.shape[-2:]
        state = self.norm(regions.flatten(2).transpose(1, 2)).contiguous()  # (B, H * W, D)
        around = self._windows(height, width, state.device) if self.context_size else None
        seen = self._seen(state, around)
        address = self.address(seen).view(len(seen), -1, self.width) if self.lookup else None  # (B, H * W * Q, D)
        size = (height, width)
        return FusionStart(state, self._query(seen), self._hidden(state), size, address, around, there, facts)

    def forward(
        self,
        start: FusionStart,
        language: Language,
        max_steps: int,
        *,
        force_steps: int | None = None,
        with_attention: bool = False,
        uniform_stops: bool = False,
    ) -> FusionTrace:
        """Fuse language into regions.

        Args:
            start: what `begin` returned for the regions.
            language: what the language encoder returned for the descriptions.
            max_steps: T.
            force_steps: ignore the gates and stop every region after this many steps.
            with_attention: keep the attention of every step.
            uniform_stops: in training, draw the stopping steps evenly instead of asking the gates, so that every
                step becomes good before the gates choose among them.

        Returns:
            The trace. In training mode all steps run and the state is a Gumbel draw over stopping steps;
            otherwise only running regions are updated and the loop ends when none runs. A region stops when the
            probability of having stopped reaches `stop_probability` (0.5: the median of its stopping step), and where
            colours are taken by reference not before that of the region which it takes its own from.
        """
        if self.training and force_steps is None:
            return self._train(start, self._read(start, language), max_steps, uniform_stops)
        steps = force_steps or max_steps
        return self._infer(start, self._read(start, language), steps, force_steps is not None, with_attention)

    def _hidden(self, state: Tensor) -> Tensor:
        """The GRU's recurrent side: (B, K, D) to (B, K, 3 D)."""
        return F.linear(state, self.update.weight_hh, self.update.bias_hh)

    def _query(self, seen: Tensor) -> Tensor:
        """What regions ask the language, and with a lookup each other: (B, K, Q D) or (B, K, (Q + 1) D)."""
        query = self.query(seen)
        return torch.cat([query, self.lookup_query(seen)], -1) if self.lookup else query

    def _attend(self, query: Tensor, read: FusionRead, chosen: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """Attention (B, K, N) over the words and (B, K, S) over the sentences, of queries (B, K, Q D)."""
        batch, regions, _ = query.shape
        if not self.attention:
            return read.blocked.softmax(-1).expand(-1, regions, -1), None
        scale = self.width**-0.5
        scores = torch.baddbmm(read.blocked, query[..., : self.width], read.key.transpose(1, 2), alpha=scale)
        if read.sentence_key is None or read.sentence_blocked is None:
            return scores.softmax(-1), None
        asked = query.reshape(batch, regions * self.questions, self.width)
        fits = torch.baddbmm(read.sentence_blocked, asked, read.sentence_key.transpose(1, 2), alpha=scale)
        fits = fits.view(batch, regions, self.questions, -1).transpose(2, 3)  # (B, K, S, Q)
        if read.sentence_facts is not None:
            known = read.sentence_facts if chosen is None else gather(read.sentence_facts, chosen)
            fits = fits + known.unsqueeze(-1)
        sentences = self._any_question(fits, self.nothing)  # (B, K, S)
        within = scores.unflatten(-1, (sentences.shape[-1], -1)).softmax(-1)  # (B, K, S, N / S)
        return (sentences.unsqueeze(-1) * within).flatten(2), sentences

    def _any_question(self, scores: Tensor, nothing: Tensor | None = None) -> Tensor:
        """Scores (B, K, C, Q) of C candidates to attention (B, K, C): one question that fits is enough.

        With a score of `nothing`, which is the same to all regions, that gets the rest of the attention.
        """
        if nothing is None:
            return scores.flatten(2).softmax(-1).view(scores.shape).sum(-1)
        all_scores = torch.cat([scores.flatten(2), nothing.expand(*scores.shape[:2], 1)], -1)  # (B, K, C * Q + 1)
        return all_scores.softmax(-1)[..., :-1].reshape(scores.shape).sum(-1)

    def _step(
        self, state: Tensor, query: Tensor, hidden: Tensor, read: FusionRead, chosen: Tensor | None = None
    ) -> FusionStep:
        """One step of regions with states (B, K, D), which are those `chosen` (B, K), or all."""
        asks, two = self.questions * self.width, 2 * self.width
        weights, sentences = self._attend(query[..., :asks], read, chosen)
        language, found = weights @ read.value, None
        inputs = language if read.early else self._inputs(language)  # (B, K, 3 D)
        if read.address is not None and read.told is not None:
            asked = self.ask(language) + query[..., asks:]
            fits = asked @ read.address.transpose(1, 2) * self.width**-0.5  # (B, K, R * Q)
            if read.address_blocked is not None:
                fits = fits + read.address_blocked
            fits = fits.unflatten(2, (-1, self.questions))
            if read.lookup_facts is not None and sentences is not None:
                fits = fits + (sentences @ read.lookup_facts.transpose(1, 2)).unsqueeze(-1)
            found = self._any_question(fits)  # (B, K, R)
            inputs = torch.baddbmm(inputs, found, read.told)
        reset, update = torch.sigmoid(inputs[..., :two] + hidden[..., :two]).chunk(2, -1)
        new = torch.tanh(torch.addcmul(inputs[..., two:], reset, hidden[..., two:]))
        state = torch.lerp(new, state, update)
        return FusionStep(state, self.gate(state).squeeze(-1), weights, sentences, found)

    def _inputs(self, language: Tensor) -> Tensor:
        """Language vectors (..., D) to what they bring to the GRU's gates, (..., 3 D)."""
        return F.linear(language, self.update.weight_ih, self.update.bias_ih)

    def _read(self, start: FusionStart, language: Language) -> FusionRead:
        """Keys and values of the language, and what the regions tell each other at first."""
        none = start.state.new_zeros(())
        low = none + torch.finfo(none.dtype).min / 2
        blocked = torch.where(language.mask, none, low)[:, None]  # (B, 1, N)
        # The GRU's input side is linear and the weights sum to 1: it is applied where there are fewer vectors. A lookup
        # has to ask with the language itself.
        words = self.norm(language.words)
        value, early = self.value(words), not self.lookup and words.shape[1] <= start.state.shape[1]
        read = FusionRead(self.key(words), self._inputs(value) if early else value, early, blocked)
        if self.lookup:
            read.address, read.told = start.address, self.tell(start.state)
            if start.there is not None:
                read.address_blocked = torch.where(start.there, none, low).repeat_interleave(self.questions, 1)[:, None]
        if language.sentences is not None and self.attention:
            sentences = self.norm(language.sentences)
            read.sentence_key = self.sentence_key(sentences)
            count = language.sentences.shape[1]
            there = language.mask.unflatten(1, (count, -1)).any(2)  # (B, S)
            order = self.recency * torch.arange(count, device=there.device)
            read.sentence_blocked = torch.where(there, order, low)[:, None]
            if start.facts is not None:
                read.sentence_facts = start.facts @ self.sentence_fact(sentences).transpose(1, 2)
                read.lookup_facts = start.facts @ self.lookup_fact(sentences).transpose(1, 2)
            if self.lookup and language.colour is not None:
                read.refers = (language.colour < 0).unflatten(1, (count, -1)).all(2).to(none.dtype)
        return read

    def _windows(self, height: int, width: int, device: torch.device) -> Tensor:
        """The regions in the window around each region, see `FusionStart.around`."""
        index = torch.arange(height * width, device=device).view(1, 1, height, width).float()
        index = F.pad(index, (self.context_size // 2,) * 4, value=height * width)
        return F.unfold(index, self.context_size).long().squeeze(0).T  # (H * W, size ** 2)

    def _seen(self, state: Tensor, around: Tensor | None, chosen: Tensor | None = None) -> Tensor:
        """What chosen regions see: their states (B, K, D), with the neighbours' mixed in where there is a context.

        `state` is (B, H * W, D), `chosen` (B, K) indices into the regions (None: all).
        """
        own = state if chosen is None else gather(state, chosen)
        if around is None:
            return self.norm(own)
        padded = F.pad(self.context_narrow(state), (0, 0, 0, 1))  # the last row stands for what lies outside
        batch = len(state)
        nearby = around.expand(batch, -1, -1) if chosen is None else around[chosen]  # (B, K, size ** 2)
        neighbours = gather(padded, nearby.flatten(1)).view(batch, nearby.shape[1], -1)  # (B, K, size ** 2 * D / 3)
        return self.norm(own + self.context_mix(F.relu(self.context_window(neighbours))))

    def _train(self, start: FusionStart, read: FusionRead, steps: int, uniform_stops: bool) -> FusionTrace:
        state, query, hidden, (height, width) = start.state, start.query, start.hidden, start.size
        batch, _, depth = state.shape
        taken, log_stop = [], []
        first = read.told
        log_running = state.new_zeros(state.shape[:2])
        for step in range(steps):
            if step:
                query, hidden = self._query(self._seen(state, start.around)), self._hidden(state)
                if first is not None:
                    late = torch.rand(batch, height * width, 1, device=state.device) < self.lookup_delay
                    read.told = torch.where(late, first, self.tell(state))
            taken.append(self._step(state, query, hidden, read))
            state, gate = taken[-1].state, taken[-1].gate
            last = step == steps - 1
            log_stop.append(log_running if last else log_running + F.logsigmoid(gate))
            log_running = log_running + F.logsigmoid(-gate)
        all_states = torch.stack([s.state for s in taken], 1)  # (B, T, H * W, D)
        log_p = torch.stack(log_stop, 1)  # (B, T, H * W)
        if uniform_stops:
            log_p = torch.full_like(log_p, -math.log(steps))
        draw = F.gumbel_softmax(log_p, self.temperature, hard=True, dim=1)
        if not self.gumbel:
            draw = draw.detach()  # the gates learn from the likelihoods of the steps, not from the draw
        final = (draw.unsqueeze(-1) * all_states).sum(1)  # (B, H * W, D)
        return FusionTrace(
            final.transpose(1, 2).reshape(batch, depth, height, width),
            draw.argmax(1).view(batch, height, width) + 1,
            None,
            log_p.view(batch, steps, height, width),
            all_states,
            _stack([s.sentences for s in taken]),
            _stack([s.found for s in taken]),
            batch * height * width * steps,
        )

    def _infer(
        self, start: FusionStart, read: FusionRead, steps: int, forced: bool, with_attention: bool
    ) -> FusionTrace:
        state, (height, width) = start.state, start.size
        batch, count, depth = state.shape
        stop_step = torch.full((batch, count), steps, device=state.device)
        running = torch.ones(batch, count, dtype=torch.bool, device=state.device)
        survival = torch.ones(batch, count, device=state.device, dtype=state.dtype)
        attention, executed = [], 0
        for step in range(1, steps + 1):
            most = int(running.sum(1).max())
            if most == 0:
                break
            # The running regions of each image first, padded with stopped ones to the longest list of the batch.
            chosen = None if most == count else running.int().argsort(dim=1, descending=True, stable=True)[:, :most]
            own = state if chosen is None else gather(state, chosen)
            if step == 1:
                query, hidden = start.query, start.hidden
            else:
                query, hidden = self._query(self._seen(state, start.around, chosen)), self._hidden(own)
            made = self._step(own, query, hidden, read, chosen)
            new, weights = made.state, made.weights
            live = running if chosen is None else running.gather(1, chosen)
            if batch > 1:
                new = torch.where(live.unsqueeze(-1), new, own)
            executed += int(live.sum())
            stops = torch.zeros_like(live)
            if not forced:
                left = survival if chosen is None else survival.gather(1, chosen)
                left = left * torch.sigmoid(-made.gate)
                survival = left if chosen is None else survival.scatter(1, chosen, left)
                stops = live & (1 - left >= self.stop_probability)
                if read.refers is not None:
                    stops = stops & ~made.waits(running, read.refers)
            if with_attention:
                if batch > 1:
                    weights = weights * live.unsqueeze(-1)
                blank = weights.new_zeros(batch, count, weights.shape[-1])
                attention.append(weights if chosen is None else put(blank, chosen, weights))
            if read.told is not None:
                told = self.tell(new)
                read.told = told if chosen is None else put(read.told, chosen, told)
            if chosen is None:
                state, stopped = new, stops
            else:
                state = put(state, chosen, new)
                stopped = torch.zeros_like(running).scatter(1, chosen, stops)
            stop_step = torch.where(stopped, step, stop_step)
            running = running & ~stopped
        maps = None
        if with_attention:
            attention += [torch.zeros_like(attention[0])] * (steps - len(attention))
            maps = torch.stack(attention, 1).transpose(2, 3).reshape(batch, steps, -1, height, width)
        return FusionTrace(
            state.transpose(1, 2).reshape(batch, depth, height, width),
            stop_step.view(batch, height, width),
            maps,
            executed=executed,
        )


def _stack(maps: list[Tensor | None]) -> Tensor | None:
    """What each of T steps brought, (B, K, C), as (B, T, K, C); None where they brought nothing."""
    there = [m for m in maps if m is not None]
    return torch.stack(there, 1) if there else None


def _weights(width: int, facts: int) -> nn.Module:
    """Language vectors to how much each fact counts; nothing counts at first."""
    last = nn.Linear(2 * width, facts)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), last)


def _layers(width: int, layers: int) -> nn.Module:
    """Vectors to vectors. A layer in between can tell a pair of things (above, circle) from either of them."""
    if layers == 1:
        return nn.Linear(width, width)
    between = [nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width)]
    return nn.Sequential(*between, nn.LayerNorm(width, elementwise_affine=False))
