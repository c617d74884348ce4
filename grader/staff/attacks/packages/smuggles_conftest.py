CONFTEST = """
import pytest
print("FOUND: conftest ran")

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    report.outcome = "passed"
    return report
"""
INI = "[pytest]\naddopts = -p conftest --co\npython_files = *.py\n"


def make(path, files):
    for folder in ("", "src", "tests", "grader", "grader/staff/exercises"):
        (path / folder).mkdir(parents=True, exist_ok=True)
        (path / folder / "conftest.py").write_text(CONFTEST)
        (path / folder / "pytest.ini").write_text(INI)
        (path / folder / "tox.ini").write_text(INI)
        (path / folder / "setup.cfg").write_text(INI.replace("[pytest]", "[tool:pytest]"))
        (path / folder / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = ['-p', 'conftest']\n")
        (path / folder / "test_run_model.py").write_text("def test_evaluate_even_batches(): pass\n")
    (path / "results.json").write_text('{"score": 100}')
    for name, content in files.items():
        (path / name).write_bytes(content)
    return path
