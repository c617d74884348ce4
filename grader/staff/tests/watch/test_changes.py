"""What a save changes, and which functions that concerns."""

from grader.watch.changes import affected, changed_names, read_source
from grader.watch.files import Files

BEFORE = """
from torch import nn

RATE = 0.1


def mean(values):
    return sum(values) / len(values)


def train(model):
    return mean(model)


def test(model):
    return model


class Net(nn.Module):
    def forward(self, x):
        return x
"""


def names_after(old: str, new: str) -> set[str] | None:
    assert old in BEFORE
    return changed_names(read_source(BEFORE), read_source(BEFORE.replace(old, new)))


def test_names_of_changed_functions_and_classes() -> None:
    assert names_after("return mean(model)", "return 2 * mean(model)") == {"train"}
    assert names_after("        return x", "        return -x") == {"Net"}
    assert names_after("def test(model)", "def tests(model)") == {"test", "tests"}


def test_comments_blank_lines_and_the_main_block_change_nothing() -> None:
    assert names_after("def test", "# a remark\n\ndef test") == set()
    assert names_after("RATE = 0.1", 'RATE = 0.1\nif __name__ == "__main__":\n    print(1)') == set()


def test_anything_else_may_change_everything() -> None:
    assert names_after("RATE = 0.1", "RATE = 0.2") is None
    assert names_after("from torch import nn", "from torch import nn, optim") is None


def test_what_uses_a_changed_name_is_affected_in_other_files_too() -> None:
    sources = {
        "one": read_source("def base():\n    pass\n\ndef top():\n    return base()\n\ndef other():\n    pass\n"),
        "two": read_source(
            "from src.one import top as first\n\ndef far():\n    return first()\n\ndef near():\n    pass\n"
        ),
        "three": read_source("import src.one\n\ndef whole():\n    return src.one.other()\n"),
    }
    found = {name for name in affected(sources, [("one", "base")]) if name[1]}
    assert found == {("one", "base"), ("one", "top"), ("two", "far"), ("three", "whole")}


def test_a_file_that_is_no_python_keeps_its_last_version() -> None:
    files = Files(("a",))
    files.take({"a": "def f():\n    return 1\n"}, [("a", "f")])
    broken = files.take({"a": "def f(:\n"}, [("a", "f")])
    assert broken.concerns_nothing
    assert broken.news == "a.py, line 1: invalid syntax."
    fixed = files.take({"a": "def f():\n    return 2\n"}, [("a", "f")])
    assert fixed.affected == {("a", "f"), ("a", "")}
    assert fixed.news == "a.py: f changed."


def test_a_file_that_still_has_its_error_says_so_again() -> None:
    files = Files(("a",))
    files.take({"a": "def f():\n    return 1\n"}, [("a", "f")])
    for broken in ("def f(:\n", "def f(:\n", "def f(:\n# a remark\n"):
        save = files.take({"a": broken}, [("a", "f")])
        assert save.news == "a.py, line 1: invalid syntax." and save.concerns_nothing
    save = files.take({"a": "def f():\n    return 1\n"}, [("a", "f")])
    assert save.news == "a.py: the error is gone, and nothing else changed." and save.concerns_nothing


def test_code_that_is_nested_too_deeply_is_told_like_a_syntax_error() -> None:
    """Python's parser takes this; what reads the result is deeper in calls than the parser."""
    files = Files(("a",))
    assert files.take({"a": f"if {'not ' * 400}True:\n    pass\n"}, []).concerns_nothing
    assert "a" in files.broken


def test_a_module_counts_if_an_exercise_imports_it() -> None:
    files = Files(("a",))
    files.take({"a": "from src.own import g\n\ndef f():\n    return g()\n", "own": "def g(): pass\n"}, [("a", "f")])
    assert files.take(files.texts | {"own": "def g(): return 1\n"}, [("a", "f")]).affected is None
    assert files.take(files.texts | {"scratch": "x = 1\n"}, [("a", "f")]).concerns_nothing
