"""Recurrent attentive fusion: every region reads the words until its termination gate says it has understood.

Source: Chen et al., "Language-Based Image Editing with Recurrent Attentive Models", CVPR 2018, section 4.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lbie.model.config import ModelConfig
from lbie.model.fusion_layers import fact_weights, layers, low_where_not, one_question
from lbie.model.fusion_trace import FusionRead, FusionSaid, FusionStart, FusionStep, FusionTrace
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
            self.ask = layers(width, config.key_layers)
            self.tell = nn.Linear(width, 3 * width)
        if config.by_sentence and config.attention:
            self.sentence_key = layers(width, config.key_layers)
            self.recency = nn.Parameter(torch.tensor(0.5))
            """Of two sentences that fit equally well the later one gets exp(recency) times the attention."""
            self.nothing = nn.Parameter(torch.zeros(1)) if config.nothing else None
            """How well a sentence has to fit to get more attention than nothing."""
        self.facts = config.facts
        if config.facts:
            # Whom a sentence means, and whose colour it takes, by what is known of pieces.
            facts = fact_values(config.categories)
            self.sentence_fact, self.lookup_fact = fact_weights(width, facts), fact_weights(width, facts)
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
        seen = self.see(state, around)
        address = self.address(seen).view(len(seen), -1, self.width) if self.lookup else None  # (B, H * W * Q, D)
        query, hidden, size = self.query_of(seen), self.hidden_of(state), (height, width)
        return FusionStart(state, query, hidden, size, address, around, there, facts)

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

    def hidden_of(self, state: Tensor) -> Tensor:
        """The GRU's recurrent side: (B, K, D) to (B, K, 3 D)."""
        return F.linear(state, self.update.weight_hh, self.update.bias_hh)

    def query_of(self, seen: Tensor) -> Tensor:
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
        sentences = one_question(fits, self.nothing)  # (B, K, S)
        within = scores.unflatten(-1, (sentences.shape[-1], -1)).softmax(-1)  # (B, K, S, N / S)
        return (sentences.unsqueeze(-1) * within).flatten(2), sentences

    def step(
        self, state: Tensor, query: Tensor, hidden: Tensor, read: FusionRead, chosen: Tensor | None = None
    ) -> FusionStep:
        """One step of regions with states (B, K, D), which are those `chosen` (B, K), or all."""
        asks, two = self.questions * self.width, 2 * self.width
        weights, sentences = self._attend(query[..., :asks], read, chosen)
        language, found = weights @ read.value, None  # (B, K, D), or (B, K, 3 D) where that is done early
        if read.early:
            inputs = language
        elif read.sentence_key is None:
            inputs = weights @ self.inputs_of(read.value)  # the same, of fewer vectors
        else:
            inputs = self.inputs_of(language)
        if read.address is not None and read.states is not None:
            asked = self.ask(language) + query[..., asks:]
            fits = asked @ read.address.transpose(1, 2) * self.width**-0.5  # (B, K, R * Q)
            if read.address_blocked is not None:
                fits = fits + read.address_blocked
            fits = fits.unflatten(2, (-1, self.questions))
            if read.lookup_facts is not None and sentences is not None:
                fits = fits + (sentences @ read.lookup_facts.transpose(1, 2)).unsqueeze(-1)
            found = one_question(fits)  # (B, K, R)
            # What is told is linear in the states, and the weights sum to 1: it is told of the states' mean.
            inputs = inputs + self.tell(found @ read.states)
        gates = torch.sigmoid(inputs[..., :two] + hidden[..., :two])
        reset, update = gates[..., : self.width], gates[..., self.width :]
        new = torch.tanh(torch.addcmul(inputs[..., two:], reset, hidden[..., two:]))
        state = torch.addcmul(new, update, state - new)
        return FusionStep(state, self.gate(state).squeeze(-1), weights, sentences, found)

    def inputs_of(self, language: Tensor) -> Tensor:
        """Language vectors (..., D) to what they bring to the GRU's gates, (..., 3 D)."""
        return F.linear(language, self.update.weight_ih, self.update.bias_ih)

    def _read(self, start: FusionStart, language: Language) -> FusionRead:
        """Keys and values of the language, and what regions look up of each other at first."""
        # The GRU's input side is linear and the weights sum to 1: it is applied where there are fewer vectors. A lookup
        # has to ask with the language itself.
        early = not self.lookup and language.words.shape[1] <= start.state.shape[1]
        sentences, there = language.sentences, None
        if sentences is not None:
            there = language.mask.unflatten(1, (sentences.shape[1], -1)).any(2)  # (B, S)
        said = self.say(language.words, sentences, early)
        read = self.read(said, early, language.mask, there)
        if self.lookup:
            read.address, read.states = start.address, start.state
            if start.there is not None:
                blocked = low_where_not(start.there, start.state.dtype)  # (B, R)
                read.address_blocked = blocked.repeat_interleave(self.questions, 1)[:, None]
        if start.facts is not None and said.sentence_fact is not None and said.lookup_fact is not None:
            read.sentence_facts = start.facts @ said.sentence_fact.transpose(1, 2)
            read.lookup_facts = start.facts @ said.lookup_fact.transpose(1, 2)
        if self.lookup and said.sentence_key is not None and language.colour is not None:
            named = language.colour.unflatten(1, (said.sentence_key.shape[1], -1)) >= 0
            read.refers = (~named.any(2)).to(said.key.dtype)
        return read

    def say(self, words: Tensor, sentences: Tensor | None, early: bool) -> FusionSaid:
        """What words (B, N, D) and sentences (B, S, D) say to any image; for `early` see `FusionRead`."""
        words = self.norm(words)
        value = self.value(words)
        said = FusionSaid(self.key(words), self.inputs_of(value) if early else value)
        if sentences is not None and self.attention:
            sentences = self.norm(sentences)
            said.sentence_key = self.sentence_key(sentences)
            if self.facts:
                said.sentence_fact, said.lookup_fact = self.sentence_fact(sentences), self.lookup_fact(sentences)
        return said

    def read(self, said: FusionSaid, early: bool, mask: Tensor, there: Tensor | None) -> FusionRead:
        """What was said, with the words (B, N) and the sentences (B, S) that there are."""
        read = FusionRead(said.key, said.value, early, low_where_not(mask, said.key.dtype)[:, None])
        if said.sentence_key is not None and there is not None:
            order = self.recency * torch.arange(there.shape[1], device=there.device)
            read.sentence_key = said.sentence_key
            read.sentence_blocked = (low_where_not(there, order.dtype) + order)[:, None]
        return read

    def _windows(self, height: int, width: int, device: torch.device) -> Tensor:
        """The regions in the window around each region, see `FusionStart.around`."""
        reach = torch.arange(self.context_size, device=device) - self.context_size // 2
        y, x = (torch.arange(side, device=device)[:, None] + reach for side in (height, width))  # (side, size)
        index = y[:, None, :, None] * width + x[:, None]  # (H, W, size, size)
        inside = ((y >= 0) & (y < height))[:, None, :, None] & ((x >= 0) & (x < width))[:, None]
        return torch.where(inside, index, height * width).flatten(2).flatten(0, 1)  # (H * W, size ** 2)

    def see(self, state: Tensor, around: Tensor | None, chosen: Tensor | None = None) -> Tensor:
        """What chosen regions see: their states (B, K, D), with the neighbours' mixed in where there is a context.

        `state` is (B, H * W, D), `chosen` (B, K) indices into the regions (None: all).
        """
        own = state if chosen is None else gather(state, chosen)
        if around is None:
            return self.norm(own)
        padded = F.pad(self.context_narrow(state), (0, 0, 0, 1))  # the last row stands for what lies outside
        batch = state.shape[0]
        nearby = around.expand(batch, -1, -1) if chosen is None else around[chosen]  # (B, K, size ** 2)
        neighbours = gather(padded, nearby.flatten(1)).view(batch, nearby.shape[1], -1)  # (B, K, size ** 2 * D / 3)
        return self.norm(own + self.context_mix(F.relu(self.context_window(neighbours))))

    def _train(self, start: FusionStart, read: FusionRead, steps: int, uniform_stops: bool) -> FusionTrace:
        state, query, hidden, (height, width) = start.state, start.query, start.hidden, start.size
        batch, _, depth = state.shape
        taken, log_stop = [], []
        first = read.states
        log_running = state.new_zeros(state.shape[:2])
        for step in range(steps):
            if step:
                query, hidden = self.query_of(self.see(state, start.around)), self.hidden_of(state)
                if first is not None:
                    late = torch.rand(batch, height * width, 1, device=state.device) < self.lookup_delay
                    read.states = torch.where(late, first, state)
            taken.append(self.step(state, query, hidden, read))
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
                query, hidden = self.query_of(self.see(state, start.around, chosen)), self.hidden_of(own)
            made = self.step(own, query, hidden, read, chosen)
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
            if chosen is None:
                state, stopped = new, stops
            else:
                state = put(state, chosen, new)
                stopped = torch.zeros_like(running).scatter(1, chosen, stops)
            if read.states is not None:
                read.states = state
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
