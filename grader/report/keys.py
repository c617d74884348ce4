"""The keys of a report's head, and the form that each of the numbers has."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

QUESTION_OR_KEYS = re.compile(
    r"^(?:\*\*(?P<question>\d+\.\d+)\*\* |<!-- (?P<kind>numbers|measured): (?P<keys>.+?) -->$)", re.MULTILINE
)
KEY = re.compile(r"(?P<name>[^\s\[]+)(?P<sizes>\S*)(?: \((?P<words>[^)]*)\))?")
OWN_WORDS = {  # what everybody writes into the head
    "name": "your name, or your names",
    "worked_with": "people you worked with",
    "sources": "people, pages, code, language models that you used, and for what",
}
NUMBERS, MEASURED = "numbers", "measured"
ANY_LENGTH = -1


@dataclass(frozen=True)
class Key:
    """A number, or a list of numbers, that a question asks for.

    `shape` holds the length of the list, and of the lists in it; `ANY_LENGTH` is for a list whose
    length is part of the answer. `kind` is NUMBERS, or MEASURED for a number from a run. `words`
    say which number it is, and in which unit, if the question does not.
    """

    name: str
    question: str
    shape: tuple[int, ...] = ()
    kind: str = NUMBERS
    words: str = ""

    @property
    def form(self) -> str:
        """As in "a number", "a list of 3 numbers"."""
        if not self.shape:
            return "a number"
        if self.shape == (ANY_LENGTH,):
            return "a list of numbers, such as [1, 2]"
        if len(self.shape) == 1:
            return f"a list of {self.shape[0]} numbers"
        sizes = " x ".join("?" if size == ANY_LENGTH else str(size) for size in self.shape)
        depth = len(self.shape) - 1
        return f"{sizes} numbers in nested lists, such as {'[' * depth}[1, 2], ..."


def keys_of(text: str) -> list[Key]:
    """The keys that the questions of a template name, in their order."""
    keys, question = [], ""
    for found in QUESTION_OR_KEYS.finditer(text):
        question = found["question"] or question
        if found["kind"]:
            keys += [key_of(word, question, found["kind"]) for word in KEY.finditer(found["keys"])]
    return keys


def key_of(found: re.Match[str], question: str, kind: str) -> Key:
    """The key that is named by text such as "matrices[4][2][2]" or "dogs.dead (units of 16)"."""
    shape = tuple(int(size) if size else ANY_LENGTH for size in re.findall(r"\[(\d*)\]", found["sizes"]))
    return Key(found["name"], question, shape, kind, found["words"] or "")


def head_lines(template: str) -> Iterator[str]:
    """The lines of an empty head for a template's questions."""
    for word, meaning in OWN_WORDS.items():
        yield f"{word}:  # {meaning}"
    keys = keys_of(template)
    for kind, meaning in ((NUMBERS, "answers that are numbers"), (MEASURED, "numbers from your runs")):
        of_kind = [key for key in keys if key.kind == kind]
        if of_kind:
            yield f"{kind}:  # {meaning}"
        for name in dict.fromkeys(key.name for key in of_kind):
            same = [key for key in of_kind if key.name == name]  # several questions may need one measured number
            yield f"  {name}:  # {', '.join(key.question for key in same)}: {same[0].words or same[0].form}"
