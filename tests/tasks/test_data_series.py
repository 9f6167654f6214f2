"""Rows become columns."""

from tasks._data.series import columns


def test_rows_become_columns_in_their_order() -> None:
    found = columns([{"n": 1, "family": "tree"}, {"n": 2, "family": "plain"}])
    assert list(found) == ["n", "family"]
    assert found["n"].tolist() == [1, 2] and found["family"].tolist() == ["tree", "plain"]


def test_no_rows_are_no_columns() -> None:
    assert columns([]) == {}
