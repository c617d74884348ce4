"""Packaging: the `grader` command and what it needs.  Exact versions stand in requirements.txt."""

from setuptools import find_packages, setup

NEEDS = [
    "numpy",  # compares observations; the only array library on the trusted side
    "torch",  # what the assignment is about
    "torchvision",  # opens and downloads MNIST and Fashion-MNIST
    "scikit-learn",  # ships real handwritten digits, the data that need no network
    "matplotlib",  # draws the experiments' figures, and the distributions that thresholds are calibrated on
    "rich",  # shows progress bars and tables in the terminal
    "markdown-it-py",  # reads report.md
    "jinja2",  # fills the page that a report is rendered into
    "pyyaml",  # reads the numeric answers at the top of report.md
    "nbformat",  # reads the code out of a notebook that was handed in
    "vermin",  # finds what Python 3.11, which grades, does not have
    "watchfiles",  # tells `grader watch` that a file was saved, on every system
    "pytest",  # runs the checks
    "pytest-timeout",  # marks a check's time budget, and stops a run that hangs
    "gradescope-utils",  # points, numbers and visibility of checks, and Gradescope's results.json
]
STAFF_NEEDS = [
    "axe-core-python",  # brings axe-core, which finds what hinders readers of the feedback page
    "copydetect",  # finds the most similar pairs of submissions
    "distributed",  # grades a class on a cluster, and tests that
    "hypothesis",  # finds the inputs that break the wire and the staging
    "import-linter",  # checks that imports between packages run one way
    "jsonschema",  # holds results.json against Gradescope's schema
    "mypy",  # checks type hints
    "psutil",  # says which processes still run and how much memory is left, and measures memory that they share
    "pytest-xdist",  # runs the kit's tests on all cores
    "ruff",  # lints and formats
    "tomli-w",  # writes the assignment file that students get
    "scipy",  # Clopper-Pearson bounds on how often a correct solution misses a threshold
]

setup(
    name="deep-learning-assignment-kit",
    version="0.1.0",
    description="An assignment kit for deep-learning courses: stubs, checks, and a judge whose score can't be forged",
    license="MIT",
    python_requires=">=3.11,<3.14",
    packages=find_packages(include=["grader", "grader.*", "data"]),
    package_dir={"": "."},  # an editable install then puts this folder on the path, and with it src/
    install_requires=NEEDS,
    extras_require={"staff": STAFF_NEEDS, "cluster": ["distributed", "psutil"]},
    entry_points={"console_scripts": ["grader = grader.cli:main"]},
)
