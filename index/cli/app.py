"""The console script: the group of commands, how one is run, and what is said when it fails.

What a command needs is imported inside it, so that `--help` answers at once.
"""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import click

from newsdesk.index.errors import NewsdeskError
from newsdesk.index.settings import Settings

from .add import add
from .application import FAILED, INTERRUPTED, WRONG_USE, Application, Facts
from .article import article
from .ask import ask
from .backup import backup
from .brief import brief
from .completion import answer_shell, completion
from .encode import encode
from .eval import eval_
from .exchange import check, export, import_
from .forget import forget
from .index import index
from .list import list_
from .remove import remove
from .restore import restore
from .settings import settings_
from .sources import sources
from .status import status
from .sync import sync, watch

if TYPE_CHECKING:
    from newsdesk.index.sync import Companion

COMMANDS: tuple[click.Command, ...] = (
    add,
    article,
    ask,
    backup,
    brief,
    check,
    completion,
    encode,
    eval_,
    export,
    forget,
    import_,
    index,
    list_,
    remove,
    restore,
    settings_,
    sources,
    status,
    sync,
    watch,
)

_HELP = """Answers questions from a collection of news articles: the passage, the sentence in it
that answers, and a citation that can be checked.

The library lies in NEWSDESK_HOME (.newsdesk in the working directory unless set). Every
setting can be given as NEWSDESK_…, or in newsdesk.toml; `newsdesk settings` lists them.

Exit codes: 0 done, 1 nothing found or nothing usable, 2 wrong use.
"""


def build(
    commands: Iterable[click.Command] = COMMANDS,
    settings_type: type[Settings] = Settings,
    facts: Iterable[Callable[[Settings], Facts]] = (),
    beside: Iterable[Callable[[], Companion]] = (),
) -> click.Group:
    """Compose a console script.

    `settings_type` is what its commands load, `facts` is what other packages add to `status`, and
    `beside` makes the files of theirs that are backed up, restored and checked with the library.
    """
    group = click.Group(
        "newsdesk",
        commands=list(commands),
        help=_HELP,
        context_settings={
            "help_option_names": ["-h", "--help"],
            "max_content_width": 100,
            "obj": Application(settings_type, tuple(facts), tuple(beside)),
        },
    )
    version = click.version_option(package_name="newsdesk", message="newsdesk %(version)s")
    return version(group)


def main(group: click.Group | None = None) -> None:
    """Run the command that the process was started with, and exit; of `index` unless given."""
    group = group or build()
    if sys.stdout is None:  # Not run: the first file it opened would be taken for its output
        sys.exit(_complain("standard output is closed; send it somewhere", FAILED))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:], group))


def run(arguments: Sequence[str], group: click.Group | None = None) -> int:
    """Run one command; returns its exit code. An error is one line on stderr."""
    try:
        code = _run(arguments, group or build())
        sys.stdout.flush()
    except click.ClickException as error:
        code = _complain(f"{error.format_message()} See `newsdesk --help`", WRONG_USE)
    except NewsdeskError as error:
        code = _complain(str(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        code = _complain("interrupted; what was done so far is kept", INTERRUPTED)
    except BrokenPipeError:
        code = 0
        sys.stdout = None  # or Python complains when it flushes it
    except OSError as error:
        code = _complain(_refused_by_system(error), FAILED)
        sys.stdout = None
    return code


def _run(arguments: Sequence[str], group: click.Group) -> int:
    completed = answer_shell(group)
    if completed is not None:
        return completed
    try:
        # Not group.main(), which makes an error of a program that stops reading.
        with group.make_context("newsdesk", list(arguments)) as context:
            return int(group.invoke(context) or 0)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return WRONG_USE


def _refused_by_system(error: OSError) -> str:
    """What the system refused; where it names no file, that is what output is sent to."""
    mend = "free some space" if error.errno == errno.ENOSPC else "send it somewhere else"
    return f"{error.filename or 'standard output'}: {error.strerror or error}; {mend}"


def _complain(what: str, code: int) -> int:
    print(f"newsdesk: {' '.join(what.split())}", file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
