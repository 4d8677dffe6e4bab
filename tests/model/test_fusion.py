"""The fusion against a naive reference: every step for every region, stopped ones put back."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lbie.model.config import ModelConfig
from lbie.model.fusion import RecurrentAttentiveFusion
from lbie.model.fusion_trace import FusionRead, FusionStep, FusionTrace
from lbie.model.language_encoder import Language

T, WIDTH, HEIGHT, BREADTH = 4, 12, 3, 5
KINDS = [
    pytest.param({"context": context, "attention": attention}, id=f"context{context}-attention{attention}")
    for context in (0, 3)
    for attention in (True, False)
]
KINDS += [
    pytest.param({"lookup": True}, id="lookup"),
    pytest.param(
        {"by_sentence": True, "context": 3, "lookup": True, "normalise": True, "key_layers": 2},
        id="sentences",
    ),
    pytest.param({"by_sentence": True, "context": 3, "lookup": True, "questions": 3, "nothing": True}, id="questions"),
]


def fusion(**values: Any) -> RecurrentAttentiveFusion:
    torch.manual_seed(5)
    return RecurrentAttentiveFusion(ModelConfig(width=WIDTH, max_steps=T, **values)).eval()


def mixed(made: RecurrentAttentiveFusion) -> RecurrentAttentiveFusion:
    """Gates that differ from region to region and from step to step."""
    nn.init.normal_(made.gate.weight, std=3.0, generator=torch.Generator().manual_seed(2))
    nn.init.constant_(made.gate.bias, -1.5)
    return made


def inputs(dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor, Tensor]:
    """Regions (3, D, H, W), words (3, 6, D) and a mask of 6, 4 and 1 words."""
    generator = torch.Generator().manual_seed(7)
    mask = torch.arange(6) < torch.tensor([[6], [4], [1]])
    regions = torch.randn(3, WIDTH, HEIGHT, BREADTH, generator=generator, dtype=dtype)
    return regions, torch.randn(3, 6, WIDTH, generator=generator, dtype=dtype) * mask[..., None], mask


def sentences(made: RecurrentAttentiveFusion, words: Tensor) -> Tensor | None:
    """Vectors (B, S, D) of sentences of two words, where the fusion reads sentence by sentence."""
    return words.unflatten(1, (-1, 2)).mean(2).flip(2) if hasattr(made, "sentence_key") else None


def fuse(
    made: RecurrentAttentiveFusion, regions: Tensor, words: Tensor, mask: Tensor, steps: int, **options: Any
) -> FusionTrace:
    return made(made.begin(regions), Language(words, mask, sentences(made, words)), steps, **options)


def seen_by(made: RecurrentAttentiveFusion, state: Tensor) -> Tensor:
    """What each region sees, (H, W, D), of states (D, H, W)."""
    rows = state.permute(1, 2, 0)
    if not made.context_size:
        return made.norm(rows)
    reach = made.context_size // 2
    padded = F.pad(made.context_narrow(rows), (0, 0, reach, reach, reach, reach))
    seen = rows.new_empty(rows.shape)
    for y in range(rows.shape[0]):
        for x in range(rows.shape[1]):
            window = padded[y : y + made.context_size, x : x + made.context_size].flatten()
            seen[y, x] = made.norm(rows[y, x] + made.context_mix(made.context_window(window).relu()))
    return seen


def attention_of(made: RecurrentAttentiveFusion, query: Tensor, words: Tensor, told: Tensor | None) -> Tensor:
    """Attention over the words (N, D) of one description, whose sentences are `told` (S, D)."""
    if not made.attention:
        return torch.full((len(words),), 1 / len(words))
    scores = made.key(made.norm(words)) @ query[:WIDTH] / WIDTH**0.5
    if told is None:
        return scores.softmax(0)
    order = made.recency * torch.arange(len(told))
    keys = made.sentence_key(made.norm(told))
    fits = torch.stack([keys @ question / WIDTH**0.5 + order for question in query.split(WIDTH)])  # (Q, S)
    rest = 0 if made.nothing is None else made.nothing.exp()
    shares = fits.exp().sum(0) / (fits.exp().sum() + rest)
    return torch.cat([share * part.softmax(0) for share, part in zip(shares, scores.split(2), strict=True)])


def reference(
    made: RecurrentAttentiveFusion, regions: Tensor, words: Tensor, mask: Tensor, steps: int
) -> tuple[Tensor, Tensor, Tensor]:
    """State, stopping steps and attention, one image and one region at a time."""
    finals, stops, maps = [], [], []
    told = sentences(made, words)
    for image in range(len(regions)):
        state = made.norm(regions[image].permute(1, 2, 0)).permute(2, 0, 1)  # (D, H, W)
        count = int(mask[image].sum())
        read = words[image, :count]
        some = None if told is None else told[image, : math.ceil(count / 2)]
        stop, survival = torch.zeros(state.shape[1:], dtype=torch.int64), torch.ones(state.shape[1:])
        attention = torch.zeros(steps, mask.shape[1], *stop.shape)
        addresses = made.address(seen_by(made, state)).flatten(0, 1).unflatten(1, (-1, WIDTH)) if made.lookup else None
        for step in range(1, steps + 1):
            seen = seen_by(made, state)
            asks = made.query(seen)
            asks = torch.cat([asks, made.lookup_query(seen)], -1) if made.lookup else asks
            before, state = state, state.clone()
            for y, x in (stop == 0).nonzero().tolist():
                weights = attention_of(made, asks[y, x, : made.questions * WIDTH], read, some)
                language, old = weights @ made.value(made.norm(read)), before[:, y, x]
                inside = made.update.weight_ih @ language + made.update.bias_ih
                if addresses is not None:
                    asked = asks[y, x, -WIDTH:] + made.ask(language)
                    fits = (addresses @ asked / WIDTH**0.5).exp()  # (H * W, Q)
                    found = fits.sum(1) / fits.sum()
                    inside = inside + found @ made.tell(before.flatten(1).T)
                kept = made.update.weight_hh @ old + made.update.bias_hh
                (r, z, n), (hr, hz, hn) = inside.chunk(3), kept.chunk(3)
                z = (z + hz).sigmoid()
                new = (1 - z) * (n + (r + hr).sigmoid() * hn).tanh() + z * old
                state[:, y, x], attention[step - 1, :count, y, x] = new, weights
                survival[y, x] *= 1 - made.gate(new)[0].sigmoid()
                if survival[y, x] <= 1 - made.stop_probability or step == steps:
                    stop[y, x] = step
        finals.append(state)
        stops.append(stop)
        maps.append(attention)
    return torch.stack(finals), torch.stack(stops), torch.stack(maps)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("steps", [1, T, T + 3])
@torch.no_grad()
def test_gathered_inference_is_the_dense_reference(kind: dict[str, Any], steps: int) -> None:
    made = mixed(fusion(**kind))
    trace = fuse(made, *inputs(), steps, with_attention=True)
    state, stop, attention = reference(made, *inputs(), steps)
    if steps > 1:
        assert len(stop.unique()) > 2, "the gates of this test should be mixed"
        assert (stop == steps).any()
    assert trace.attention is not None
    assert torch.equal(trace.stop_step, stop)
    torch.testing.assert_close(trace.state, state, atol=1e-5, rtol=0)
    torch.testing.assert_close(trace.attention, attention, atol=1e-5, rtol=0)
    assert trace.executed == int(stop.sum())


@torch.no_grad()
def test_a_region_stops_when_it_has_probably_stopped() -> None:
    """Gates that never reach one half still add up: at .3 a step, .7 and then .49 are left."""
    made = fusion()
    nn.init.zeros_(made.gate.weight)
    cases = ((0.5, 0.3, 2), (0.5, 0.2, 4), (0.5, 0.1, 4), (0.5, 0.51, 1), (0.5, 0.49, 2), (0.4, 0.2, 3), (0.4, 0.41, 1))
    for made.stop_probability, stop, expected in cases:
        nn.init.constant_(made.gate.bias, torch.tensor(stop).logit().item())
        assert (fuse(made, *inputs(), T).stop_step == expected).all(), stop


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_attention_sums_to_one_while_running_and_is_zero_after_and_on_padding(kind: dict[str, Any]) -> None:
    regions, words, mask = inputs()
    trace = fuse(mixed(fusion(**kind)), regions, words, mask, T, with_attention=True)
    assert trace.attention is not None and trace.attention.shape == (3, T, 6, HEIGHT, BREADTH)
    ran = trace.stop_step[:, None] >= torch.arange(1, T + 1).view(1, -1, 1, 1)
    total = trace.attention.sum(2)
    if kind.get("nothing"):
        assert (total[ran] < 1).all() and (total[ran] > 0).all() and not total[~ran].any()
    else:
        torch.testing.assert_close(total, ran.float())
    assert not trace.attention[~mask[:, None].expand(-1, T, -1)].any()


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_batched_is_single(kind: dict[str, Any]) -> None:
    made, (regions, words, mask) = mixed(fusion(**kind)), inputs()
    whole = fuse(made, regions, words, mask, T)
    executed = 0
    for i, count in enumerate(mask.sum(1).tolist()):
        own = slice(0, count + count % 2)  # whole sentences of two words
        one = fuse(made, regions[i : i + 1], words[i : i + 1, own], mask[i : i + 1, own], T)
        torch.testing.assert_close(whole.state[i], one.state[0], atol=1e-5, rtol=0)
        assert torch.equal(whole.stop_step[i], one.stop_step[0])
        executed += one.executed
    assert whole.executed == executed


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("bias", "expected"), [(-1e6, T), (1e6, 1)])
@torch.no_grad()
def test_gates_all_open_or_all_closed(kind: dict[str, Any], bias: float, expected: int) -> None:
    made, data = fusion(**kind), inputs()
    nn.init.constant_(made.gate.bias, bias)
    trace, forced = fuse(made, *data, T), fuse(made, *data, T, force_steps=expected)
    assert (trace.stop_step == expected).all() and (forced.stop_step == expected).all()
    torch.testing.assert_close(trace.state, forced.state, atol=1e-6, rtol=0)
    assert trace.executed == forced.executed == 3 * HEIGHT * BREADTH * expected


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_training_states_are_those_of_forced_inference(kind: dict[str, Any]) -> None:
    made, data = mixed(fusion(**kind)), inputs()
    states = fuse(made.train(), *data, T).states
    for steps in range(1, T + 1):
        forced = fuse(made.eval(), *data, T, force_steps=steps).state.flatten(2).transpose(1, 2)
        torch.testing.assert_close(states[:, steps - 1], forced, atol=1e-5, rtol=0)


class FirstStates(FusionRead):
    """Regions look up each other's first states for good."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "states" or getattr(self, name, None) is None:
            super().__setattr__(name, value)


def test_a_delayed_region_shows_what_it_showed_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """With every region delayed, states are those of a fusion whose regions tell of their first states only."""
    made, (regions, words, mask) = fusion(lookup=True, lookup_delay=1 - 1e-9).train(), inputs()
    delayed = fuse(made, regions, words, mask, 3).states
    made.lookup_delay = 0.0
    prompt = fuse(made, regions, words, mask, 3).states
    assert delayed is not None and prompt is not None
    torch.testing.assert_close(delayed[:, 0], prompt[:, 0])
    assert not torch.allclose(delayed[:, 1], prompt[:, 1])
    monkeypatch.setattr("lbie.model.fusion.FusionRead", FirstStates)
    torch.testing.assert_close(delayed, fuse(made, regions, words, mask, 3).states)


def test_training_draws_one_of_the_states() -> None:
    made = mixed(fusion()).train()
    trace = fuse(made, *inputs(), T)
    assert trace.states is not None and trace.log_stop is not None
    places = (trace.stop_step - 1).flatten(1)[:, None, :, None].expand(-1, 1, -1, WIDTH)
    picked = trace.states.gather(1, places)[:, 0]
    torch.testing.assert_close(trace.state.flatten(2).transpose(1, 2), picked, atol=1e-5, rtol=0)
    torch.testing.assert_close(trace.log_stop.exp().sum(1), torch.ones(3, HEIGHT, BREADTH))
    assert trace.stop_step.min() >= 1 and trace.stop_step.max() <= T and len(trace.stop_step.unique()) > 1


def test_stop_probabilities_follow_the_gates() -> None:
    made = mixed(fusion()).train()
    trace = fuse(made, *inputs(), T)
    assert trace.states is not None and trace.log_stop is not None
    stop = made.gate(trace.states)[..., 0].sigmoid().unflatten(2, (HEIGHT, BREADTH))  # (B, T, H, W)
    going = torch.ones_like(stop[:, 0])
    expected = torch.zeros(())
    for t in range(T):
        here = going * (stop[:, t] if t < T - 1 else 1)
        torch.testing.assert_close(trace.log_stop[:, t].exp(), here, atol=1e-6, rtol=1e-4)
        going = going - here
        expected = expected + (t + 1) * here.mean()
    torch.testing.assert_close(trace.expected_steps(), expected)


def test_uniform_stops_ask_no_gate() -> None:
    made = fusion().train()
    nn.init.constant_(made.gate.bias, 1e6)
    regions, words, mask = inputs()
    torch.manual_seed(0)
    trace = fuse(made, regions.repeat(1, 1, 20, 10), words, mask, T, uniform_stops=True)
    shares = torch.bincount(trace.stop_step.flatten(), minlength=T + 1)[1:] / trace.stop_step.numel()
    assert (shares - 1 / T).abs().max() < 0.03
    assert float(trace.expected_steps()) == pytest.approx((T + 1) / 2)


def test_the_draw_gives_gates_a_gradient() -> None:
    made = fusion(context=3).train()
    fuse(made, *inputs(), T).state.square().sum().backward()
    for name, parameter in made.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all(), name
        assert parameter.grad.any() or name == "key.bias", name  # a key's bias moves every score of a region alike


@pytest.mark.parametrize("kind", KINDS)
def test_gradcheck(kind: dict[str, Any]) -> None:
    torch.manual_seed(0)
    made = RecurrentAttentiveFusion(ModelConfig(width=4, **kind)).double().train()
    mask = torch.tensor([[True, True, True, False], [True, True, True, True]])

    def run(regions: Tensor, words: Tensor) -> tuple[Tensor, Tensor]:
        trace: FusionTrace = fuse(made, regions, words, mask, 2)
        assert trace.states is not None and trace.log_stop is not None
        return trace.states, trace.log_stop

    regions = torch.randn(2, 4, 2, 2, dtype=torch.float64, requires_grad=True)
    words = torch.randn(2, 4, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(run, (regions, words))


def test_a_region_waits_for_the_one_whose_colour_it_takes() -> None:
    """One of three regions is told its colour, one takes that of the first, one that of the second."""
    sentences = torch.tensor([[[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]]])
    found = torch.tensor([[[0.3, 0.3, 0.4], [1.0, 0, 0], [0, 1.0, 0]]])
    step = FusionStep(torch.zeros(1, 3, 4), torch.zeros(1, 3), sentences, sentences, found)
    refers = torch.tensor([[0.0, 1.0, 1.0]])
    assert step.waits(torch.tensor([[True, True, True]]), refers).tolist() == [[False, True, True]]
    assert step.waits(torch.tensor([[False, True, True]]), refers).tolist() == [[False, False, True]]
    assert step.waits(torch.tensor([[False, False, True]]), refers).tolist() == [[False, False, False]]
