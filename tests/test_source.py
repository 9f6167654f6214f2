"""A program behind the wall is the same program without comments and docstrings."""

from __future__ import annotations

import ast
import resource
import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path

import pytest

from harness import source
from harness.catalog import MAX_CODE
from harness.vocabulary import Refused

LIBRARY = Path(sysconfig.get_path("stdlib"))
PROGRAMS = [
    *(LIBRARY / f"{name}.py" for name in ("argparse", "ast", "dataclasses", "enum", "inspect")),
    *(LIBRARY / f"{name}.py" for name in ("tokenize", "typing", "textwrap", "tarfile", "this")),
    *sorted(Path(source.__file__).parent.rglob("*.py")),
    *sorted(Path(__file__).parent.glob("*.py")),
]


class Silent(ast.NodeTransformer):
    """Empties every string that is a statement, keeping its number of lines."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        value = node.value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            assert value.end_lineno is not None
            value.value, value.kind = "\n" * (value.end_lineno - value.lineno), None
        return node


def bare(text: str | bytes) -> str:
    return source.bare(textwrap.dedent(text).encode() if isinstance(text, str) else text, "x.py")[
        :-1
    ].decode()


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
def test_it_is_the_same_program_in_the_same_lines(path: Path) -> None:
    data = path.read_bytes()
    before, after = source.parse(data, path.name), source.parse(source.bare(data, path.name), "")
    assert ast.dump(Silent().visit(before)) == ast.dump(after)
    lines = [
        [(type(node).__name__, node.lineno) for node in ast.walk(tree) if hasattr(node, "lineno")]
        for tree in (before, after)
    ]
    assert lines[0] == lines[1]


def test_comments_and_docstrings_are_gone_and_nothing_else() -> None:
    before = '''\
        #!/usr/bin/env python
        """Module, # no comment
        of two lines."""
        x = "# no comment"  # a comment, é
        é = """
        # no comment
        """


        class A:
            \'A class.\'

            y: int = 1
            """An attribute."""

            def f(self): "One line."; return 1  # and more

        z = [1,  # first
             2]
        '''
    after = '''\

        """
        """
        x = "# no comment"
        é = """
        # no comment
        """


        class A:
            ""

            y: int = 1
            ""

            def f(self): ""; return 1

        z = [1,
             2]
        '''
    assert bare(before) == textwrap.dedent(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1 # a\r\ny = 2\r# b\r", "x = 1\ny = 2\n\n"),
        ("\ufeffx = 1 # a", "x = 1"),
        ("# -*- coding: utf-8 -*-\nx = 1", "\nx = 1"),
        ("x = 1\x0c# a\n", "x = 1\n"),
        ("('a'  # one\n 'b')\nx = 1", '("""\n""")\nx = 1'),
        ("x = 1 \\\n# a", "x = 1 \\\n"),
        ("'a';'b';x = 'c'", '"";"";x = \'c\''),
        ("if 1: 'a'\nelse:'b'", 'if 1: ""\nelse:""'),
        ("f'a{1}'", "f'a{1}'"),
        ("b'a'", "b'a'"),
        ("r'''\\d\n'''", '"""\n"""'),
        ("x = 'a\u2028# b'  # c", "x = 'a\u2028# b'"),
        ("", ""),
    ],
)
def test_every_form_of_a_comment_and_of_a_docstring(before: str, after: str) -> None:
    assert bare(before.encode()) == after
    compile(bare(before.encode()) + "\n", "x.py", "exec")


@pytest.mark.parametrize(
    "data",
    [
        b"# coding: latin-1\nx = '\xe9'\n",
        b"# coding: rot13\nk = 1\n",
        b"#\n# vim: set fileencoding=utf-16 :\n",
        b"# coding: nothing-like-this\n",
        b"\xef\xbb\xbf# coding: latin-1\n",
        b"x = '\xe9'\n",
        b"x = 1  # \xff\n",
        "x = 1".encode("utf-16"),
    ],
)
def test_another_encoding_than_utf_8_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match=r"^x\.py:1: (a program must be UTF-8|this is not Python)"):
        source.bare(data, "x.py")


def test_what_is_silent_weighs_nothing_as_a_constant_and_the_rest_does() -> None:
    data = b"'a'\nx = 'b'\ndef f():\n    'c'\n    return 4, True, 1.5, b'd'\n"
    assert source.constants(data, "x.py").split(b"\n") == [b"'b'", b"0x4", b"0x1", b"1.5", b"b'd'"]


def test_a_warning_about_a_strangers_text_is_none_of_ours() -> None:
    assert bare(b"x = '\\d' if 1 is 1 else 2\n") == "x = '\\d' if 1 is 1 else 2\n"


BOMBS = {
    "parentheses": "(" * MAX_CODE,
    "signs": "x = " + "-" * (MAX_CODE - 10) + "1",
    "attributes": "x = a" + ".b" * 49_000,
    "calls": "x = a" + "()" * 49_000,
    "sums": "x = 1" + "+1" * 49_000,
    "numbers": "x = [" + "1," * 49_000 + "]",
    "names": "x = " + "a," * 49_000,
    "one f-string": 'x = f"' + "{a}" * 33_000 + '"',
    "many f-strings": "x = [" + 'f"{a}",' * 14_000 + "]",
    "statements": "1\n" * 49_000,
    "strings": "'a'\n" * 24_000,
    "comments": "#\n" * 49_000,
    "a broken end": "a = 1\n" * 16_000 + "b c",
    "a long line of quotes": "x = " + "''" * 48_000,
    "a long string of many lines": "x = '''" + "\n" * 98_000 + "'''",
    "digits": "x = " + "9" * 99_000,
    "an open string": "x = '''" + "a\n" * 48_000,
    "elif": "if a:\n 1\n" + "elif a:\n 1\n" * 8000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_no_program_of_the_allowed_length_takes_much_to_read(bomb: str) -> None:
    program = (
        "import resource, sys\n"
        "from harness import source\n"
        "from harness.vocabulary import Refused\n"
        "data = sys.stdin.buffer.read()\n"
        "for read in (source.bare, source.constants):\n"
        "    try:\n        read(data, 'x.py')\n    except Refused:\n        pass\n"
    )
    limits = {resource.RLIMIT_AS: 768 << 20, resource.RLIMIT_CPU: 20}
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=bomb.encode(),
        cwd=Path(source.__file__).parent.parent,
        preexec_fn=lambda: [resource.setrlimit(kind, (n, n)) for kind, n in limits.items()],
        stderr=subprocess.PIPE,
    )
    assert done.returncode == 0, done.stderr.decode()[-500:]
