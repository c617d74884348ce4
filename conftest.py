"""Makes `pytest tests/` a run of the checks, with no installation of the kit."""

pytest_plugins = ("grader.plugin",)
