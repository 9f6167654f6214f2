"""A network that learned sequences of triggers, and attention that stands for its own."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import GPT2LMHeadModel

from tasks._data import decoders
from tasks._data.decoders import Shape
from tasks._data.triggers import triggers

SHAPE = Shape(n_layers=2, n_heads=2, width=32, length=32, batch=64, steps=500, rate=5e-3)
SHORT = Shape(n_layers=1, n_heads=2, width=8, length=12, batch=4, steps=3)


@pytest.fixture(scope="module")
def world():
    return triggers(np.random.default_rng(0), n_tokens=20, n_triggers=3, n_classes=2)


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def untrained(world, **other):
    shape = Shape(**{**vars(SHORT), **other})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = decoders._fresh(shape, world.n_tokens).eval()
    tokens = world.draw(np.random.default_rng(1), 6, shape.length)
    return model, tokens


@pytest.mark.slow
@pytest.mark.parametrize("cosine", [False, True])
def test_a_network_learns_both_skills(world, cosine):
    shape = Shape(**{**vars(SHAPE), "cosine": cosine})
    found = decoders.trained(np.random.default_rng(1), world, shape)
    assert found.world is world
    assert found.accuracy > 0.95
    assert found.divergence < 0.15
    again = decoders.report(found.model, world, world.draw(np.random.default_rng(9), 200, 32))
    assert again["accuracy"] == pytest.approx(found.accuracy, abs=0.05)


def test_our_attention_is_that_of_the_class(world):
    model, tokens = untrained(world)
    theirs = GPT2LMHeadModel(model.config).eval()
    theirs.set_attn_implementation("eager")
    theirs.load_state_dict(model.state_dict())
    with torch.no_grad():
        wanted = theirs(torch.from_numpy(tokens)).logits
    torch.testing.assert_close(decoders.logits(model, tokens), wanted)


@pytest.mark.parametrize("cosine", [False, True])
def test_maps_of_what_was_seen_give_the_same_logits(world, cosine):
    model, tokens = untrained(world, cosine=cosine)
    logits, layers = decoders.recorded(model, tokens)
    (seen,) = layers
    assert seen.layer == 0 and seen.x.shape == (6, 12, 8) and seen.key.shape == (6, 2, 12, 4)
    by_maps = decoders.logits(
        model, tokens, lambda seen: decoders.maps(seen.query, seen.key) @ seen.value
    )
    torch.testing.assert_close(by_maps, logits)
    if cosine:
        torch.testing.assert_close(seen.key.norm(dim=-1), torch.ones(6, 2, 12))


def test_what_is_seen_is_projected_from_x(world):
    model, tokens = untrained(world)
    _, (seen,) = decoders.recorded(model, tokens)
    layer = model.transformer.h[0].attn.c_attn
    query, key, value = (seen.x @ layer.weight + layer.bias).split(8, -1)
    for mine, theirs in zip((query, key, value), seen[2:], strict=True):
        torch.testing.assert_close(mine.view(6, 12, 2, 4).transpose(1, 2), theirs)


def test_another_attention_is_obeyed_and_then_forgotten(world):
    model, tokens = untrained(world)
    before = decoders.logits(model, tokens)
    nothing = decoders.logits(model, tokens, lambda seen: torch.zeros_like(seen.value))
    assert not torch.allclose(nothing, before)
    torch.testing.assert_close(decoders.logits(model, tokens), before)
    with pytest.raises(ZeroDivisionError), decoders.attending(model, lambda seen: 1 / 0):
        model(torch.from_numpy(tokens))
    torch.testing.assert_close(decoders.logits(model, tokens), before)


def test_the_future_is_not_seen(world):
    model, tokens = untrained(world)
    other = tokens.copy()
    other[:, 8:] = (other[:, 8:] + 1) % world.n_tokens
    one, two = (decoders.logits(model, of)[:, :8] for of in (tokens, other))
    torch.testing.assert_close(one, two)


def test_divergence_is_that_of_two_distributions():
    p, q = np.array([0.5, 0.25, 0.25]), np.array([0.2, 0.2, 0.6])
    dense, changed = (torch.log(torch.tensor(x))[None, None] for x in (p, q))
    found = decoders.divergence(dense, changed + 3)
    assert float(found) == pytest.approx(float((p * np.log(p / q)).sum()))
    assert float(decoders.divergence(dense, dense)) == pytest.approx(0, abs=1e-15)


def test_what_is_not_learned_is_drawn_again_and_then_given_up(cache, monkeypatch):
    tried = []

    def learn(*, seed, table, **_):
        tried.append((seed, str(table)))
        return {"accuracy": 0.95 if len(tried) == 3 else 0.1, "divergence": 0.0}

    monkeypatch.setattr(decoders, "learn", learn)
    monkeypatch.setattr(decoders, "unpacked", sorted)
    found = decoders.trained(np.random.default_rng(0), (20, 3, 2), SHORT)
    assert found[0] == [] and found[2:] == (0.95, 0)
    assert len(set(tried)) == len({table for _, table in tried}) == 3
    assert tried[-1][1] == str(found.world.table.tolist())
    with pytest.raises(RuntimeError, match="No network learned in context in 8 tries"):
        decoders.trained(np.random.default_rng(1), (20, 3, 2), SHORT)


def test_a_world_that_is_given_is_not_drawn_again(world, cache, monkeypatch):
    seeds = []

    def learn(*, seed, **_):
        seeds.append(seed)
        return {"accuracy": 0.95 if len(seeds) == 2 else 0.1, "divergence": 0.0}

    monkeypatch.setattr(decoders, "learn", learn)
    monkeypatch.setattr(decoders, "unpacked", sorted)
    assert decoders.trained(np.random.default_rng(0), world, SHORT).world is world
    assert len(set(seeds)) == 2


def test_a_network_is_kept_and_read_as_it_was_trained(world, cache):
    short = replace(SHORT, learned=0.0)
    first, kept, other = (
        decoders.trained(np.random.default_rng(seed), world, short) for seed in (0, 0, 1)
    )
    tokens = world.draw(np.random.default_rng(1), 3, 12)
    one, same, another = (decoders.logits(of.model, tokens) for of in (first, kept, other))
    torch.testing.assert_close(same, one)
    assert first[2:] == kept[2:]
    assert not torch.allclose(another, one)


def test_projections_make_the_queries_and_keys_that_attention_is_given(world):
    model, tokens = untrained(world)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.1  # biases start at 0
    own = decoders.projections(model)
    _, (seen,) = decoders.recorded(model, tokens)
    assert own["q0"].shape == (2, 4, 8) and own["bk0"].shape == (2, 4)
    for letter, wanted in (("q", seen.query), ("k", seen.key)):
        found = torch.einsum("nld,hrd->nhlr", seen.x, torch.from_numpy(own[f"{letter}0"]))
        found += torch.from_numpy(own[f"b{letter}0"])[:, None]
        torch.testing.assert_close(found, wanted)
