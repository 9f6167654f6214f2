"""The text of a submission: what of it goes behind the wall, and what in it weighs.

Comments and docstrings stay outside. They are for people, so they should cost nothing; a program
can read its own file, so behind the wall they would be a place for weights that cost nothing.
Nothing here runs or imports what it reads.
"""

from __future__ import annotations

import ast
import functools
import io
import tokenize
import warnings
from collections.abc import Iterator

from harness.vocabulary import Refused


def parse(data: bytes, name: str) -> ast.Module:
    """Parse a program.

    Raises
    ------
    Refused
        It is not Python, or not in UTF-8; the message says where.
    """
    return _parsed(_text(data, name), name)


@functools.lru_cache(maxsize=256)
def bare(data: bytes, name: str) -> bytes:
    """Return a program without comments and docstrings, every other token in its old line.

    A docstring, as any string that is a statement, becomes an empty one of as many lines. Kept for
    the next call: the same files are placed for every phase.

    Raises
    ------
    Refused
        It is not Python, or not in UTF-8.
    """
    text = _text(data, name)
    tree = _parsed(text, name)
    rows = text.split("\n")
    lines = [row.encode() for row in rows]
    for row, column in _comments(text, name):
        lines[row] = rows[row][:column].rstrip().encode()
    for node in sorted(
        _string_statements(tree), key=lambda node: (node.lineno, node.col_offset), reverse=True
    ):
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        head, tail = lines[first][: node.col_offset], lines[last][node.end_col_offset :]
        if first == last:
            lines[first] = head + b'""' + tail
        else:
            lines[first] = head + b'"""'
            lines[first + 1 : last] = [b""] * (last - first - 1)
            lines[last] = b'"""' + tail
    return b"\n".join([*lines, b""])


@functools.lru_cache(maxsize=256)
def constants(data: bytes, name: str) -> bytes:
    """Return every literal of a program but strings that are statements, one a line.

    Raises
    ------
    Refused
        It is not Python, or not in UTF-8.
    """
    tree = parse(data, name)
    silent = set(map(id, _string_statements(tree)))
    literals = (
        (hex(node.value) if isinstance(node.value, int) else repr(node.value)).encode()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and id(node) not in silent
    )
    return b"\n".join(literals)


def literal(data: bytes, name: str, variable: str) -> str | None:
    """Return the string that a module assigns to `variable` at its top level; runs nothing.

    Raises
    ------
    Refused
        It is assigned something that would have to be computed.
    """
    for node in parse(data, name).body:
        if not isinstance(node, ast.Assign):
            continue
        if any(isinstance(goal, ast.Name) and goal.id == variable for goal in node.targets):
            value = node.value
            if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
                raise Refused(
                    f"{name}:{node.lineno}: {variable} must be a plain string, since it is read "
                    "without running the file."
                )
            return value.value
    return None


def _text(data: bytes, name: str) -> str:
    """Return a program's text with one kind of line end, or refuse its encoding."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        if encoding.removesuffix("-sig") != "utf-8":
            raise SyntaxError(f"encoding {encoding}")
        text = data.decode("utf-8-sig")
    except (SyntaxError, UnicodeDecodeError) as error:
        raise Refused(
            f"{name}:1: a program must be UTF-8, got {str(error)[:100]}; save it as UTF-8."
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")  # as the interpreter reads lines


@functools.lru_cache(maxsize=1)  # one file is parsed for its text, its constants, its division
def _parsed(text: str, name: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a stranger's '\d' is no business of ours
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        said = getattr(error, "msg", None) or str(error) or "it is nested too deeply"
        raise Refused(f"{name}:{line or 1}: this is not Python: {said}") from None


def _comments(text: str, name: str) -> Iterator[tuple[int, int]]:
    """Yield the row and the column, from 0 on, at which each comment begins."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="\n").readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0] - 1, token.start[1]
    except (tokenize.TokenError, SyntaxError) as error:
        raise Refused(f"{name}:1: this is not Python: {error}") from None


def _string_statements(tree: ast.Module) -> list[ast.Constant]:
    """Return the docstrings and whatever else has their form, in the order of the text."""
    values = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    strings = [v for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)]
    return sorted(strings, key=lambda node: (node.lineno, node.col_offset))
