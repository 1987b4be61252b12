"""The exceptions, as a tree. Each message says what happened and how to mend it.

NewsdeskError            exit 1
├── UsageError           exit 2: the command or a setting is wrong
├── LibraryError         the library cannot be used
│   ├── LibraryMissing       nothing has been indexed yet
│   ├── LibraryDamaged       a file of the library is damaged or foreign
│   │   └── LibraryOutdated      what is asked was written by an earlier version
│   ├── ModelMismatch        indexed with another embedding model than the one set
│   ├── EngineAway           the engine that is asked does not answer
│   ├── EngineRefused        the engine that is asked does not do what it was told
│   └── StateGone            what was asked was replaced meanwhile
├── ModelError           the embedding model cannot be loaded
├── NothingUsable        nothing to index, or nothing to answer from
├── DatasetError         a dataset for measuring is not in a form we know
└── Refused              one article that cannot be taken; the others go on
"""

from __future__ import annotations


class NewsdeskError(Exception):
    """Base of all errors a user can cause; its text is one line: the thing, and the mend.

    `exit_code` is the process's status when a command fails with it.

    >>> try:
    ...     Searcher(Settings(home=Path("nowhere")))
    ... except NewsdeskError as error:
    ...     print(error)
    nowhere: nothing indexed here; run `newsdesk index FOLDER`
    """

    exit_code = 1


class UsageError(NewsdeskError):
    """A command, an option or a setting that makes no sense."""

    exit_code = 2


class LibraryError(NewsdeskError):
    """The library cannot be used as it is."""


class LibraryMissing(LibraryError):
    """There is no library, or nothing in it to search yet."""


class LibraryDamaged(LibraryError):
    """A file of the library is damaged, or was not written by Newsdesk."""


class LibraryOutdated(LibraryDamaged):
    """What is asked was written by an earlier version; `sync.renew` builds it anew."""


class ModelMismatch(LibraryError):
    """The library was indexed with another embedding model."""


class EngineAway(LibraryError):
    """The engine that is asked was not reached, or was too slow; it may be back soon."""


class EngineRefused(LibraryError):
    """The engine that is asked refused what it was told: its rights, its version, its data."""


class StateGone(LibraryError):
    """The state of the library that is asked was replaced; the newest one answers."""


class ModelError(NewsdeskError):
    """The embedding model is missing, foreign, or does not export."""


class NothingUsable(NewsdeskError):
    """A path without articles, or only with articles that were refused."""


class DatasetError(NewsdeskError):
    """A dataset for measuring that cannot be read."""


class Refused(NewsdeskError):
    """One article that is not taken, with the reason; raised and collected by the readers."""
