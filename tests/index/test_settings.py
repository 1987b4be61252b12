"""Settings: defaults, then TOML, then the environment, then overrides; mistakes are named."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.bot.settings import BotSettings
from newsdesk.index import settings as settings_
from newsdesk.index.errors import UsageError
from newsdesk.index.settings import Key, Section, Settings, keys, value, variable
from tests.helpers.support import ROOT, write

CHOSEN: dict[Key, str] = {
    ("fusion", "method"): "rrf",
    ("passages", "most"): "151",  # not below passages.words
    ("readers", "date_order"): "day",
    ("engine",): "milvus",
    ("milvus", "index"): "HNSW",
    ("milvus", "name"): "other",
    ("sync_every",): "30.0",
    ("health_port",): "8080",
}
LISTS = {("admins",), ("allowed_chats",), ("telegram", "channels")}


KEYS = keys(BotSettings)


def load(
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
    overrides: Mapping[str, str] | None = None,
) -> BotSettings:
    """As the console script loads them: all that there are."""
    return settings_.load(environ, directory, overrides, kind=BotSettings)


def other(key: Key) -> str:
    """A valid value for a setting that is not its default."""
    default = value(BotSettings(), key)
    if key in CHOSEN:
        return CHOSEN[key]
    if isinstance(default, tuple):
        return "7, -100"
    if isinstance(default, int):
        return str(not default).lower() if isinstance(default, bool) else str(default - 1 or 2)
    if isinstance(default, float):
        return str(default * 0.9) if key != ("answer", "answered") else "0.9"
    return f"{default}-other"


def toml(key: Key, text: str) -> str:
    bare = re.fullmatch(r"[\d.]+|true|false", text)
    quoted = text if bare else f"[{text}]" if key in LISTS else f'"{text}"'
    section = f"[{key[0]}]\n" if len(key) > 1 else ""
    return f"{section}{key[-1]} = {quoted}\n"


def same(given: object, text: str) -> bool:
    if isinstance(given, bool):
        return str(given).lower() == text
    if isinstance(given, tuple):
        return ", ".join(map(str, given)) == text
    return float(text) == given if isinstance(given, int | float) else str(given) == text


def test_there_are_the_settings_that_the_readme_lists() -> None:
    assert ("home",) in KEYS
    assert ("readers", "max_megabytes") in KEYS
    assert len(KEYS) == len(set(KEYS)) >= 20


def test_the_names_of_variables_are_each_of_one_setting() -> None:
    assert len({variable(key) for key in KEYS}) == len(KEYS)


@pytest.mark.parametrize("key", KEYS, ids=".".join)
def test_every_setting_can_be_given_as_a_variable(tmp_path: Path, key: Key) -> None:
    settings = load({variable(key): other(key)}, tmp_path)
    assert same(value(settings, key), other(key))
    assert [k for k in KEYS if value(settings, k) != value(BotSettings(), k)] == [key]


@pytest.mark.parametrize("key", KEYS, ids=".".join)
def test_every_setting_can_be_given_in_a_toml_file(tmp_path: Path, key: Key) -> None:
    write(tmp_path, {"newsdesk.toml": toml(key, other(key))})
    settings = load({}, tmp_path)
    assert same(value(settings, key), other(key))
    assert [k for k in KEYS if value(settings, k) != value(BotSettings(), k)] == [key]


@pytest.mark.parametrize("key", KEYS, ids=".".join)
def test_every_setting_can_be_overridden(tmp_path: Path, key: Key) -> None:
    assert same(value(load({}, tmp_path, {".".join(key): other(key)}), key), other(key))


def test_without_any_all_are_the_defaults(tmp_path: Path) -> None:
    assert load({}, tmp_path) == BotSettings()
    assert load({"PATH": "/bin", "newsdesk_home": "x"}, tmp_path) == BotSettings()


def test_each_place_is_over_the_one_before(tmp_path: Path) -> None:
    write(tmp_path, {"newsdesk.toml": "[fusion]\nweight = 0.1\ndepth = 11\nmethod = 'rrf'"})
    environ = {"NEWSDESK_FUSION_WEIGHT": "0.2", "NEWSDESK_FUSION_DEPTH": "22"}
    fusion = load(environ, tmp_path, {"fusion.weight": "0.3"}).fusion
    assert (fusion.weight, fusion.depth, fusion.method) == (0.3, 22, "rrf")


def test_another_toml_file_can_be_named_and_is_read_instead(tmp_path: Path) -> None:
    write(tmp_path, {"newsdesk.toml": "model = 'a'", "other.toml": "[fusion]\ndepth = 7"})
    settings = load({"NEWSDESK_CONFIG": str(tmp_path / "other.toml")}, tmp_path)
    assert (settings.model, settings.fusion.depth) == (Settings().model, 7)
    assert load({"NEWSDESK_CONFIG": ""}, tmp_path).model == "a"


def test_a_path_may_begin_with_the_home_directory(tmp_path: Path) -> None:
    assert load({"NEWSDESK_HOME": "~/news"}, tmp_path).home == Path("~/news").expanduser()


def wrong(environ: dict[str, str], folder: Path, overrides: dict[str, str] | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        load(environ, folder, overrides)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("NEWSDESK_FOO", "1", "NEWSDESK_FOO: there is no such setting"),
        ("NEWSDESK_FUSION", "1", "NEWSDESK_FUSION: there is no such setting"),
        ("NEWSDESK_FUSION_WEIGHT", "much", "Expected `float`, got `str` - at `$.fusion.weight`"),
        ("NEWSDESK_FUSION_WEIGHT", "", "at `$.fusion.weight`"),
        ("NEWSDESK_FUSION_WEIGHT", "1.1", "<= 1.0 - at `$.fusion.weight`"),
        ("NEWSDESK_FUSION_WEIGHT", "nan", "at `$.fusion.weight`"),
        ("NEWSDESK_FUSION_METHOD", "max", "at `$.fusion.method`"),
        ("NEWSDESK_PASSAGES_WORDS", "0", ">= 1 - at `$.passages.words`"),
        ("NEWSDESK_PASSAGES_WORDS", "1.5", "at `$.passages.words`"),
        ("NEWSDESK_PASSAGES_WORDS", "9" * 5_000, "at `$.passages.words`"),
        ("NEWSDESK_PASSAGES_WORDS", "151", "passages.words is above passages.most; lower it"),
        ("NEWSDESK_READERS_MAX_MEGABYTES", "inf", "at `$.readers.max_megabytes`"),
        ("NEWSDESK_READERS_LANGUAGE", "", "at `$.readers.language`"),
        ("NEWSDESK_DENSE_EXACT_UP_TO", "-1", "at `$.dense.exact_up_to`"),
        ("NEWSDESK_MODEL", "", "at `$.model`"),
        ("NEWSDESK_ADMINS", "ann", "Expected `int`, got `str` - at `$.admins[0]`"),
        ("NEWSDESK_TELEGRAM_WEBHOOK_PORT", "70000", "at `$.telegram.webhook_port`"),
        ("NEWSDESK_TELEGRAM_WEBHOOK_SECRET", "a b", "at `$.telegram.webhook_secret`"),
        ("NEWSDESK_HOME", "", "Expected `Path`, got '' - at `$.home`"),
        ("NEWSDESK_HOME", "~nobody-by-that-name/x", "at `$.home`"),
    ],
)
def test_a_variable_that_is_wrong_is_named(tmp_path: Path, name: str, text: str, told: str) -> None:
    error = wrong({name: text}, tmp_path)
    assert told in error
    assert name in error or "lower it" in error


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("foo = 1", "unknown field `foo`"),
        ("[fusion]\nfoo = 1", "unknown field `foo` - at `$.fusion`"),
        ("[foo]\na = 1", "unknown field `foo`"),
        ("fusion = 3", "at `$.fusion`"),
        ("[fusion]\nweight = true", "at `$.fusion.weight`"),
        ("[fusion]\nweight = [1]", "at `$.fusion.weight`"),
        ("[passages]\nwords = 1.5", "at `$.passages.words`"),
        ("[passages]\nwords = 1979-05-27", "at `$.passages.words`"),
        ("model = 3", "at `$.model`"),
        ("home = 3", "at `$.home`"),
        ('home = "a\\u0000b"', "at `$.home`"),
        ("[home]\na = 1", "at `$.home`"),
        ("no toml", "not TOML: "),
        ('\ufeffmodel = "a"', "not TOML: "),
        ("a = " + "[" * 100_000, "not TOML: "),
        ("a = " + "9" * 5_000, "not TOML: "),
        ("model = 'a'".encode("utf-16"), "not TOML: "),
    ],
)
def test_a_toml_file_that_is_wrong_is_named_with_the_key(
    tmp_path: Path, content: str | bytes, told: str
) -> None:
    error = wrong({}, write(tmp_path, {"newsdesk.toml": content}))
    assert str(tmp_path / "newsdesk.toml") in error
    assert told in error
    assert "; " in error


def test_a_section_that_is_a_value_is_named_by_the_variable_within_it(tmp_path: Path) -> None:
    write(tmp_path, {"newsdesk.toml": "fusion = 3"})
    error = wrong({"NEWSDESK_FUSION_WEIGHT": "0.5"}, tmp_path)
    assert error.startswith("NEWSDESK_FUSION_WEIGHT: fusion is a section")


@pytest.mark.parametrize("key", ["foo", "fusion", "fusion.foo", "fusion.weight.x", "", "."])
def test_an_override_of_nothing_is_named(tmp_path: Path, key: str) -> None:
    assert wrong({}, tmp_path, {key: "1"}).startswith(f"{key}: there is no such setting")


@pytest.mark.parametrize("name", ["none.toml", "folder", "file/none.toml"])
def test_a_toml_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"folder/a": "", "file": ""})
    error = wrong({"NEWSDESK_CONFIG": str(tmp_path / name)}, tmp_path)
    assert error.startswith(f"{tmp_path / name}: ")
    assert error.endswith("; name a TOML file in NEWSDESK_CONFIG")


@given(st.sampled_from(KEYS), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_for_a_setting_is_taken_or_wrong_use(key: Key, text: str) -> None:
    try:
        settings = load({variable(key): text}, ROOT / "tests")
    except UsageError:
        return
    assert isinstance(settings, Settings)


@pytest.mark.parametrize("section", Section.__subclasses__(), ids=lambda one: one.__name__)
def test_settings_cannot_be_changed_once_they_are_read(section: type[Section]) -> None:
    with pytest.raises(AttributeError):
        setattr(section(), section.__struct_fields__[0], None)


def test_importing_settings_costs_no_heavy_import() -> None:
    heavy = "{'pydantic', 'numpy', 'click', 'rich'}"
    code = f"import newsdesk.index.settings, sys; print({heavy} & sys.modules.keys())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout == "set()\n"


def test_the_process_environment_is_read_by_default(tmp_path: Path) -> None:
    code = "from newsdesk.index.settings import load; print(load().fusion.depth)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=write(tmp_path, {"newsdesk.toml": "[fusion]\ndepth = 3\nweight = 0.1"}),
        env={**os.environ, "NEWSDESK_FUSION_DEPTH": "7"},
        check=True,
    )
    assert done.stdout == "7\n"


def test_the_token_is_in_no_text_made_of_the_settings(tmp_path: Path) -> None:
    environ = {"NEWSDESK_TELEGRAM_TOKEN": "123:secret", "NEWSDESK_FUSION_WEIGHT": "0.2"}
    settings = load(environ, tmp_path)
    assert settings.telegram.token == "123:secret"
    assert "secret" not in f"{settings!r} {settings}"
    assert "secret" not in wrong({**environ, "NEWSDESK_FUSION_WEIGHT": "2"}, tmp_path)


def test_a_list_may_be_empty(tmp_path: Path) -> None:
    assert load({"NEWSDESK_ALLOWED_CHATS": ""}, tmp_path).allowed_chats == ()
    assert load({"NEWSDESK_ALLOWED_CHATS": " 1,,2 "}, tmp_path).allowed_chats == (1, 2)


# Plain settings, of the Python API, beside those of other applications


def test_plain_settings_leave_names_alone_that_are_of_another_application(tmp_path: Path) -> None:
    write(tmp_path, {"newsdesk.toml": "admins = [7]\n[telegram]\nzone = 'x'\n[fusion]\ndepth = 7"})
    plain = settings_.load({"NEWSDESK_TELEGRAM_ZONE": "UTC", "NEWSDESK_ELSE": "1"}, tmp_path)
    assert (type(plain), plain.fusion.depth) == (Settings, 7)
    with pytest.raises(UsageError, match="NEWSDESK_ELSE"):
        load({"NEWSDESK_ELSE": "1"}, tmp_path)


@pytest.mark.parametrize("name", ["NEWSDESK_FUSION_WAIT", "NEWSDESK_FUSION"])
def test_plain_settings_name_what_is_wrong_within_their_sections(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=name):
        settings_.load({name: "1"}, tmp_path)
    write(tmp_path, {"newsdesk.toml": "[fusion]\nwait = 1"})
    with pytest.raises(UsageError, match="unknown field `wait`"):
        settings_.load({}, tmp_path)


def test_each_setting_says_where_it_comes_from(tmp_path: Path) -> None:
    write(tmp_path, {"newsdesk.toml": "model = 'a'\n[fusion]\ndepth = 7\nweight = 0.1"})
    loaded = settings_.load_with_origins(
        BotSettings, {"NEWSDESK_FUSION_WEIGHT": "0.2"}, tmp_path, {"lexical.b": "0.5"}
    )
    given = {key: origin for key, origin in loaded.origins.items() if origin != settings_.DEFAULT}
    file = str(tmp_path / "newsdesk.toml")
    assert given == {
        ("model",): file,
        ("fusion", "depth"): file,
        ("fusion", "weight"): "NEWSDESK_FUSION_WEIGHT",
        ("lexical", "b"): "override",
    }
    assert list(loaded.origins) == KEYS


def test_the_secrets_are_the_tokens_and_the_webhooks() -> None:
    of_the_bot = {("telegram", "token"), ("telegram", "webhook_secret")}
    assert settings_.secrets(BotSettings) == {*of_the_bot, ("milvus", "token")}


BOTS_WORDS = re.compile(r"telegram|\bchats?\b|\badmins?\b", re.IGNORECASE)


@pytest.mark.parametrize("file", sorted((ROOT / "index").rglob("*.py")), ids=lambda f: f.name)
def test_index_says_nothing_of_telegram_its_chats_and_its_admins(file: Path) -> None:
    lines = file.read_text("utf-8").splitlines()
    assert not [line for line in lines if BOTS_WORDS.search(line)]
