"""The staff's commands.  grader/commands/__init__.py says what a command's module has in it."""

from grader.commands import Command

COMMANDS = {
    "grade": Command("grader.staff.grading.grade", "grade submissions with the visible and the hidden checks"),
    "points": Command("grader.staff.grading.points", "list the points of every check"),
    "answers": Command("grader.staff.grading.answers", "print the key and the rubrics of the report's questions"),
    "new": Command("grader.staff.release.new", "write an exercise of one function, to be changed into another"),
    "stubs": Command("grader.staff.release.stubs", "generate src/ from the reference"),
    "record": Command("grader.staff.release.record", "record the reference's observations for students' machines"),
    "solution": Command("grader.staff.release.solution", "write the reference as a submission"),
    "handout": Command("grader.staff.release.handout", "make what students get: a folder and a zip"),
    "autograder": Command("grader.staff.release.autograder", "make the zip that is uploaded to Gradescope"),
    "rehearse": Command("grader.staff.release.rehearse", "try that zip without Gradescope"),
    "results": Command("grader.staff.release.results", "run experiments, and compare them with the course documents"),
    "audit": Command("grader.staff.proving.audit", "try every known mistake and every correct style on the checks"),
    "naming": Command("grader.staff.proving.naming", "count how often mistakes are named if a function has several"),
    "calibrate": Command("grader.staff.proving.calibrate", "measure the thresholds of checks on trained networks"),
    "attack": Command("grader.staff.proving.attack", "try every attack on the grader"),
    "fuzz": Command("grader.staff.proving.fuzz", "grade submissions that are broken at random"),
    "parity": Command("grader.staff.proving.parity", "compare the four ways to a score"),
    "bench": Command("grader.staff.proving.bench", "measure what the judge costs"),
    "bench-peers": Command("grader.staff.proving.bench_peers", "measure other graders beside this one"),
    "map": Command("grader.staff.proving.map", "show which package imports which"),
    "baseline": Command(
        "grader.staff.proving.baseline", "save what the judge says of many submissions, or compare with that"
    ),
}
