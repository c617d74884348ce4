"""What visible and hidden checks of design.py share: a submission's network as plain data that can be relied on."""

from dataclasses import dataclass
from typing import Any

from grader.exercises.design import probes
from grader.exercises.design.chain import (
    BUDGETS,
    Chain,
    ChainError,
    broken_rules,
    count_parameters,
    named,
    others,
    read_chain,
)
from grader.exercises.inputs import images
from grader.exercises.models.questions import weight_seed
from grader.judging.checks import Check, CheckFailed


@dataclass(frozen=True)
class Design:
    """A network as the recorder saw it; the chain is valid, and the logits may be anything."""

    name: str
    chain: Chain
    registered: int
    logits: Any
    question: dict[str, Any]

    @property
    def parameters(self) -> int:
        """How many numbers the network learns: of all layers that it has or uses."""
        return max(self.registered, count_parameters(self.chain))

    @property
    def broken_rules(self) -> dict[str, str]:
        return broken_rules(self.chain, self.registered, BUDGETS[self.name])


def design_of(check: Check, name: str, about: str) -> Design:
    """The submission's network; a failure of the check shows a mistake that the observation's key `about` names."""
    batches = (3, 1) if about == "forward" else (3,)
    inputs = [images(check.rng, size, 1, 28, 28) for size in batches]
    question = {"name": name, "inputs": inputs, "seed": weight_seed(check.rng)}
    asked = check.note(about, probes.recorded_design, question, keys=(about,), only_here=False)
    got = check.ask_noting(asked, question)
    try:
        chain = read_chain(got.get("chain") if isinstance(got, dict) else None)
    except ChainError as error:
        raise check.failure(CheckFailed, f"It can't be told what {name} is made of: {error}.", "") from None
    registered = got.get("parameters")
    check.require(type(registered) is int and registered >= 0, f"It can't be told how many parameters {name} has.")
    return Design(name, chain, registered, got.get("logits"), question)


def require_layers(check: Check, design: Design) -> None:
    """Raise CheckFailed, blocked, unless the network can be built from its layers."""
    if names := others(design.chain):
        sentence = f"Only the allowed layers may work on the images first, and {named(names)} is none of them: then this can be judged."
        raise CheckFailed("blocked", sentence, output=check.output, public=f"{design.name} must keep its rules first.")


def require_rules(check: Check, design: Design) -> None:
    """Raise CheckFailed, blocked, unless the network keeps the rules of its budget."""
    if design.broken_rules:
        raise CheckFailed(
            "blocked", f"{design.name} must keep its rules first: then this can be judged.", output=check.output
        )
