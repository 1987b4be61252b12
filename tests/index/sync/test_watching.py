"""When `watch` has the work done: on a real folder, without a library's articles."""

from __future__ import annotations

import threading
from pathlib import Path

from newsdesk.index.library import Library
from newsdesk.index.sync import watch
from tests.helpers.support import write

from .helpers import settings


def test_a_file_that_changes_while_it_works_is_not_missed(tmp_path: Path, home: Path) -> None:
    folder = write(tmp_path / "news", {"a.txt": "A\n\nA is here."})
    with Library(home, create=True) as library, library.transaction():
        library.add_root(str(folder))
    asked: list[bool] = []
    stop = threading.Event()

    def work(network: bool) -> None:
        asked.append(network)
        if len(asked) == 1:
            (folder / "b.txt").write_text("B\n\nB came when all had been read.")
        else:
            stop.set()

    watching = threading.Thread(target=watch, args=(settings(home, every=60.0), work, stop))
    watching.start()
    try:
        watching.join(60)
        assert not watching.is_alive(), "the change was missed"
        assert asked == [True, False]
    finally:
        stop.set()
        watching.join()
