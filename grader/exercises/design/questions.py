"""What the visible and hidden checks of src/design.py share: a network as checked plain data."""

from dataclasses import dataclass
from typing import Any

from grader.exercises.design import probes
from grader.exercises.design.chain import listed, others
from grader.exercises.design.rules import BUDGETS, BrokenRule, broken_rules
from grader.exercises.inputs import images
from grader.exercises.layers import Chain, ChainError, read_chain, to_plain
from grader.exercises.models.questions import weight_seed
from grader.judging.checks import Check
from grader.judging.compare import compare
from grader.judging.failures import Blocked


@dataclass(frozen=True)
class Design:
    """A network as the recorder saw it. The chain is checked; the logits may be anything.

    `registered` is the model's own count of parameters, `calm` the logits without chance,
    `in_training` those in training mode, and `question` holds the probe's arguments.
    """

    name: str
    chain: Chain
    registered: int
    logits: Any
    calm: Any
    in_training: Any
    question: dict[str, Any]

    @property
    def broken_rules(self) -> list[BrokenRule]:
        return broken_rules(self.chain, self.registered, BUDGETS[self.name])


def design_of(check: Check, name: str, about: str) -> Design:
    """The submission's network. Should the check fail, the observation's key `about` names why."""
    batches = (3, 1) if about == "forward" else (3,)
    inputs = [images(check.rng, size, 1, 28, 28) for size in batches]
    question = {"name": name, "inputs": inputs, "seed": weight_seed(check.rng)}
    asked = check.note(about, probes.recorded_design, question, keys=(about,), only_here=False)
    got = check.answer_to(asked)
    try:
        chain = read_chain(got.get("chain") if isinstance(got, dict) else None)
    except ChainError as error:
        raise check.failed(f"The layers of {name} can't be read.", str(error)) from None
    registered = got.get("parameters")
    check.require(type(registered) is int and registered >= 0, f"The number of parameters of {name} can't be read.")
    logits, calm, in_training = map(got.get, ("logits", "logits without chance", "logits in training"))
    return Design(name, chain, registered, logits, calm, in_training, question)


def require_layers(check: Check, design: Design) -> None:
    """Raise Blocked unless the network can be built from its layers."""
    if names := others(design.chain):
        sentence = f"Not checked yet: {design.name} uses {listed(names)}.  Use only the allowed layers."
        raise Blocked(sentence, printed=check.printed, public=waits_for_rules(design))


def require_rules(check: Check, design: Design) -> None:
    """Raise Blocked unless the network keeps the rules of its budget, and computes its layers."""
    if design.broken_rules:
        raise Blocked(waits_for_rules(design), printed=check.printed)
    require_computed(check, design)


def logits_of_layers(check: Check, design: Design) -> list[Any]:
    """The logits of a network that the grader builds from the layers.

    In evaluation mode for each input; last, in training mode for the first input.
    """
    too_large = f"The grader could not build {design.name} from its layers."
    built = check.ask_staff(probes.rebuilt_design, too_large, chain=to_plain(design.chain), **design.question)
    return list(built)


def require_computed(check: Check, design: Design) -> None:
    """Raise Blocked unless the network computes what its layers compute, apart from chance.

    The layers are what the recorder said, in a worker.  They are believed only if they lead to the
    logits that came with them, also in training mode, where dropouts drop.
    """
    calm, *_, in_training = logits_of_layers(check, design)
    if compare([calm, in_training], [design.calm, design.in_training]) is not None:
        sentence = f"Not checked yet: first fix {design.name}, so that its logits are those of its layers."
        raise Blocked(sentence, printed=check.printed)


def waits_for_rules(design: Design) -> str:
    return f"Not checked yet: first fix {design.name}, so that it keeps the rules."
