"""File systems of a test's own, where it may mount one; else the test is skipped."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def disk(place: Path, kilobytes: int) -> Iterator[Path]:
    """A file system of that size."""
    place.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "newsdesk-test", str(place))
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@contextlib.contextmanager
def read_only(place: Path) -> Iterator[None]:
    """A folder that not even root may write to; what lies in it is there to be read."""
    _mount("--bind", str(place), str(place))
    try:
        _mount("-o", "remount,bind,ro", str(place))
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def _mount(*given: str) -> None:
    try:
        done = subprocess.run(["mount", *given], capture_output=True, text=True, check=False)
    except OSError as error:
        pytest.skip(f"no way to mount a file system: {error}")
    if done.returncode:
        pytest.skip(f"not allowed to mount a file system: {done.stderr.strip()}")
