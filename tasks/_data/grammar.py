"""Strings whose label takes depth to read: the random hierarchy model.

A class is written as a tuple of symbols, every symbol as a tuple of symbols one level down, and so
on; each has several such spellings, its synonyms, chosen at random. No tuple spells two symbols
of one level, so a string has one label, which `parse` finds exactly.

References
----------
Cagnetta, Petrini, Tomasini, Favero, Wyart, "How Deep Neural Networks Learn Compositional Data: The
Random Hierarchy Model", Phys. Rev. X 14, 031001 (2024), arXiv:2307.02129. In its letters: v
symbols, n_c classes, m synonyms, s children, L levels, d = s^L tokens. Not checked against the
source, of which only the abstract was at hand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class HierarchyRules:
    """One draw of the rules that spell classes and symbols."""

    n_symbols: int
    """v: symbols on every level below the classes."""
    spellings: tuple[np.ndarray, ...]
    """One int64 array (n_l, m, s) a level, from the classes down; n_1 = n_c, else n_l = v."""

    @property
    def n_classes(self) -> int:
        """n_c: labels are 0 to n_classes - 1."""
        return len(self.spellings[0])

    @property
    def n_synonyms(self) -> int:
        """m: spellings of each class and each symbol."""
        return int(self.spellings[0].shape[1])

    @property
    def n_children(self) -> int:
        """s: symbols in a spelling."""
        return int(self.spellings[0].shape[2])

    @property
    def n_tokens(self) -> int:
        """T = s^L: length of a string."""
        return int(self.n_children ** len(self.spellings))

    @property
    def n_strings(self) -> int:
        """n_c m^((T-1)/(s-1)): strings that the rules can produce, all distinct."""
        n_spelled = sum(self.n_children**level for level in range(len(self.spellings)))
        return int(self.n_classes * self.n_synonyms**n_spelled)


def rules(
    rng: np.random.Generator,
    *,
    n_symbols: int = 8,
    n_classes: int = 8,
    n_synonyms: int = 4,
    n_children: int = 2,
    n_levels: int = 3,
) -> HierarchyRules:
    """Draw rules: on every level the v^s tuples, permuted, and the first of them handed out.

    Raises
    ------
    ValueError
        A number below one, or more spellings than there are tuples to spell with.
    """
    sizes = (n_symbols, n_classes, n_synonyms, n_children, n_levels)
    if min(sizes) < 1:
        raise ValueError(f"Every size of a hierarchy must be at least 1, got {sizes}.")
    n_tuples = n_symbols**n_children
    spelled = [n_classes] + [n_symbols] * (n_levels - 1)
    if max(spelled) * n_synonyms > n_tuples:
        raise ValueError(
            f"{max(spelled)} symbols with {n_synonyms} synonyms each need "
            f"{max(spelled) * n_synonyms} tuples, and {n_symbols} symbols make only {n_tuples} "
            f"tuples of {n_children}: take fewer synonyms or longer tuples."
        )
    powers = n_symbols ** np.arange(n_children)
    spellings = []
    for n in spelled:
        codes = rng.permutation(n_tuples)[: n * n_synonyms]
        tuples = codes[:, None] // powers % n_symbols
        spellings.append(tuples.reshape(n, n_synonyms, n_children))
    return HierarchyRules(n_symbols, tuple(spellings))


def sample(
    grammar: HierarchyRules, rng: np.random.Generator, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw distinct strings: a uniform label, then a uniform spelling of each symbol in turn.

    Returns
    -------
    tokens
        int64 (n, T), no two rows equal: split them in any way and no part repeats another.
    y
        int64 (n,), uniform over the classes up to chance.

    Raises
    ------
    ValueError
        More strings wanted than the rules can produce.
    """
    if not 0 <= n <= grammar.n_strings:
        raise ValueError(
            f"These rules produce {grammar.n_strings} distinct strings, {n} were asked for."
        )
    tokens = np.empty((0, grammar.n_tokens), np.int64)
    y = np.empty(0, np.int64)
    while len(y) < n:
        # Repeats are dropped in the order of drawing, which leaves a uniform draw without
        # replacement; n at a time, so that even all strings come together in a few rounds.
        labels = rng.integers(grammar.n_classes, size=n)
        strings = labels[:, None]
        for spelling in grammar.spellings:
            choice = rng.integers(grammar.n_synonyms, size=strings.shape)
            strings = spelling[strings, choice].reshape(n, -1)
        tokens, y = np.concatenate([tokens, strings]), np.concatenate([y, labels])
        rows = tokens.view(f"V{tokens.itemsize * tokens.shape[1]}")[:, 0]  # 6x np.unique(axis=0)
        first = np.sort(np.unique(rows, return_index=True)[1])
        tokens, y = tokens[first], y[first]
    return tokens[:n], y[:n]


def encode(tokens: np.ndarray, n_symbols: int) -> np.ndarray:
    """Write symbol a as (e_a - 1/v) sqrt(v): mean zero over the symbols, squared norm v - 1.

    Parameters
    ----------
    tokens
        Integers (n, T) in [0, v).
    n_symbols
        v.

    Returns
    -------
    ndarray
        float32 (n, v, 1, T): symbols are channels, the string is one row of an image.
    """
    codes = ((np.eye(n_symbols) - 1 / n_symbols) * np.sqrt(n_symbols)).astype(np.float32)
    return np.ascontiguousarray(codes[tokens].transpose(0, 2, 1)[:, :, None])


def parse(grammar: HierarchyRules, tokens: np.ndarray) -> np.ndarray:
    """Read the label of every string exactly, from the tokens up.

    Parameters
    ----------
    tokens
        Integers (n, T) in [0, v).

    Returns
    -------
    ndarray
        int64 (n,): the class, or -1 where no class is spelled so.
    """
    v, s = grammar.n_symbols, grammar.n_children
    powers = v ** np.arange(s)
    symbols = np.asarray(tokens)
    for spelling in reversed(grammar.spellings):
        parent = np.full(v**s, -1)
        parent[spelling @ powers] = np.arange(len(spelling))[:, None]
        children = symbols.reshape(len(symbols), -1, s)
        symbols = np.where((children < 0).any(2), -1, parent[children @ powers])
    return symbols[:, 0]


def hierarchy(
    rng: np.random.Generator,
    n: int,
    *,
    n_symbols: int = 8,
    n_classes: int = 8,
    n_synonyms: int = 4,
    n_children: int = 2,
    n_levels: int = 3,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw rules and then n distinct strings: `sample`, written as `encode` does.

    A deep network needs about n_c m^L strings to learn the rules, a shallow one about all of them:
    512 and 131,072 by default (the paper's scales as others report them; not checked against the
    source).

    Returns
    -------
    X
        float32 (n, v, 1, T).
    y
        int64 (n,).
    """
    grammar = rules(
        rng,
        n_symbols=n_symbols,
        n_classes=n_classes,
        n_synonyms=n_synonyms,
        n_children=n_children,
        n_levels=n_levels,
    )
    tokens, y = sample(grammar, rng, n)
    return encode(tokens, n_symbols), y
