"""One run of an experiment: its settings, its parts, and what it writes into the report folder."""

import contextlib
import hashlib
import io
import json
import os
import platform
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
import torch
from matplotlib.figure import Figure

from grader.intake.files import replace_file
from src.experiments.catalogue import Budget, Experiment
from src.experiments.parts import PartStore
from src.experiments.progress import Display
from src.experiments.submission import ExperimentError, Submission

T = TypeVar("T")
DPI = 110
NO_DATA = (
    "`python -m data.fetch --help` says how to get the data sets. With --data offline the experiment runs on data that need "
    "no download."
)


@dataclass
class Run:
    """What an experiment gets: settings to read, and a place to put results.

    Attributes:
        experiment: the experiment's entry in the catalogue.
        submission: the student's files.
        budget: "quick", "evening" or "documents"; see `choose`.
        data_dir: the folder for the loaders of data/, None for their default, or "offline".
        device: where models are trained by `train_epoch`. (`run_model` always uses the CPU.)
        out: the folder for figures and numbers.
        seed: decides everything that is random.
        data: a sentence on each data set that was loaded.
        numbers: single results by name, for the report.
    """

    experiment: Experiment
    submission: Submission
    budget: Budget
    data_dir: str | Path | None
    device: torch.device
    out: Path
    seed: int = 0
    data: list[str] = field(default_factory=list)
    numbers: dict[str, float] = field(default_factory=dict)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    figures: dict[str, dict[str, str]] = field(default_factory=dict)
    seconds: float = 0.0
    display: Display = field(default_factory=Display)

    def choose(self, quick: T, evening: T, documents: T) -> T:
        """The setting for the budget of this run."""
        return {"quick": quick, "evening": evening, "documents": documents}[self.budget]

    def student(self, exercise: str) -> ModuleType:
        """The student's module, such as src.run_model."""
        return self.submission.module(exercise)

    def load(self, loader: Callable[..., T], *arguments: Any, **settings: Any) -> T:
        """Call a loader of data/ with the data folder of this run, and note which data it gave.

        The loader prints one line that says which data they are; `data` keeps it for the report.

        Raises:
            ExperimentError: if the data are not there or damaged.
        """
        try:
            with contextlib.redirect_stdout(_Lines(self.data)):
                return loader(*arguments, data_dir=self.data_dir, **settings)
        except FileNotFoundError as error:
            fact = str(error).partition(". ")[0].replace("data_dir is", "--data is")
            raise ExperimentError(f"{self.experiment.name} has no data to run on: {fact}. {NO_DATA}") from error
        except (OSError, ValueError) as error:
            raise ExperimentError(f"{self.experiment.name} has no data to run on: {error}") from error

    def part(self, key: str, work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
        """Do one part of the experiment, or read its results if an earlier run finished it.

        A run that was stopped continues after its last finished part. Each part has its own seed,
        so the results do not depend on where the run was stopped.

        Args:
            key: the part's name within the experiment, such as "500 examples".
            work: does the part. It returns a dict of numbers, strings, lists, and arrays.
            arguments: what to call `work` with.

        Returns:
            What `work` returned, and its time as "seconds".
        """
        store = PartStore(self.out / ".parts" / self.experiment.name, self._fingerprint())
        result = store.read(key)
        if result is None:
            with self.display.part(key), seeded(f"{self.seed} {self.experiment.name} {key}"):
                start = time.perf_counter()
                result = work(*arguments)
                result["seconds"] = time.perf_counter() - start
            store.write(key, result)
        else:
            self.display.print(f"{key}: taken from an earlier run")
        self.seconds += result["seconds"]
        return result

    def table(self, key: str, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Keep a table for the report, and print it. Cells are numbers or texts; round them."""
        self.tables[key] = {"title": title, "columns": list(columns), "rows": [list(row) for row in rows]}
        self.display.table(**self.tables[key])

    def figure(self, key: str, figure: Figure, title: str, alt: str) -> None:
        """Save a figure as PNG in the report folder.

        Args:
            key: a short word for the file's name.
            figure: the figure, without a title of its own.
            title: the finding, in a sentence.
            alt: what the picture shows, for those who can't see it.
        """
        file = f"{self.experiment.name}-{key}.png"
        self.out.mkdir(parents=True, exist_ok=True)
        figure.suptitle(title.replace(" %", "\N{NO-BREAK SPACE}%"), wrap=True)
        picture = io.BytesIO()
        figure.savefig(picture, format="png", dpi=DPI, metadata={"Software": None})
        replace_file(self.out / file, picture.getvalue())
        self.figures[key] = {"file": file, "title": title, "alt": alt}
        self.display.print(f"{self.out / file}: {title}")

    def write(self) -> Path:
        """Write the numbers next to the figures, and return the path of the file."""
        path = self.out / f"{self.experiment.name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "experiment": self.experiment.name,
            "title": self.experiment.shows,
            "budget": self.budget,
            "data": self.data,
            "device": str(self.device),
            "seed": self.seed,
            "threads": torch.get_num_threads(),
            "seconds": round(self.seconds, 1),
            "versions": {"python": platform.python_version(), "torch": str(torch.__version__), "numpy": np.__version__},
            "submission": self.submission.digest(self.experiment.exercises),
            "finished": datetime.now().astimezone().isoformat(timespec="seconds"),
            "numbers": self.numbers,
            "tables": self.tables,
            "figures": self.figures,
        }
        replace_file(path, (json.dumps(plain(content), indent=1, ensure_ascii=False) + "\n").encode())
        return path

    def _fingerprint(self) -> str:
        """Changes with everything that a part's results depend on."""
        sources = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
        settings = [self.budget, str(self.data_dir), str(self.device), self.seed, torch.get_num_threads()]
        files = self.submission.digest(self.experiment.exercises)
        return hashlib.sha256(repr([settings, os.environ.get("DATA_DIR"), files, sources]).encode()).hexdigest()


@contextlib.contextmanager
def seeded(text: str) -> Iterator[None]:
    """Seed Python, NumPy and torch from a text."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    yield


def plain(value: Any) -> Any:
    """The same with Python's own numbers and lists, and None for NaN and infinities."""
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    return None if isinstance(value, float) and not np.isfinite(value) else value


class _Lines:
    """A stdout that keeps whole lines in a list."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def write(self, text: str) -> int:
        self.lines += [line for line in text.splitlines() if line.strip() and line not in self.lines]
        return len(text)

    def flush(self) -> None:
        pass
