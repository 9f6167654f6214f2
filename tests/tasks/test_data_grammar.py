"""The random hierarchy model: its counts, its labels without ambiguity, its encoding."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from tasks._data.grammar import HierarchyRules, encode, hierarchy, parse, rules, sample

SMALL = {"n_symbols": 3, "n_classes": 2, "n_synonyms": 3, "n_children": 2, "n_levels": 2}


def produced(drawn: HierarchyRules) -> list[tuple[int, tuple[int, ...]]]:
    """Write out every derivation naively: (label, string), one for each way to choose spellings."""

    def spell(symbol: int, level: int) -> list[tuple[int, ...]]:
        if level == len(drawn.spellings):
            return [(symbol,)]
        strings = []
        for children in drawn.spellings[level][symbol]:
            parts = [spell(int(child), level + 1) for child in children]
            strings += [tuple(itertools.chain(*choice)) for choice in itertools.product(*parts)]
        return strings

    return [(label, s) for label in range(drawn.n_classes) for s in spell(label, 0)]


@pytest.mark.parametrize("seed", range(5))
def test_every_producible_string_has_exactly_one_derivation_and_parses_to_its_label(
    seed: int,
) -> None:
    drawn = rules(np.random.default_rng(seed), **SMALL)
    derivations = produced(drawn)
    assert len(derivations) == drawn.n_strings == 2 * 3**3
    assert len({string for _, string in derivations}) == len(derivations)
    labels, strings = (np.array(column) for column in zip(*derivations, strict=True))
    np.testing.assert_array_equal(parse(drawn, strings), labels)


def test_every_other_string_parses_to_no_label() -> None:
    drawn = rules(np.random.default_rng(0), **SMALL)
    known = {string for _, string in produced(drawn)}
    every = np.array(list(itertools.product(range(3), repeat=4)))
    labels = parse(drawn, every)
    for string, label in zip(every, labels, strict=True):
        assert (label >= 0) == (tuple(string) in known)


def test_no_tuple_spells_two_symbols_of_a_level() -> None:
    drawn = rules(np.random.default_rng(0))
    assert [s.shape for s in drawn.spellings] == [(8, 4, 2)] * 3
    for spelling in drawn.spellings:
        assert len(np.unique(spelling.reshape(-1, 2), axis=0)) == 32


def test_the_default_model_has_131072_strings_and_all_can_be_drawn() -> None:
    rng = np.random.default_rng(0)
    drawn = rules(rng)
    assert drawn.n_strings == 8 * 4**7 == 131072
    tokens, y = sample(drawn, rng, drawn.n_strings)
    assert len(np.unique(tokens, axis=0)) == 131072
    np.testing.assert_array_equal(np.bincount(y), [131072 // 8] * 8)
    np.testing.assert_array_equal(parse(drawn, tokens), y)


def test_one_string_more_than_there_are_is_refused() -> None:
    drawn = rules(np.random.default_rng(0), **SMALL)
    with pytest.raises(ValueError, match="produce 54 distinct strings, 55 were asked for"):
        sample(drawn, np.random.default_rng(0), 55)


@pytest.mark.parametrize("shape", [(8, 8, 4, 2, 3), (5, 3, 2, 3, 2), (16, 10, 8, 2, 5)])
def test_drawn_strings_are_distinct_and_parse_to_their_labels(shape: tuple[int, ...]) -> None:
    names = ("n_symbols", "n_classes", "n_synonyms", "n_children", "n_levels")
    rng = np.random.default_rng(1)
    drawn = rules(rng, **dict(zip(names, shape, strict=True)))
    n = min(2000, drawn.n_strings // 2)
    tokens, y = sample(drawn, rng, n)
    assert tokens.shape == (n, shape[3] ** shape[4])
    assert len(np.unique(tokens, axis=0)) == n
    np.testing.assert_array_equal(parse(drawn, tokens), y)


def test_strings_are_drawn_uniformly() -> None:
    drawn = rules(np.random.default_rng(0), **SMALL)
    rng = np.random.default_rng(1)
    counts: dict[tuple[int, ...], int] = {}
    for _ in range(1000):
        for string in sample(drawn, rng, 27)[0]:
            counts[tuple(string)] = counts.get(tuple(string), 0) + 1
    # 27 of 54 without replacement: each string in half of the 1000 draws, s.d. 16.
    assert len(counts) == 54
    assert max(abs(count - 500) for count in counts.values()) < 80


def test_the_order_of_a_draw_says_nothing_about_the_label() -> None:
    _, y = hierarchy(np.random.default_rng(0), 8000)
    assert abs(np.bincount(y[:4000]) - 500).max() < 110
    assert abs(np.corrcoef(y[:-1], y[1:])[0, 1]) < 0.05


def test_the_code_of_a_symbol_has_mean_zero_and_the_promised_inner_products() -> None:
    codes = encode(np.arange(8)[None], 8)[0, :, 0].astype(float)  # (v, T): a column a symbol
    np.testing.assert_allclose(codes.mean(1), 0, atol=1e-6)
    np.testing.assert_allclose(codes.T @ codes, 8 * np.eye(8) - 1, atol=1e-5)


def test_encoding_keeps_the_place_of_every_token() -> None:
    tokens = np.random.default_rng(0).integers(5, size=(20, 6))
    X = encode(tokens, 5)
    assert (X.shape, X.dtype) == ((20, 5, 1, 6), np.float32)
    np.testing.assert_array_equal(X[:, :, 0].argmax(1), tokens)


def test_hierarchy_draws_rules_and_strings_from_one_generator() -> None:
    X, y = hierarchy(np.random.default_rng(7), 500)
    rng = np.random.default_rng(7)
    tokens, labels = sample(rules(rng), rng, 500)
    np.testing.assert_array_equal(X, encode(tokens, 8))
    np.testing.assert_array_equal(y, labels)
    assert X.shape == (500, 8, 1, 8)
    assert y.dtype == np.int64


def test_the_generator_alone_decides_what_is_drawn() -> None:
    first = hierarchy(np.random.default_rng(3), 200)
    np.random.seed(1)
    torch.manual_seed(1)
    before = np.random.get_state()[1].copy(), torch.get_rng_state()
    second = hierarchy(np.random.default_rng(3), 200)
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(before[0], np.random.get_state()[1])
    assert torch.equal(before[1], torch.get_rng_state())
    assert not np.array_equal(first[0], hierarchy(np.random.default_rng(4), 200)[0])


def test_other_seeds_draw_other_rules() -> None:
    a, b = rules(np.random.default_rng(0)), rules(np.random.default_rng(1))
    tokens, y = sample(a, np.random.default_rng(2), 2000)
    assert (parse(b, tokens) == y).mean() < 0.2


def test_more_spellings_than_tuples_are_refused() -> None:
    with pytest.raises(ValueError, match="need 72 tuples, and 8 symbols make only 64"):
        rules(np.random.default_rng(0), n_synonyms=9)
    with pytest.raises(ValueError, match="need 68 tuples"):
        rules(np.random.default_rng(0), n_classes=17)
    with pytest.raises(ValueError, match="at least 1"):
        rules(np.random.default_rng(0), n_levels=0)
