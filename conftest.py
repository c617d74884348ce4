"""Loads the grader's plugin, so that `pytest tests/` runs the checks without an installation of the kit."""

pytest_plugins = ("grader.plugin",)
