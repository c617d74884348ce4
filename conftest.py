"""Loads the grader's plugin: `pytest tests/` runs the checks even if the kit is not installed."""

pytest_plugins = ("grader.plugin",)
