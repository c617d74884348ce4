"""The head of a hostile report costs its own points and nothing else."""

import time

import pytest

from grader.report.head import MAX_HEAD, HeadError, read_head
from grader.report.keys import Key

KEYS = [Key("total", "1.1"), Key("sizes", "1.1", (-1,))]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name: [", "Line 2: "),
        ("numbers:\n  sizes: [1, 2\n  total: 3", "Line 3: the list that begins here has no end. Close it with ]"),
        ("numbers:\n\ttotal: 3", "Line 3: there is a tab. Use spaces"),
        ("name: 'Ann\nnumbers:\n  total: 3", "Line 2: the text that begins here has no second quote."),
        ("name: Ann\nnumbers\n  total: 3", "Line 3: there is no colon in this line."),
        ("name: @ann", "Line 2: put a text that begins with such a sign between quotes."),
        ('name: "Ann" Lee', "Line 2: expected <block end>"),
        ("name: a: b", "Line 2: a colon is not expected here. Put a text that has a colon in it between quotes."),
        ("name: &x [1]\nsources: *x", "Line 3: write the value itself in place of *"),
        ("numbers: {total: " + "[" * 20 + "]" * 20 + "}", "Line 2: the lists are nested too deeply."),
        ("[" * 15_000, "the lists are nested too deeply."),
        ("- a", "Line 2: the head should hold lines like  key: value."),
        ("numbers: 7", "Line 2: numbers should hold lines like  key: value."),
        ("name: a\nname: b", "Line 3: name stands there twice. Keep one."),
        ("name: a\n---\nname: b", "Line 3: "),
        ("name: \x00", "The head can't be read: "),
        (r'name: "\UFFFFFFFF"', "The head can't be read: "),
        ("name: " + "x" * MAX_HEAD, f"it may have {MAX_HEAD}"),
        ("name: " + "é" * MAX_HEAD, f"it may have {MAX_HEAD}"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line_and_at_once(text, sentence):
    started = time.monotonic()
    with pytest.raises(HeadError) as caught:
        read_head(text, KEYS)
    assert sentence in str(caught.value)
    assert len(str(caught.value)) < 250
    assert time.monotonic() - started < 2


def test_anchors_tags_and_merge_keys_make_nothing_but_texts():
    text = 'name: !!python/object/apply:os.system ["true"]\nnumbers: !!set {<<: {total: 4}}'
    head = read_head(text, KEYS)
    assert head.words == {"name": "true"}
    assert head.values == {}
    assert head.unknown == ["Line 3: no question asks for numbers.<<."]


def test_yaml_does_not_reinterpret_what_is_written():
    head = read_head("name: 010\nnumbers:\n  total: 010\n  sizes: [1e-5, +3, .5, 1_0]", KEYS)
    assert head.words["name"] == "010"
    assert head.values == {"total": 10}
    assert head.problems["sizes"].startswith("Line 5: sizes has 1_0, which is not a plain number")
    assert read_head("numbers: {sizes: [1e-5, +3, .5, 2.]}", KEYS).values == {"sizes": [1e-5, 3, 0.5, 2]}


def test_an_empty_head_and_empty_values_are_no_problem():
    for text in ("", "name:\nnumbers:\n", "numbers:\n  total:  # 1.1\n  sizes: ''\n"):
        head = read_head(text, KEYS)
        assert (head.values, head.problems, head.unknown) == ({}, {}, [])
