"""Settings: defaults, then `newsdesk.toml`, then `NEWSDESK_…`, each over the one before.

msgspec, not pydantic-settings: importing the latter takes 0.4 s here, more than all of ONNX
Runtime, and `newsdesk ask` pays for imports on every call. msgspec checks the same types, names
the same offending keys, and imports in 0.02 s.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar, overload

import msgspec
from msgspec import Meta, Struct

from .errors import UsageError

PREFIX = "NEWSDESK_"
CONFIG_VARIABLE = "NEWSDESK_CONFIG"
CONFIG_FILE = "newsdesk.toml"
DEFAULT = "default"  # origin of a setting that nobody gave
_HELP = "`newsdesk settings` lists them"

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Weight = Annotated[float, Meta(ge=0.0, le=10.0)]
Count = Annotated[int, Meta(ge=1)]
Positive = Annotated[float, Meta(gt=0.0, le=1e6)]
Name = Annotated[str, Meta(min_length=1)]
SECRET = {"secret": True}  # `Meta(extra=SECRET)` marks what must not be shown
Secret = Annotated[str, Meta(extra=SECRET)]


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the settings; a key it does not know is an error."""


Key = tuple[str, ...]  # a setting's path, such as ("fusion", "weight")


class Readers(Section, frozen=True):
    """What is taken from disk."""

    max_megabytes: Positive = 10.0  # of one file that holds one article
    max_file_megabytes: Positive = 100.0  # of one file of many articles, or of text and pictures
    max_characters: Count = 1_000_000  # of one article's text
    language: Name = "en"  # where sentences end, for articles that do not say
    date_order: Annotated[str, Meta(pattern="^(auto|day|month)$")] = (
        "auto"  # what comes first in 03/04/2021; auto: as other dates of the source have it
    )


class Passages(Section, frozen=True):
    """How articles are split; changing it splits the library anew."""

    words: Count = 100  # what a passage aims at
    most: Count = 150  # what a passage never exceeds, unless one word does


class Lexical(Section, frozen=True):
    """BM25, see `indexes/bm25.py`."""

    k1: Positive = 1.5
    b: Share = 0.75


class Dense(Section, frozen=True):
    """Embeddings, see `indexes/dense/`."""

    batch: Count = 32  # passages encoded at once
    bf16: bool = False  # encode many passages by bfloat16: sooner, and nearly the same vectors
    exact_up_to: Annotated[int, Meta(ge=0)] = (
        50_000  # passages; above, 1-bit codes choose what is scored exactly
    )
    rescore: Count = 2_000  # how many of those the codes choose


class Fusion(Section, frozen=True):
    """How both scores become one, see `search/fusion.py`."""

    method: Annotated[str, Meta(pattern="^(sum|rrf)$")] = "sum"
    weight: Share = 0.5  # of the dense score; the rest is BM25's
    article: Share = 0.5  # of BM25's part, that of the whole article
    depth: Count = 100  # candidates taken from each index
    recency: Weight = 0.4  # what an article of the day of the question gains
    recency_days: Positive = 7.0  # after which a third of that is left
    source: Weight = 0.15  # what an article gains whose source the question names
    read: Annotated[int, Meta(ge=0)] = 30  # passages of which each sentence is matched; 0: none
    sentence: Weight = 0.4  # of the best sentence's cosine
    words: Weight = 0.3  # of the share of the question's words in it


class Reading(Section, frozen=True):
    """The model that reads the first passages together with the question, see `reading/`."""

    model: Name = "default"  # or none, a directory, or a cross-encoder of sentence-transformers
    passages: Count = 4  # that it reads, at most
    margin: Weight = 0.5  # of score, that a passage may be below the first to be read
    weight: Weight = 0.3  # of how probably a passage answers, in its score


class Answering(Section, frozen=True):
    """How probable an answer must be, see `search/verdicts.py`.

    What other values refuse and let pass: RESULTS.md, "Answering".
    """

    answered: Share = 0.6  # that the sentence answers, to be shown as the answer
    weak: Share = 0.32  # that anything is about it, to be the closest; below: "I did not find it"
    passages: Count = 5
    near_duplicate: Share = 0.8  # shared share of word pairs from which two passages are one


class Briefing(Section, frozen=True):
    """Briefings, see `brief/`."""

    same: Share = 0.38  # how probably two articles tell the same, on average, to be one story
    fit: Share = 0.47  # how probably a story belongs to the topic, to be told


class Net(Section, frozen=True):
    """What is fetched, see `net/` and `sync/`."""

    allow_private: bool = False  # whether loopback and private addresses may be fetched from
    user_agent: Name = "Newsdesk/0.1"  # how we name ourselves
    delay: Annotated[float, Meta(ge=0.0, le=3600.0)] = 1.0  # seconds between requests to a host
    at_once: Count = 8  # hosts that are asked at the same time
    timeout: Positive = 20.0  # seconds in which a server has to send something
    deadline: Positive = 60.0  # seconds for a whole request
    max_megabytes: Positive = 10.0  # of a reply, decompressed
    every: Positive = 30.0  # minutes between two rounds of `newsdesk watch`
    pause: Positive = 5.0  # minutes after a failure, doubled with each further one
    most_pause: Positive = 24.0  # hours that such a pause is at most


class Milvus(Section, frozen=True):
    """Where the library is asked if `engine` is milvus, see `milvus/`."""

    uri: str = ""  # http://host:19530 of a server, or a file of milvus-lite, whose name ends in .db
    token: Secret = ""  # "user:password", or an API key
    name: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,40}$")] = (
        "newsdesk"  # what its collections' names begin with; one for each library
    )
    wait: Annotated[float, Meta(ge=0.0, le=600.0)] = 8.0  # seconds for it to come back
    timeout: Positive = 5.0  # seconds that one call may take
    grace: Annotated[float, Meta(ge=0.0, le=60.0)] = (
        2.0  # seconds that what was replaced stays for the questions that began before
    )
    index: Annotated[str, Meta(pattern="^(FLAT|HNSW)$")] = "FLAT"  # of vectors: exact, or quick


class Settings(Section, frozen=True):
    """Everything that can be set, with its default.

    >>> Settings().model
    'all-MiniLM-L6-v2'

    An application with settings of its own derives from it, and loads what it derived. Lists are
    tuples, given in the environment with commas between; a text of type `Secret` is never shown.
    """

    home: Path = Path(".newsdesk")
    seeds: Path = Path("seeds")
    model: Name = "all-MiniLM-L6-v2"  # or a directory, or any sentence-transformers name
    engine: Annotated[str, Meta(pattern="^(local|milvus)$")] = (
        "local"  # what answers: the indexes in `home`, or Milvus, see section milvus
    )
    readers: Readers = Readers()
    passages: Passages = Passages()
    lexical: Lexical = Lexical()
    dense: Dense = Dense()
    fusion: Fusion = Fusion()
    reader: Reading = Reading()
    answer: Answering = Answering()
    brief: Briefing = Briefing()
    net: Net = Net()
    milvus: Milvus = Milvus()


Kind = TypeVar("Kind", bound=Settings)


@dataclass(frozen=True, slots=True)
class Loaded(Generic[Kind]):
    """Settings, and where each comes from."""

    settings: Kind
    origins: Mapping[Key, str]  # DEFAULT, a file's path, a variable's name or "override"


@overload
def load(
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Settings: ...


@overload
def load(
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
    overrides: Mapping[str, str] | None = None,
    *,
    kind: type[Kind],
) -> Kind: ...


def load(
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
    overrides: Mapping[str, str] | None = None,
    *,
    kind: type[Settings] = Settings,
) -> Settings:
    """Load the settings for a directory.

    `environ` holds the variables (default: those of the process), `directory` is where
    `newsdesk.toml` is looked for (default: the working directory), `overrides` are dotted keys,
    strongest of all. `kind` is what is loaded. Of a type derived from Settings every name is
    checked; of Settings itself, names outside its sections are left alone, since other
    applications share the file and the prefix.
    Raises UsageError for an unknown key, a value of the wrong type, or an unreadable file.

    >>> load({"NEWSDESK_FUSION_WEIGHT": "0.3"}).fusion.weight
    0.3
    """
    return load_with_origins(kind, environ, directory, overrides).settings


def load_with_origins(
    kind: type[Kind],
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Loaded[Kind]:
    """Load settings as `load` does, and say of each where it comes from. Raises UsageError."""
    environ = os.environ if environ is None else environ
    tree, file = _from_toml(environ, directory or Path(), kind)
    origins = _origins(kind, tree, file)
    variables = _from_environ(environ, kind)
    for name, key in variables.items():
        _plant(tree, key, environ[name], name, kind)
        origins[key] = name
    for dotted, text in (overrides or {}).items():
        _plant(tree, tuple(dotted.split(".")), text, dotted, kind)
        origins[tuple(dotted.split("."))] = "override"
    given = ", ".join([*([file] if file else []), *variables, *(overrides or {})])
    return Loaded(_converted(kind, tree, given), origins)


def keys(kind: type[Settings] = Settings) -> list[Key]:
    """Every setting's path, such as `("fusion", "weight")`."""
    return list(_fields(kind))


def secrets(kind: type[Settings]) -> set[Key]:
    """Paths of the settings that must not be shown."""
    return {
        key
        for key, field in _fields(kind).items()
        for note in getattr(field.type, "__metadata__", ())
        if isinstance(note, Meta) and note.extra == SECRET
    }


def value(settings: Settings, key: Key) -> Any:
    """The value of one setting.

    >>> value(Settings(), ("fusion", "depth"))
    100
    """
    held: Any = settings
    for name in key:
        held = getattr(held, name)
    return held


def variable(key: Key) -> str:
    """The environment variable that gives a setting.

    >>> variable(("fusion", "depth"))
    'NEWSDESK_FUSION_DEPTH'
    """
    return PREFIX + "_".join(key).upper()


def _fields(kind: type[Settings]) -> dict[Key, msgspec.structs.FieldInfo]:
    fields: dict[Key, msgspec.structs.FieldInfo] = {}
    for field in msgspec.structs.fields(kind):
        if isinstance(field.default, Section):
            inner = msgspec.structs.fields(field.default)
            fields |= {(field.name, setting.name): setting for setting in inner}
        else:
            fields[(field.name,)] = field
    return fields


def _converted(kind: type[Kind], tree: dict[str, Any], given: str) -> Kind:
    try:
        settings = msgspec.convert(tree, kind, strict=False, dec_hook=_decoded)
    except msgspec.ValidationError as error:
        raise UsageError(f"settings ({given}): {error}; {_HELP}") from error
    if settings.passages.words > settings.passages.most:
        raise UsageError("settings: passages.words is above passages.most; lower it")
    return settings


def _decoded(wanted: type, text: object) -> object:
    """What msgspec leaves to us: paths, which may begin with ~."""
    if wanted is Path and isinstance(text, str) and text and "\0" not in text:
        try:
            return Path(text).expanduser()
        except RuntimeError as error:  # ~name of nobody
            raise ValueError(f"{text!r}: {error}") from error
    raise ValueError(f"Expected `{wanted.__name__}`, got {text!r}")


def _from_toml(
    environ: Mapping[str, str], directory: Path, kind: type[Settings]
) -> tuple[dict[str, Any], str]:
    """What the TOML file says, and its path; nothing and no path where there is no file."""
    named = environ.get(CONFIG_VARIABLE)
    path = Path(named) if named else directory / CONFIG_FILE
    try:
        if not named and not path.is_file():
            return {}, ""
        tree = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror}; name a TOML file in {CONFIG_VARIABLE}"
        ) from error
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, or beyond all measure
        raise UsageError(f"{path}: not TOML: {error}; mend it, or move it away") from error
    if kind is Settings:
        tree = {name: held for name, held in tree.items() if name in Settings.__struct_fields__}
    return tree, str(path)


def _origins(kind: type[Settings], tree: Mapping[str, Any], file: str) -> dict[Key, str]:
    origins = dict.fromkeys(keys(kind), DEFAULT)
    for name, held in tree.items():
        inner = [(name, key) for key in held] if isinstance(held, dict) else [(name,)]
        origins |= dict.fromkeys(inner, file)
    return origins


def _from_environ(environ: Mapping[str, str], kind: type[Settings]) -> dict[str, Key]:
    """The variables that give a setting, and which. Raises UsageError."""
    known = {variable(key): key for key in keys(kind)}
    given = {}
    for name in sorted(environ):
        if name in known:
            given[name] = known[name]
        elif name != CONFIG_VARIABLE and _is_ours(name, kind):
            raise UsageError(f"{name}: there is no such setting; {_HELP}, or unset it")
    return given


def _is_ours(name: str, kind: type[Settings]) -> bool:
    """Whether a variable can only be meant for `kind`: by the prefix, or by one of its sections."""
    if kind is not Settings:
        return name.startswith(PREFIX)
    sections = {variable(key[:1]) for key in keys(kind) if len(key) > 1}
    return any(f"{name}_".startswith(f"{section}_") for section in sections)


def _plant(tree: dict[str, Any], key: Key, text: str, name: str, kind: type[Settings]) -> None:
    field = _fields(kind).get(key)
    if field is None:
        raise UsageError(f"{name}: there is no such setting; {_HELP}")
    for part in key[:-1]:
        tree = tree.setdefault(part, {})
        if not isinstance(tree, dict):
            raise UsageError(f"{name}: {part} is a section, but the TOML file gives it a value")
    tree[key[-1]] = re.findall(r"[^\s,]+", text) if isinstance(field.default, tuple) else text
