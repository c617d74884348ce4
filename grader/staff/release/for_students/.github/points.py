"""Write the points in results.json for GitHub.

They go into the run's summary, and into the form that GitHub Classroom reads.
"""

import base64
import json
import os
import sys
from pathlib import Path


def summary(tests: list[dict]) -> str:
    """A Markdown table of the points, and the feedback of the first ten checks that failed."""
    points, most = (sum(test[key] for test in tests) for key in ("score", "max_score"))
    rows = [
        f"| {test['score']:g}/{test['max_score']:g} | {test.get('number', '')} | {test['name']} |" for test in tests
    ]
    lines = [f"## {points:g} of {most:g} visible points", "", "| points | check | |", "|---|---|---|", *rows, ""]
    lost = [test for test in tests if test["status"] == "failed" and test.get("output", "").strip()]
    for test in lost[:10]:
        text = test["output"].strip().replace("`" * 3, "'''")
        lines += [f"**{test.get('number', '')} {test['name']}**", "", "`" * 3, text[:1500], "`" * 3, ""]
    return "\n".join([*lines, "Hidden checks count too when the assignment is graded.", ""])


def for_classroom(tests: list[dict]) -> str:
    """The points in the form that GitHub Classroom's reporter reads: JSON in base64."""
    passed = all(test["status"] == "passed" for test in tests)
    cases = [
        {
            "name": f"{test.get('number', '')} {test['name']}".strip(),
            "status": "pass" if test["status"] == "passed" else "fail",
            "score": test["score"],
            "message": test.get("output", "")[:300],
            "test_code": "pytest tests/",
            "filename": "",
            "line_no": 0,
            "duration": 0,
        }
        for test in tests
    ]
    most = sum(test["max_score"] for test in tests)
    result = {"version": 1, "status": "pass" if passed else "fail", "max_score": most, "tests": cases}
    return base64.b64encode(json.dumps(result).encode()).decode()


def main(path: Path) -> None:
    if not path.is_file():
        sys.exit("There are no results. The output of the step before this one says why.")
    tests = json.loads(path.read_text(encoding="utf-8"))["tests"]
    append("GITHUB_STEP_SUMMARY", summary(tests))
    append("GITHUB_OUTPUT", f"result={for_classroom(tests)}\n")


def append(variable: str, text: str) -> None:
    """Add text to the file that GitHub names in an environment variable. Elsewhere, print it."""
    if variable in os.environ:
        with Path(os.environ[variable]).open("a", encoding="utf-8") as file:
            file.write(text)
    else:
        print(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
