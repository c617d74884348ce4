"""Compares a report with its template: what is done, what is missing, what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.report.document import END_OF_TABLE, FENCE, Block, Document, parse
from grader.report.head import Head, HeadError, read_head
from grader.report.keys import MEASURED, Key, keys_of
from grader.report.pictures import is_in_folder, problem_of
from grader.report.runs import Run, command_for, experiment_of, read_runs
from grader.report.template import ReportError, in_words

HEAD_NOT_READ = "the head can't be read"


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
        doubts: sentences on numbers and tables that differ from the run they claim to come from,
            and on other things that a student may have overlooked.
        differing: the measured numbers that differ from their run's.
        quick: the experiments that the questions need and that ran only quickly.
        head_is_read: whether the head could be read.
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
    differing: set[str] = field(default_factory=set)
    quick: list[str] = field(default_factory=list)
    head_is_read: bool = True

    @property
    def unanswered(self) -> list[State]:
        return [state for state in self.states if state.missing]

    @property
    def to_do(self) -> list[str]:
        """A line for each question that lacks more than a head that can be read."""
        return [state.text for state in self.unanswered if state.missing != [HEAD_NOT_READ]]

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
    if result.quick:
        result.doubts.append(
            f"These come from quick runs, which only show that your code works: {', '.join(result.quick)}. Make them again."
        )
    return result


def read_the_head(result: Review) -> None:
    try:
        require_head(result.document)
        result.head = read_head(result.document.head, result.keys)
    except HeadError as error:
        result.head_is_read = False
        result.problems.append(f"{error} Until then no number of the head can be read.")
        return
    result.problems += [*result.head.unknown, *result.head.problems.values()]
    if not result.head.words.get("name"):
        result.doubts.append("The name in the head is empty. Write your name behind  name:")


def require_head(document: Document) -> None:
    """Raise HeadError if a report has no head."""
    if document.has_head:
        return
    if document.blocks[0].text.startswith(FENCE):
        raise HeadError(f"The head has no second line {FENCE}. Put one below its last line.")
    raise HeadError(
        "The report does not begin with its head, the lines between --- and ---. Copy them from the template."
    )


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
            result.differing.add(key.name)
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
    look_at_numbers(result, state)
    look_at_pictures(result, state, question, written, files)
    look_at_tables(result, state, question, written)
    look_at_runs(result, state, question)


def look_at_numbers(result: Review, state: State) -> None:
    names = [key.name for key in result.keys if key.question == state.number]
    if not result.head_is_read:
        state.missing += [HEAD_NOT_READ] if names else []
        return
    odd = [name for name in names if name in result.head.problems]
    empty = [name for name in names if name not in result.head.values and name not in odd]
    differing = [name for name in names if name in result.differing]
    kinds = (("empty", empty), ("not as asked", odd), ("not as in the run", differing))
    state.missing += [f"{words}: {', '.join(found)}" for words, found in kinds if found]


def look_at_pictures(result: Review, state: State, question: Block, written: Block, files: Mapping[str, bytes]) -> None:
    linked = written.pictures
    for picture in dict.fromkeys([*question.pictures, *filter(is_in_folder, linked)]):
        if picture not in linked:
            state.missing.append(f"the figure {picture} is no longer in the report")
        elif picture in files:
            state.missing += [f"{picture} can't be shown"] if problem_of(picture, files[picture]) else []
        elif picture in question.pictures:
            to_make(result, state, f"{picture} is missing", experiment_of(picture))
        else:
            state.missing.append(f"{picture} is missing")


def experiments_for(question: Block, keys: list[Key]) -> list[str]:
    """The experiments that a question's figures, tables and measured numbers come from."""
    measured = [key.name for key in keys if key.question == question.number and key.kind == MEASURED]
    names = [
        *map(experiment_of, question.pictures),
        *(table.run for table in question.tables),
        *(name.partition(".")[0] for name in measured),
    ]
    return list(dict.fromkeys(names))


def look_at_runs(result: Review, state: State, question: Block) -> None:
    """Note the quick runs that a question's figures, tables and numbers come from."""
    for name in experiments_for(question, result.keys):
        run = result.runs.get(name)
        if run and run.facts.get("budget") == "quick":
            to_make(result, state, f"from a quick run of {name}", name)
            result.quick += [name] if name not in result.quick else []


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
