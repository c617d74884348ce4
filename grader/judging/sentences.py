"""Says in a sentence for a student what a difference between two observations means.

Some keys of an observation have sentences of their own, in every probe: "raised" holds names of
exceptions ("nothing" if none was raised), and a key that ends in "changed" lists what a call
changed. A probe's label with "{function}" in it is a whole sentence about that key.
"""

import re
from itertools import groupby
from typing import Any, NamedTuple

from grader.judging.compare import Difference, place_words

MODE = "the mode of "  # begins the name of a module's mode, among what a call changed


class Sentences(NamedTuple):
    """`full` may tell inputs and expected values; `public` may be shown with a hidden check."""

    full: str
    public: str


def sentences_for(difference: Difference, function: str, label: str) -> Sentences:
    """The sentences about a difference in what a function did; `label` names what is wrong."""
    place = difference.place
    if "raised" in place and isinstance(difference.expected, str) and isinstance(difference.got, str):
        where = place[place.index("raised") + 1 :]
        return exception_sentences(function, where, difference.expected, difference.got)
    if place and (is_exception(difference.expected) or is_exception(difference.got)):
        raised = [value if is_exception(value) else "nothing" for value in (difference.expected, difference.got)]
        return exception_sentences(function, place[-1:], *raised)
    if is_change(difference):
        return change_sentences(function, changes_in(difference))
    if is_sentence(label):
        sentence = f"{label.format(function=function)}."
        return Sentences(sentence, sentence)
    public = is_wrong(label)
    at = where_words(place, label) if len(place) > 1 else ""
    return Sentences(f"{public}{at}: {difference.text}.", f"{public}.")


def where_words(place: tuple[Any, ...], label: str) -> str:
    """Where in a value a difference is.

    It is written as in Python if the value is called by its key, and in words under another label.
    """
    if place[0] == label:
        return f", at {place_words(place)}"
    steps = [
        entry_words(list(steps)) if is_entry else ", ".join(steps) for is_entry, steps in groupby(place[1:], is_int)
    ]
    return f" {'in' if is_int(place[1]) else 'for'} {', '.join(steps)}"


def is_int(step: Any) -> bool:
    return isinstance(step, int)


def entry_words(steps: list[int]) -> str:
    """Where in a list something is, or in a list of lists: "entry 2", "entry [2][0]"."""
    return f"entry {steps[0]}" if len(steps) == 1 else f"entry {''.join(f'[{step}]' for step in steps)}"


def is_exception(value: Any) -> bool:
    """Whether this is an exception's name, in place of what a call returned."""
    return isinstance(value, str) and value.endswith("Error")


def exception_sentences(function: str, where: tuple[Any, ...], expected: str, got: str) -> Sentences:
    arguments = next((step for step in where if isinstance(step, str)), "")
    call = f"{function}({arguments})" if arguments else function
    public = f"{function} raises the wrong exception, or none, for some arguments."
    if expected == "nothing":
        return Sentences(f"{call} should raise nothing; it raised {got}.", public)
    return Sentences(f"{call} should raise {expected}; it raised {got}.", public)


def is_change(difference: Difference) -> bool:
    """Whether a call changed something, but should change nothing."""
    return bool(difference.place) and str(difference.place[-1]).endswith("changed") and difference.expected == []


def changes_in(difference: Difference) -> list[str]:
    """The names of what a call changed."""
    names = difference.got if isinstance(difference.got, list) else []
    return [name for name in names if isinstance(name, str)]


def change_sentences(function: str, words: list[str]) -> Sentences:
    public = f"{function} changes something that it should leave as it was."
    if not words:
        return Sentences(public, public)
    modes = [name.removeprefix(MODE) for name in words if name.startswith(MODE)]
    others = [name for name in words if not name.startswith(MODE)]
    told = [f"{function} does not restore the training/evaluation mode of {', '.join(modes)}."] if modes else []
    told += [f"{function} changes {', '.join(others)}.  It should leave them as they were."] if others else []
    return Sentences("  ".join(told), public)


def is_sentence(label: str) -> bool:
    return "{function}" in label


def is_wrong(label: str) -> str:
    """The beginning of a sentence about a wrong value."""
    head = re.split(" (?:of|for|after|afterwards|before)( |$)", label)[0]
    plural = head.endswith("s") and not head.endswith("ss")
    return f"The {label} {'are' if plural else 'is'} wrong"
