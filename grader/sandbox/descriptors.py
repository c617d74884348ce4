"""What a process has open: how it travels to another process, and how the rest is closed."""

import contextlib
import json
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MOST = 16  # descriptors in one message


def send(to: socket.socket, content: Any, descriptors: Sequence[int]) -> None:
    """Send a message, and copies of descriptors, through a Unix socket."""
    socket.send_fds(to, [b"\0"], descriptors)
    to.sendall(json.dumps(content).encode() + b"\n")


def receive(source: socket.socket) -> tuple[Any, list[int]] | None:
    """The one message of a socket, whose descriptors are this process's own; None if none comes."""
    first, descriptors, _, _ = socket.recv_fds(source, 1, MOST)
    if not first:
        return None
    with source.makefile("rb") as stream:
        return json.loads(stream.readline()), descriptors


def close_from(least: int, kept: int | None = None) -> None:
    """Close every descriptor from this one on, except one that is kept."""
    listing = Path("/proc/self/fd")  # the limit may be a thousand million descriptors, too many to try
    for descriptor in [int(entry.name) for entry in listing.iterdir()] if listing.is_dir() else range(4096):
        if descriptor >= least and descriptor != kept:
            with contextlib.suppress(OSError):  # the listing's own
                os.close(descriptor)


def of_end(pid: int) -> list[int]:
    """A descriptor that can be read when a child process has ended; none on an older Linux."""
    with contextlib.suppress(OSError, AttributeError):
        return [os.pidfd_open(pid)]
    return []
