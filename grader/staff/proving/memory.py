"""A memory of answers: whoever asks through it asks the same code the same question only once."""

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from grader.items import CPU_S
from grader.judging.settings import Settings
from grader.sandbox import wire
from grader.sandbox.call import Call
from grader.sandbox.client import Asker, Sandbox
from grader.sandbox.outcome import Outcome, interpret, interpret_each
from grader.sandbox.probe import PROBES
from grader.staff.proving.cache import AnswerCache
from grader.staff.proving.called_code import probe_code, submission_code


class Remembering(Asker):
    """Asks through a sandbox and remembers the outcomes in this process, and in the cache if any.

    The `crowd` are staged folders that will all be asked the same questions one after the other.
    A short question to one of them is asked of all of them at once, in one worker.
    """

    def __init__(self, sandbox: Sandbox, crowd: Iterable[Path] = (), cache: AnswerCache | None = None) -> None:
        self.sandbox, self.crowd, self.cache = sandbox, list(crowd), cache
        self.memory: dict[str, Outcome] = {}
        self.codes: dict[tuple[Path, str, tuple[str, ...]], str] = {}

    def ask_each(self, folders: Sequence[Path], call: Call) -> list[Outcome]:
        if PROBES[call.probe].timed:
            return self.sandbox.ask_each(folders, call)
        question = question_key(call)
        keys = [question + self.code_of(folder, call) for folder in folders]
        asked = dict(zip(keys, folders, strict=True))
        unknown = self.unknown(asked, call)
        if unknown and call.cpu_s <= max(CPU_S, Settings.import_s):
            others = {question + self.code_of(folder, call): folder for folder in self.crowd}
            if unknown.keys() & others.keys():
                unknown |= self.unknown(others, call)
        if unknown:
            self.ask_now(unknown, call)
        return [self.memory[key] for key in keys]

    def unknown(self, asked: dict[str, Path], call: Call) -> dict[str, Path]:
        """Those of the folders, by key, whose outcome is neither in memory nor in the cache."""
        new = [key for key in asked if key not in self.memory]
        kept = self.cache.get(new) if self.cache is not None else {}
        self.memory |= {key: outcome_of(answer) for key, answer in kept.items()}
        return {key: folder for key, folder in asked.items() if key not in self.memory}

    def ask_now(self, asked: dict[str, Path], call: Call) -> None:
        """Ask these folders in one worker, and remember its answers.

        The cache gets answers only. A call that ended without one may end otherwise on a faster
        machine.
        """
        report, payload = self.sandbox.exchange(list(asked.values()), call)
        outcomes = interpret_each(report, payload, len(asked), call.limits(len(asked)))
        self.memory |= dict(zip(asked, outcomes, strict=True))
        is_answered = payload and not report.exit
        if self.cache is not None and is_answered and not reads_a_folder(call):
            with suppress(wire.WireError):  # it can't be read: the outcomes say so
                output = report.output.encode()
                answers = [wire.join([output, message]) for message in wire.split(payload, len(asked))]
                self.cache.keep(dict(zip(asked, answers, strict=True)))

    def code_of(self, folder: Path, call: Call) -> str:
        """As `submission_code`, computed once for a folder of a crowd: its files do not change."""
        probe = PROBES[call.probe]
        part = (folder, probe.target(call.arguments), tuple(probe.files(call.arguments)))
        if part in self.codes:
            return self.codes[part]
        code = submission_code(folder, call)
        if folder in self.crowd:
            self.codes[part] = code
        return code

    def close(self) -> None:
        self.sandbox.close()


def question_key(call: Call) -> str:
    """A hash of everything except the submission's code that an answer depends on."""
    question = call.request([]) | {"code": probe_code(call.probe)}
    return hashlib.sha256(wire.encode(question)).hexdigest()


def reads_a_folder(call: Call) -> bool:
    """Whether the answer depends on files that no key covers: a teacher's data."""
    return bool(call.arguments.get("data_dir"))


def outcome_of(kept: bytes) -> Outcome:
    """The outcome in what the cache kept: what was printed, and the worker's answer."""
    output, message = wire.split(kept, 2)
    return interpret(message, output.decode())
