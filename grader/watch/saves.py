"""Notices saved files: a thread watches the folder src/, since editors rename what they save."""

import queue
import threading
from pathlib import Path
from types import TracebackType

import watchfiles

GROUP_MS, STEP_MS = 50, 10  # an editor writes a file in several steps: wait until it is done, at most so long
Texts = dict[str, str]  # by the files' names without ".py"


class Saves:
    """Watches a folder's Python files until it is closed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.noticed = folder, queue.SimpleQueue[bool]()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def __enter__(self) -> "Saves":
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop.set()
        self.thread.join(2)

    def watch(self) -> None:
        for _ in watchfiles.watch(
            self.folder,
            watch_filter=is_python,
            debounce=GROUP_MS,
            step=STEP_MS,
            stop_event=self.stop,
            rust_timeout=200,
            yield_on_timeout=False,
            raise_interrupt=False,
            recursive=False,
        ):
            self.noticed.put(True)

    @property
    def is_new(self) -> bool:
        """Whether a file was saved since the last `wait`."""
        return not self.noticed.empty()

    def wait(self) -> None:
        """Wait for a save.  Several that nobody has waited for count as one."""
        while True:
            try:
                self.noticed.get(timeout=0.5)  # Ctrl-C can't interrupt a wait without end on Windows
                break
            except queue.Empty:
                continue
        while self.is_new:
            self.noticed.get()

    def texts(self) -> Texts:
        """The text of each Python file in the folder."""
        texts = {}
        for path in sorted(self.folder.glob("*.py")):
            try:
                if path.is_file():  # reading a pipe or a device may never end
                    texts[path.stem] = path.read_text(encoding="utf-8", errors="replace")
            except OSError:  # an editor is just renaming it
                continue
        return texts


def is_python(change: watchfiles.Change, path: str) -> bool:
    return path.endswith(".py")
