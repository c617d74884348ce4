"""Compares a report with its template: what is done, what is missing, what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.report.document import END_OF_TABLE, Block, Document, parse
from grader.report.head import Head, HeadError, read_head
from grader.report.keys import MEASURED, Key, keys_of
from grader.report.pictures import is_in_folder, problem_of
from grader.report.runs import Run, command_for, experiment_of, read_runs
from grader.report.template import ReportError, in_words


@dataclass
class State:
    """A question of the template, and a few words on each thing that it still lacks."""

    number: str
    points: float
    missing: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return f"{self.number} ({in_words(self.points)}): {'; '.join(self.missing)}"


@dataclass
class Review:
    """What a report has and lacks.

    Attributes:
        document: the report.
        asked: its template.
        head: what its head says.
        keys: the numbers that its questions ask for.
        runs: the experiments' runs beside it.
        states: the questions, in order.
        commands: the questions that still lack a figure or table, by the command that makes it.
        problems: sentences on what can't be read, or does not fit the template.
        doubts: sentences on numbers and tables that differ from the run they claim to come from.
    """

    document: Document
    asked: Document
    head: Head = field(default_factory=Head)
    keys: list[Key] = field(default_factory=list)
    runs: dict[str, Run] = field(default_factory=dict)
    states: list[State] = field(default_factory=list)
    commands: dict[str, list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @property
    def unanswered(self) -> list[State]:
        return [state for state in self.states if state.missing]

    @property
    def summary(self) -> str:
        """As in "12 of 85 questions are done (20 of 160 points)"."""
        done = [state for state in self.states if not state.missing]
        points = f"{sum(state.points for state in done):g} of {in_words(sum(state.points for state in self.states))}"
        return f"{len(done)} of {len(self.states)} questions are done ({points})"


def review(text: str, files: Mapping[str, bytes], template: str) -> Review:
    """Compare a report with its template.

    Args:
        text: report.md.
        files: the contents of the pictures and runs beside it, by names such as "report/a.png".
        template: the template that it began as.
    """
    asked, document = parse(template), parse(text)
    result = Review(document, asked, keys=keys_of(asked.body))
    result.runs, damaged = read_runs(files)
    result.problems += damaged
    read_the_head(result)
    result.doubts += [quick_run(run) for run in result.runs.values() if run.facts.get("budget") == "quick"]
    compare_numbers(result)
    refuse_odd_questions(result)
    written = document.questions
    for number, question in asked.questions.items():
        state = State(number, question.points)
        result.states.append(state)
        if number in written:
            look_at(result, state, question, written[number], files)
        else:
            state.missing.append("the question is no longer in the report")
    check_pictures(result, files)
    return result


def read_the_head(result: Review) -> None:
    if not result.document.has_head:
        result.problems.append(
            "The report does not begin with its head, the lines between --- and ---. Copy them from the template."
        )
    try:
        result.head = read_head(result.document.head, result.keys)
    except HeadError as error:
        result.problems.append(str(error))
    result.problems += [*result.head.unknown, *result.head.problems.values()]


def quick_run(run: Run) -> str:
    only_tried = f"report/{run.name}.json comes from a quick run, which only shows that your code works."
    return f"{only_tried} Make it again:  {command_for(run.name)}"


def compare_numbers(result: Review) -> None:
    """Note each measured number that differs from its run's; rounding is no difference."""
    for key in {key.name: key for key in result.keys}.values():
        experiment, _, name = key.name.partition(".")
        claimed, run = result.head.values.get(key.name), result.runs.get(experiment)
        if key.kind != MEASURED or not isinstance(claimed, float):
            continue
        if run is None:
            result.doubts.append(f"{key.name} is {claimed:g}, and no report/{experiment}.json shows where from.")
        elif name not in run.numbers:
            result.doubts.append(f"{key.name} is {claimed:g}, and report/{experiment}.json has no such number.")
        elif abs(claimed - run.numbers[name]) > 0.5001 * 10.0 ** -result.head.decimals[key.name]:
            told = f"{run.numbers[name]:.6g} in report/{experiment}.json"
            result.doubts.append(f"{key.name} is {claimed:.6g} in the head, and {told}.")


def refuse_odd_questions(result: Review) -> None:
    """Note questions that the template does not have, or that stand there twice."""
    seen: set[str] = set()
    for block in result.document.blocks:
        if block.number in seen:
            result.problems.append(f"Line {block.line}: question {block.number} stands there twice. Keep one.")
        elif block.number and block.number not in result.asked.questions:
            result.problems.append(f"Line {block.line}: the template has no question {block.number}.")
        seen |= {block.number} - {""}


def look_at(result: Review, state: State, question: Block, written: Block, files: Mapping[str, bytes]) -> None:
    """Note what one question still lacks."""
    if question.asks_for_text and not written.answer:
        state.missing.append("no answer")
    lacking = [key.name for key in result.keys if key.question == state.number and key.name not in result.head.values]
    odd = [name for name in lacking if name in result.head.problems]
    empty = [name for name in lacking if name not in odd]
    state.missing += [
        f"{words}: {', '.join(names)}" for words, names in (("empty", empty), ("not as asked", odd)) if names
    ]
    linked = written.pictures
    for picture in question.pictures:
        if picture not in linked:
            state.missing.append(f"the figure {picture} is no longer in the report")
        if picture not in files:
            to_make(result, state, f"{picture} is missing", experiment_of(picture))
    look_at_tables(result, state, question, written)


def look_at_tables(result: Review, state: State, question: Block, written: Block) -> None:
    try:
        tables = {table.name: table for table in written.tables}
    except ReportError as error:
        result.problems.append(f"Question {written.number}: {error}")
        tables = {}
    for asked in question.tables:
        table = tables.get(asked.name)
        if table is None:
            state.missing.append(f"the table {asked.name} is no longer in the report")
            continue
        if table.others:
            result.problems.append(
                f"Line {written.line + table.others[0]}: this is not a row of the table {table.name}. Move it below the line {END_OF_TABLE}."
            )
            continue
        lines = [line.strip() for line in table.lines if line.strip()]
        made = result.runs[asked.run].tables.get(asked.key) if asked.run in result.runs else None
        if not lines:
            to_make(result, state, f"the table {asked.name} is empty", asked.run)
        elif made is None:
            result.doubts.append(f"No report/{asked.run}.json shows where the table {asked.name} comes from.")
        elif lines != made:
            result.doubts.append(f"The table {asked.name} differs from the one in report/{asked.run}.json.")


def to_make(result: Review, state: State, words: str, experiment: str) -> None:
    """Note something that a command makes."""
    state.missing.append(words)
    numbers = result.commands.setdefault(command_for(experiment), [])
    if state.number not in numbers:
        numbers.append(state.number)


def check_pictures(result: Review, files: Mapping[str, bytes]) -> None:
    """Note pictures that are damaged, missing, or elsewhere than in the report's folder."""
    asked = {words.removesuffix(" is missing") for state in result.states for words in state.missing}
    for block in result.document.blocks:
        for address in block.pictures:
            where = f"Question {block.number}" if block.number else f"Line {block.line}"
            if not is_in_folder(address):
                result.problems.append(
                    f"{where}: the picture {address[:100]!r} is not shown. Put a .png or .jpg into the folder report/, and link to report/NAME.png."
                )
            elif address in files:
                result.problems += [problem] if (problem := problem_of(address, files[address])) else []
            elif address not in asked:
                result.problems.append(f"{where}: {address} is missing.")
