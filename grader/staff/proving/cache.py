"""Answers of workers, kept on disk, so that a second audit only asks what has changed.

An answer is kept as the bytes that the worker sent (sandbox/wire.py): plain data, never a pickle.
Several processes may use the file at once, and killing one leaves it readable.
"""

import sqlite3
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from grader.assignment import KIT

FILE = KIT / "build" / "answers.sqlite"
MAX_BYTES = 2**30  # of all answers; those of a whole audit take a quarter of it
MAX_ANSWER = 4 * 2**20  # an answer with more bytes is asked again: a few of these would fill the file
DAY_S = 24 * 60 * 60.0
WAIT_S = 60.0  # for another process that writes
TABLE = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer BLOB NOT NULL, used REAL NOT NULL)"
ANSWER = "SELECT answer, used FROM answers WHERE key = ?"


class AnswerCache:
    """Answers by key in a file that only its owner can read; the file is made if there is none."""

    def __init__(self, file: Path = FILE) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.connection = connect(file)
        except sqlite3.DatabaseError:  # it is damaged, or was written by another program
            file.unlink()
            self.connection = connect(file)

    def get(self, keys: Iterable[str]) -> dict[str, bytes]:
        """The answers that are kept for these keys."""
        rows = {key: self.connection.execute(ANSWER, (key,)).fetchone() for key in keys}
        found = {key: row for key, row in rows.items() if row is not None}
        now = time.time()
        with self.connection:
            for key, (_, used) in found.items():
                if now - used > DAY_S:  # shrink() removes others first
                    self.connection.execute("UPDATE answers SET used = ? WHERE key = ?", (now, key))
        return {key: answer for key, (answer, _) in found.items()}

    def keep(self, answers: dict[str, bytes]) -> None:
        """Keep these answers; together, so that they cost one write to the disk."""
        rows = [(key, answer, time.time()) for key, answer in answers.items() if len(answer) <= MAX_ANSWER]
        with self.connection:
            self.connection.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", rows)

    def shrink(self, max_bytes: int = MAX_BYTES) -> None:
        """Remove the answers that nobody used for the longest time until the others fit."""
        older = "SELECT key, SUM(LENGTH(answer)) OVER (ORDER BY used DESC, key) AS bytes FROM answers"
        with self.connection:
            self.connection.execute(
                f"DELETE FROM answers WHERE key IN (SELECT key FROM ({older}) WHERE bytes > ?)", (max_bytes,)
            )

    def close(self) -> None:
        self.connection.close()


def connect(file: Path) -> sqlite3.Connection:
    """Open the file. Raises sqlite3.DatabaseError if it is not a cache."""
    file.touch(mode=0o600)  # workers that run a submission must not read the reference's answers
    connection = sqlite3.connect(file, timeout=WAIT_S)
    try:
        connection.execute("PRAGMA journal_mode = WAL")  # readers need not wait for a writer
        connection.execute("PRAGMA synchronous = NORMAL")  # losing the last answers in a power cut costs nothing
        connection.execute(TABLE)
    except sqlite3.DatabaseError:
        with suppress(sqlite3.Error):
            connection.close()
        raise
    return connection
