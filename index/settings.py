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
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from .errors import UsageError

PREFIX = "NEWSDESK_"
CONFIG_VARIABLE = "NEWSDESK_CONFIG"
CONFIG_FILE = "newsdesk.toml"
_LISTS = {("admins",), ("allowed_chats",)}  # in the environment: numbers with commas between

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Weight = Annotated[float, Meta(ge=0.0, le=10.0)]
Count = Annotated[int, Meta(ge=1)]
Positive = Annotated[float, Meta(gt=0.0, le=1e6)]
Name = Annotated[str, Meta(min_length=1)]


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the settings; a key it does not know is an error."""


class Readers(Section, frozen=True):
    """What is taken from disk."""

    max_megabytes: Positive = 10.0  # of one file that holds one article
    max_characters: Count = 1_000_000  # of one article's text
    language: Name = "en"  # where sentences end, for articles that do not say


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
    read: Annotated[int, Meta(ge=0)] = 30  # passages of which each sentence is read; 0: none
    sentence: Weight = 0.4  # of the best sentence's cosine
    words: Weight = 0.3  # of the share of the question's words in it


class Rerank(Section, frozen=True):
    """A second look at the first passages, see `search/rerank.py`; off unless a model is named."""

    model: str = ""  # a cross-encoder of sentence-transformers, by name or directory
    depth: Count = 20  # passages that it reads


class Answering(Section, frozen=True):
    """The verdict, see `search/answerability.py`: how probable an answer must be.

    What other values of `weak` cost stands in RESULTS.md, "Answerability".
    """

    answered: Share = 0.7  # at least: the sentence is shown as the answer
    weak: Share = 0.38  # at least: shown as the closest; below: "I did not find it"
    passages: Count = 5
    near_duplicate: Share = 0.8  # shared share of word pairs from which two passages are one


class Briefing(Section, frozen=True):
    """Briefings, see `brief/`."""

    same: Share = 0.38  # how probably two articles tell the same, on average, to be one story
    fit: Share = 0.47  # how probably a story belongs to the topic, to be told


class Telegram(Section, frozen=True):
    """The bot, see `bot/`."""

    token: str = ""  # from @BotFather; best given in the environment
    api_url: Name = "https://api.telegram.org"  # of the Bot API server
    webhook_url: str = ""  # https://…, where Telegram reaches the bot; empty: it polls
    webhook_listen: Name = "127.0.0.1"  # the address that the webhook is served at
    webhook_port: Annotated[int, Meta(ge=1, le=65535)] = 8443
    webhook_secret: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{0,256}$")] = (
        ""  # what Telegram proves itself by; empty: made of the token
    )
    zone: Name = "UTC"  # time zone of a chat that has not set its own
    passages: Annotated[int, Meta(ge=1, le=3)] = 3  # in one message, at most
    questions_a_minute: Count = 20  # of one user
    messages_a_second: Positive = 28.0  # in all; Telegram allows about 30
    threads: Annotated[int, Meta(ge=1, le=64)] = 2  # searches at once
    log_questions: bool = False  # whether the log holds the texts of questions

    def __repr__(self) -> str:
        """Without the token, which must never reach a log or a traceback."""
        return "Telegram(…)"


class Settings(Section, frozen=True):
    """Everything that can be set, with its default."""

    home: Path = Path(".newsdesk")
    seeds: Path = Path("seeds")
    model: Name = "all-MiniLM-L6-v2"  # or a directory, or any sentence-transformers name
    readers: Readers = Readers()
    passages: Passages = Passages()
    lexical: Lexical = Lexical()
    dense: Dense = Dense()
    fusion: Fusion = Fusion()
    rerank: Rerank = Rerank()
    answer: Answering = Answering()
    brief: Briefing = Briefing()
    telegram: Telegram = Telegram()
    admins: tuple[int, ...] = ()  # Telegram's ids of those who may use /stats and /reload
    allowed_chats: tuple[int, ...] = ()  # ids of the chats that the bot answers; empty: all


def load(
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Settings:
    """Read the settings for `directory` (default: the working directory).

    `overrides` are dotted keys such as `{"fusion.weight": "0.3"}`, strongest of all.
    Raises UsageError for an unknown key, a value of the wrong type, or an unreadable file.
    """
    environ = os.environ if environ is None else environ
    tree, origin = _from_toml(environ, directory or Path())
    named = dict(_from_environ(environ))
    for name, (path, text) in named.items():
        _plant(tree, path, text, name)
    for key, text in (overrides or {}).items():
        _plant(tree, tuple(key.split(".")), text, key)
    given = ", ".join([*origin, *named, *(overrides or {})])
    try:
        settings = msgspec.convert(tree, Settings, strict=False, dec_hook=_decoded)
    except msgspec.ValidationError as error:
        raise UsageError(f"settings ({given}): {error}; see the README's table") from error
    if settings.answer.weak > settings.answer.answered:
        raise UsageError("settings: answer.weak is above answer.answered; lower it")
    if settings.passages.words > settings.passages.most:
        raise UsageError("settings: passages.words is above passages.most; lower it")
    return settings


def _decoded(wanted: type, given: object) -> object:
    """What msgspec leaves to us: paths, which may begin with ~."""
    if wanted is Path and isinstance(given, str) and given and "\0" not in given:
        try:
            return Path(given).expanduser()
        except RuntimeError as error:  # ~name of nobody
            raise ValueError(f"{given!r}: {error}") from error
    raise ValueError(f"Expected `{wanted.__name__}`, got {given!r}")


def _from_toml(environ: Mapping[str, str], directory: Path) -> tuple[dict[str, Any], list[str]]:
    named = environ.get(CONFIG_VARIABLE)
    path = Path(named) if named else directory / CONFIG_FILE
    try:
        if not named and not path.is_file():
            return {}, []
        return tomllib.loads(path.read_text("utf-8")), [str(path)]
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror}; name a TOML file in {CONFIG_VARIABLE}"
        ) from error
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, or beyond all measure
        raise UsageError(f"{path}: not TOML: {error}; mend it, or move it away") from error


def _from_environ(environ: Mapping[str, str]) -> list[tuple[str, tuple[tuple[str, ...], str]]]:
    known = {"_".join(path).upper(): path for path in keys()}
    found = []
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name == CONFIG_VARIABLE:
            continue
        if name.removeprefix(PREFIX) not in known:
            raise UsageError(
                f"{name}: there is no such setting; see the README's table, or unset it"
            )
        found.append((name, (known[name.removeprefix(PREFIX)], environ[name])))
    return found


def keys() -> list[tuple[str, ...]]:
    """Every setting's path, such as `("fusion", "weight")`."""
    found: list[tuple[str, ...]] = []
    for field in msgspec.structs.fields(Settings):
        if isinstance(field.default, Section):
            found += [(field.name, inner.name) for inner in msgspec.structs.fields(field.default)]
        else:
            found.append((field.name,))
    return found


def _plant(tree: dict[str, Any], path: tuple[str, ...], text: str, name: str) -> None:
    if path not in keys():
        raise UsageError(f"{name}: there is no such setting; see the README's table")
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
        if not isinstance(tree, dict):
            raise UsageError(f"{name}: {part} is a section, but the TOML file gives it a value")
    tree[path[-1]] = re.findall(r"[^\s,]+", text) if path in _LISTS else text
