"""One writer at a time in a home."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from newsdesk.index.errors import LibraryDamaged
from newsdesk.index.library import describe_os_error

LOCK = "index.lock"


@contextlib.contextmanager
def alone(
    home: Path, waiting: Callable[[], None] = lambda: None, name: str = LOCK
) -> Iterator[None]:
    """Hold a lock of a home, by default the writer's; the system lets it go when a process dies.

    `waiting` is called once if another process has it. Raises LibraryDamaged.
    """
    from filelock import FileLock, Timeout

    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / name)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waiting()
            lock.acquire()
    except OSError as error:
        raise LibraryDamaged(describe_os_error(error, home)) from error
    try:
        yield
    finally:
        lock.release()
