"""Grade the numbers of a report and render its page, in a process with limits of its own.

python -m grader.staff.grading.report SUBMISSION FOLDER

It writes FOLDER/report.json and FOLDER/report.html if the submission has a report. Its points are
apart from those of the checks.
"""

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from grader.assignment import KIT, GraderError
from grader.intake.files import replace_file
from grader.intake.report_files import find_report, take_report
from grader.intake.sources import SubmissionError, open_source
from grader.judging.record import Apart
from grader.report.page import page_of
from grader.report.review import Review, review
from grader.report.template import in_words, template_text
from grader.sandbox import hardening
from grader.staff.grading.numbers import Score, read_answers, score_of

RESULTS, PAGE = "report.json", "report.html"
LIMIT_S = 60
MAX_MEMORY = 2 * 2**30  # bytes
TITLE = "The numbers of the report (apart from the points above)"
MOST_SENTENCES = 20


def grade_report(submission: Path, folder: Path) -> Apart | None:
    """Grade a submission's report into a folder; None if it has none."""
    for name in (RESULTS, PAGE):
        (folder / name).unlink(missing_ok=True)
    with contextlib.suppress(SubmissionError), open_source(submission) as source:
        if find_report(source):
            return run_apart(submission, folder)
    return None


def run_apart(submission: Path, folder: Path) -> Apart:
    """Grade the report in a process of its own: nothing in it may stop the grading of the code."""
    command = [sys.executable, "-m", "grader.staff.grading.report", str(submission.resolve()), str(folder.resolve())]
    with contextlib.suppress(OSError, ValueError, subprocess.TimeoutExpired):
        subprocess.run(command, cwd=KIT, stdin=subprocess.DEVNULL, timeout=LIMIT_S, check=False)
        return told(json.loads((folder / RESULTS).read_text(encoding="utf-8")))
    sentence = "The report could not be graded. Course staff: the run's log says why, or it took too long."
    return Apart(TITLE, sentence, details={"problem": sentence})


def told(results: dict[str, Any]) -> Apart:
    """What the results of a run say of a report."""
    numbers = results["numbers"]
    sentences = [*results["problems"], *results["doubts"]]
    text = [f"Report: {results['summary']}.", *sentences[:MOST_SENTENCES]]
    if len(sentences) > MOST_SENTENCES:
        text.append(f"And {len(sentences) - MOST_SENTENCES} more.")
    words = [f"{entry['question']} {name}: {entry['word']}" for name, entry in numbers["keys"].items()]
    points = f"{numbers['points']:g} of {in_words(numbers['max_points'])}"
    details = {
        "points": numbers["points"],
        "max_points": numbers["max_points"],
        "questions": len(results["questions"]),
        "done": sum(not question["missing"] for question in results["questions"]),
    }
    return Apart(TITLE, "\n".join(text), "\n".join([points, *words]), details)


def main(arguments: list[str]) -> int:
    """Grade one report.  Returns the exit status, 0."""
    submission, folder = map(Path, arguments)
    with open_source(submission) as source:
        taken = take_report(source)
    result = review(taken.text or "", taken.files, template_text())
    result.problems = [*taken.problems, *(result.problems if taken.text is not None else [])]
    score = score_of(result.head, result.keys, read_answers())
    sentence = f"Numbers: {score.points:g} of {in_words(score.max_points)}"
    replace_file(folder / PAGE, page_of(result, taken.files, score.words, sentence).encode())
    replace_file(folder / RESULTS, (json.dumps(results_of(result, score), indent=1) + "\n").encode())
    return 0


def results_of(result: Review, score: Score) -> dict[str, Any]:
    """What report.json holds."""
    questions = {key.name: key.question for key in result.keys}
    keys = {name: {"question": questions[name], "word": word} for name, word in score.words.items()}
    return {
        "summary": result.summary,
        "questions": [
            {"number": state.number, "points": state.points, "missing": state.missing} for state in result.states
        ],
        "numbers": {"points": score.points, "max_points": score.max_points, "keys": keys},
        "problems": result.problems,
        "doubts": result.doubts,
    }


if __name__ == "__main__":
    hardening.limit_own_process(MAX_MEMORY)
    try:
        sys.exit(main(sys.argv[1:]))
    except GraderError as error:
        sys.exit(str(error))
