r"""What a formula of an entry says, as a function of its letters.

A small part of LaTeX: numbers, letters, greek names, + - / \cdot \times, juxtaposition, powers,
\frac, \binom, \sqrt, \ln, \log (natural, or \log_2), \exp, \max, \min, \sum over an index, e, \pi.
All is computed in floating point, so that 9^{9^{9^9}} is infinite and not a week's work, as it is
for a library of exact numbers. Nothing here knows what a formula should say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from harness.vocabulary import Refused

LONGEST = 400
"""Characters of a formula."""
DEEPEST = 20
"""Brackets in brackets."""
MOST_TERMS = 64
"""Of a sum."""

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\S")
SILENT = {r"\left", r"\right", r"\,", r"\;", r"\:", r"\!", r"\ ", r"\quad", r"\bigl", r"\bigr",
          r"\displaystyle", r"\big", r"\Big", r"\Bigl", r"\Bigr"}  # fmt: skip
RELATION = re.compile(r"\\(?:leqslant|geqslant|leq|geq|le|ge)(?![A-Za-z])|[={}]")
FRACTIONS = {r"\frac", r"\tfrac", r"\dfrac"}
FUNCTIONS = {r"\ln", r"\log", r"\exp"}
CLOSES = {"(": ")", "[": "]", "{": "}", r"\{": r"\}", "|": "|"}
GREEK = frozenset(
    ["alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "eta", "theta", "kappa",
     "lambda", "mu", "nu", "rho", "sigma", "tau", "phi", "omega"]
)  # fmt: skip

Values = Mapping[str, np.ndarray]
Node = Callable[[Values], np.ndarray]


@dataclass(frozen=True)
class Formula:
    """A formula that has been read."""

    letters: frozenset[str]
    """Names that it leaves free; greek ones without the backslash."""
    value: Node
    """Values of the letters -> value; NaN or infinite where there is none."""


def last_side(text: str) -> str:
    r"""Return what stands behind the last = or \le of a formula, without a full stop.

    >>> last_side(r"R(A) \le r \sqrt{2 \ln N}/m.")
    'r \\sqrt{2 \\ln N}/m'
    """
    depth, start = 0, 0
    for match in RELATION.finditer(text):
        if match[0] in ("{", "}"):
            depth += 1 if match[0] == "{" else -1
        elif depth == 0:  # not the = of a sum's index
            start = match.end()
    return text[start:].strip().rstrip(".,;").strip()


def read(text: str) -> Formula:
    r"""Read a formula.

    Raises
    ------
    Refused
        It is too long, or not of the part of LaTeX that is read here.

    >>> float(read(r"\frac{r}{m}\sqrt{2\ln N}").value({"r": 3.0, "m": 6.0, "N": np.e**2}))
    1.0
    """
    if len(text) > LONGEST:
        raise Refused(f"A formula has at most {LONGEST} characters, got {len(text)}.")
    reader = _Reader([token for token in TOKEN.findall(text) if token not in SILENT])
    node = reader.sum()
    reader.end()

    def value(values: Values) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.asarray(node(values), dtype=float)

    return Formula(frozenset(reader.letters), value)


class _Reader:
    """Recursive descent over tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.at, self.depth = tokens, 0, 0
        self.letters: set[str] = set()
        self.bound: list[str] = []

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.next
        if not token or (wanted and token != wanted):
            raise Refused(f"The formula has {token or 'its end'!r} where {wanted or 'more'!r} is.")
        self.at += 1
        return token

    def end(self) -> None:
        if self.next:
            raise Refused(f"The formula goes on with {self.next!r}, which is not read here.")

    def sum(self) -> Node:
        """Read terms with + and - between them."""
        sign = self.take() if self.next in ("-", "+") else "+"
        node = _negative(self.product()) if sign == "-" else self.product()
        while self.next in ("+", "-"):
            node = _two(np.add if self.take() == "+" else np.subtract, node, self.product())
        return node

    def product(self) -> Node:
        r"""Read factors with \cdot, / or nothing between; a / divides by the next factor alone."""
        node = self.power()
        while True:
            if self.next in (r"\cdot", r"\times", "*"):
                self.take()
                node = _two(np.multiply, node, self.power())
            elif self.next == "/":
                self.take()
                node = _two(np.divide, node, self.power())
            elif self._begins_factor():
                node = _two(np.multiply, node, self.power())
            else:
                return node

    def _begins_factor(self, atoms_only: bool = False) -> bool:
        token = self.next
        letter = token.isalnum() or token.removeprefix("\\") in GREEK or token == r"\pi"
        if atoms_only:
            return bool(token) and letter
        others = FRACTIONS | FUNCTIONS | {"(", "[", "{", r"\{", r"\sqrt", r"\binom", r"\sum"}
        return bool(token) and (letter or token in others | {r"\max", r"\min"})

    def power(self) -> Node:
        node = self.factor()
        while self.next == "^":
            self.take()
            node = _two(_raised, node, self.argument())
        return node

    def argument(self) -> Node:
        """Read what stands in braces, or a single token as LaTeX has it."""
        if self.next == "{":
            return self.bracket()
        token = self.next
        if token.isdigit() and len(token) > 1:  # x^12 is x^1 times 2
            self.tokens[self.at : self.at + 1] = list(token)
        return self.factor()

    def bracket(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Refused(f"Brackets stand in at most {DEEPEST} others.")
        closes = CLOSES[self.take()]
        node = self.sum()
        self.take(closes)
        self.depth -= 1
        return node

    def factor(self) -> Node:
        token = self.next
        if token in ("(", "[", "{", r"\{"):
            return self.bracket()
        self.take()
        if token[0].isdigit():
            return _constant(float(token))
        if token in FRACTIONS:
            return _two(np.divide, self.argument(), self.argument())
        if token == r"\binom":
            return _two(_choose, self.argument(), self.argument())
        if token == r"\sqrt":
            if self.next == "[":
                root = self.bracket()
                return _two(lambda a, b: _raised(b, 1 / a), root, self.argument())
            return _one(np.sqrt, self.argument())
        if token in FUNCTIONS:
            return self.function(token)
        if token in (r"\max", r"\min"):
            return self.extreme(np.maximum if token == r"\max" else np.minimum)
        if token == r"\sum":
            return self.summation()
        return self.letter(token)

    def function(self, token: str) -> Node:
        base, exponent = None, None
        if token == r"\log" and self.next == "_":
            self.take()
            base = self.argument()
        if self.next == "^":
            self.take()
            exponent = self.argument()
        if self.next in ("(", "[", "{", r"\{"):
            node = self.power()
        elif self._begins_factor(atoms_only=True):
            node = self.power()
            while self._begins_factor(atoms_only=True):  # ln 2d is ln(2d)
                node = _two(np.multiply, node, self.power())
        else:
            node = self.power()
        node = _one(np.exp if token == r"\exp" else np.log, node)
        if base is not None:
            node = _two(np.divide, node, _one(np.log, base))
        return node if exponent is None else _two(_raised, node, exponent)

    def extreme(self, of: np.ufunc) -> Node:
        opened = self.take()
        if opened not in CLOSES:
            raise Refused(f"A maximum is read of what stands in brackets, got {opened!r}.")
        node = self.sum()
        while self.next == ",":
            self.take()
            node = _two(of, node, self.sum())
        self.take(CLOSES[opened])
        return node

    def summation(self) -> Node:
        r"""Read \sum_{i=a}^{b} of the factors that follow."""
        if self.bound:
            raise Refused("A sum within a sum is not read here.")
        self.take("_")
        self.take("{")
        index = self.take()
        self.take("=")
        low = self.sum()
        self.take("}")
        self.take("^")
        high = self.argument()
        had = index in self.letters
        self.bound.append(index)
        body = self.product()
        self.bound.pop()
        if not had:
            self.letters.discard(index)

        def value(values: Values) -> np.ndarray:
            first, last = np.asarray(low(values)), np.asarray(high(values))
            if not np.isfinite(first).all() or not np.isfinite(last).all():
                raise Refused("The limits of a sum must be finite.")
            start, stop = float(np.min(first)), float(np.max(last))
            if stop - start > MOST_TERMS:
                raise Refused(f"A sum has at most {MOST_TERMS} terms.")
            total = np.zeros(np.broadcast(first, last).shape)
            for term in np.arange(start, stop + 0.5):
                inside = (first <= term) & (term <= last)
                total = total + np.where(inside, body({**values, index: np.asarray(term)}), 0.0)
            return total

        return value

    def letter(self, token: str) -> Node:
        name = token.removeprefix("\\")
        if token == r"\pi":
            return _constant(np.pi)
        if token == "e":
            return _constant(np.e)
        if not (len(token) == 1 and token.isascii() and token.isalpha()) and name not in GREEK:
            raise Refused(f"The formula has {token!r}, which is not read here.")
        if self.next == "_":
            raise Refused(f"Letters have no index here, got one of {name!r}.")
        self.letters.add(name)
        if name in self.bound:
            self.letters.discard(name)

        def value(values: Values) -> np.ndarray:
            if name not in values:
                raise Refused(f"The formula has {name!r}, which its claim does not speak of.")
            return values[name]

        return value


def _constant(number: float) -> Node:
    return lambda values: np.asarray(number)


def _negative(node: Node) -> Node:
    return lambda values: -node(values)


def _one(of: Callable[[np.ndarray], np.ndarray], node: Node) -> Node:
    return lambda values: of(node(values))


def _two(of: Callable[[np.ndarray, np.ndarray], np.ndarray], a: Node, b: Node) -> Node:
    return lambda values: of(a(values), b(values))


def _raised(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.power(np.asarray(a, dtype=float), b)


def _choose(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    n, k = np.broadcast_arrays(np.asarray(n, float), np.asarray(k, float))
    inside = (k >= 0) & (k <= n)
    k = np.where(inside, k, 0.0)
    found = np.exp(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
    return np.where(inside, np.where(found < 2**40, np.round(found), found), 0.0)
