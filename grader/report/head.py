"""Reads a report's head: YAML that a student wrote, of which nothing is trusted.

Only plain texts, lists and tables are read: no aliases, no tags, little depth. Numbers are made
from the texts here, because YAML's own rules surprise: it reads 1e-5 as a text and 010 as 8.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from grader.report.keys import ANY_LENGTH, MEASURED, NUMBERS, OWN_WORDS, Key

MAX_HEAD = 20_000  # characters
MAX_DEPTH = 8
MOST_DECIMALS = 20
LONGEST_NUMBER = 30  # characters
PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
Value = float | list["Value"]
MISTAKES = (  # what PyYAML says of the place where a mistake begins, or of where it noticed it, and what to do
    ("parsing a flow sequence", "the list that begins here has no end. Close it with ], and put commas in it."),
    ("scanning a quoted scalar", "the text that begins here has no second quote. Close it with one."),
    ("scanning a simple key", "there is no colon in this line. Write  key: value."),
    (r"'\t'", "there is a tab. Use spaces in its place."),
    (
        "mapping values are not allowed",
        "a colon is not expected here. Put a text that has a colon in it between quotes.",
    ),
    ("cannot start any token", "put a text that begins with such a sign between quotes."),
    ("sequence entries are not allowed", "put a text that begins with - between quotes."),
)


class HeadError(Exception):
    """The head can't be read; the text says in which line, and what to do."""


@dataclass
class Head:
    """What a head says.

    Attributes:
        words: name, worked_with and sources; an empty text if one was left empty.
        values: the numbers, for each key that has one of the right form.
        decimals: how many decimals a measured number was given with, by key.
        problems: a sentence for each key whose value has another form, by key.
        unknown: sentences on keys that no question asks for.
    """

    words: dict[str, str] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    decimals: dict[str, int] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


class Loader(yaml.BaseLoader):
    """PyYAML's loader that makes only texts, lists and tables, without aliases and great depth."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        if self.check_event(yaml.AliasEvent):
            raise HeadError(f"{line_of(mark)}: write the value itself in place of * and a name.")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise HeadError(f"{line_of(mark)}: the lists are nested too deeply.")
        node = super().compose_node(parent, index)  # type: ignore[arg-type]
        self.depth -= 1
        return node


def line_of(mark: yaml.Mark | None) -> str:
    return f"Line {mark.line + 2}" if mark else "Somewhere"  # the first line is ---


def read_head(text: str, keys: list[Key]) -> Head:
    """Read the text between the two lines ``---`` of a report.

    Raises HeadError if it is not YAML, too long, or nested too deeply.
    """
    if len(text) > MAX_HEAD:
        raise HeadError(f"The head has {len(text)} characters; it may have {MAX_HEAD}. Shorten what you wrote into it.")
    try:
        root = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        raise HeadError(plain_problem(error)) from None
    except (
        yaml.YAMLError,
        ValueError,
        ArithmeticError,
        LookupError,
        RecursionError,
    ) as error:  # a forbidden character, say
        raise HeadError(f"The head can't be read: {[*str(error).splitlines(), 'it is damaged'][0]}.") from None
    head = Head()
    for name, node in entries(root, "the head"):
        if name in OWN_WORDS:
            head.words[name] = words_in(node)
        elif name in (NUMBERS, MEASURED):
            read_numbers(head, name, node, {key.name: key for key in keys if key.kind == name})
        else:
            head.unknown.append(f"{line_of(node.start_mark)}: {shown(name)} is not a key of the head.")
    return head


def plain_problem(error: yaml.MarkedYAMLError) -> str:
    """The line of a mistake, and what to do."""
    for words, advice in MISTAKES:
        if words in (error.context or ""):
            return f"{line_of(error.context_mark)}: {advice}"
        if words in (error.problem or ""):
            return f"{line_of(error.problem_mark)}: {advice}"
    told = error.problem or error.context
    return f"{line_of(error.problem_mark)}: {told}. Look for spaces, quotes and brackets that are missing or too many."


def entries(node: yaml.Node | None, place: str) -> Iterator[tuple[str, yaml.Node]]:
    """The keys and values of a table; nothing for an empty one."""
    if node is None or is_empty(node):
        return
    if not isinstance(node, yaml.MappingNode):
        raise HeadError(f"{line_of(node.start_mark)}: {place} should hold lines like  key: value.")
    seen = set()
    for key, value in node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else "a list"
        if name in seen:
            raise HeadError(f"{line_of(key.start_mark)}: {shown(name)} stands there twice. Keep one.")
        seen.add(name)
        yield name, value


def is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.value.strip()


def words_in(node: yaml.Node) -> str:
    """A text, or the texts of a list, as one."""
    if isinstance(node, yaml.SequenceNode):
        return ", ".join(words_in(entry) for entry in node.value)
    if isinstance(node, yaml.MappingNode):
        return ", ".join(f"{words_in(key)}: {words_in(value)}" for key, value in node.value)
    return str(node.value).strip()


def read_numbers(head: Head, kind: str, node: yaml.Node, keys: dict[str, Key]) -> None:
    """Read the numbers of one kind into the head."""
    for name, value in entries(node, kind):
        if name not in keys:
            head.unknown.append(f"{line_of(value.start_mark)}: no question asks for {kind}.{shown(name)}.")
        elif not is_empty(value):
            try:
                head.values[name] = value_of(value, keys[name], keys[name].shape)
                head.decimals[name] = decimals_of(value)
            except HeadError as error:
                head.problems[name] = str(error)


def value_of(node: yaml.Node, key: Key, shape: tuple[int, ...]) -> Value:
    """The number of a key, or its lists, or one of the lists in them: what a node holds.

    Raises HeadError if it has not the shape.
    """
    where = f"{line_of(node.start_mark)}: {key.name}"
    if not shape:
        if not isinstance(node, yaml.ScalarNode):
            raise HeadError(f"{where} should be {key.form}, without brackets around a single number.")
        return number_of(node.value.strip(), where)
    if not isinstance(node, yaml.SequenceNode):
        raise HeadError(f"{where} should be {key.form}, in brackets and with commas between.")
    if shape[0] not in (ANY_LENGTH, len(node.value)):
        found = f"has {len(node.value)}" if shape == key.shape else f"a list in it has the length {len(node.value)}"
        raise HeadError(f"{where} should be {key.form}, but {found}.")
    return [value_of(entry, key, shape[1:]) for entry in node.value]


def number_of(text: str, where: str) -> float:
    if len(text) > LONGEST_NUMBER or not PLAIN_NUMBER.fullmatch(text):
        raise HeadError(
            f"{where} has {shown(text)}, which is not a plain number. Write it like 533120, 0.25 or 1e-5, without units and commas in it."
        )
    value = float(text)
    if not math.isfinite(value):
        raise HeadError(f"{where} has {shown(text)}, which is too large.")
    return value


def decimals_of(node: yaml.Node) -> int:
    """How many decimals a number was written with: 2 for 24.14, 5 for 1e-5."""
    if not isinstance(node, yaml.ScalarNode):
        return 0
    digits, _, exponent = node.value.strip().lower().partition("e")
    return min(max(len(digits.partition(".")[2]) - int(exponent or 0), 0), MOST_DECIMALS)


def shown(text: str) -> str:
    """A student's text in a sentence: not too long, and on one line."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_NUMBER else f"{text[:LONGEST_NUMBER]}..."
