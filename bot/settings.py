"""The bot's settings, beside those of the library."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from newsdesk.index.settings import SECRET, Count, Name, Positive, Secret, Section, Settings


class Telegram(Section, frozen=True):
    """How the bot reaches Telegram, and how much it does for one user."""

    token: Secret = ""  # from @BotFather; best given in the environment
    api_url: Name = "https://api.telegram.org"  # of the Bot API server
    webhook_url: str = ""  # https://…, where Telegram reaches the bot; empty: it polls
    webhook_listen: Name = "127.0.0.1"  # the address that the webhook is served at
    webhook_port: Annotated[int, Meta(ge=1, le=65535)] = 8443
    webhook_secret: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{0,256}$", extra=SECRET)] = (
        ""  # what Telegram proves itself by; empty: made of the token
    )
    zone: Name = "UTC"  # time zone of a chat that has not set its own
    passages: Annotated[int, Meta(ge=1, le=3)] = 3  # in one message, at most
    questions_a_minute: Count = 20  # of one user
    messages_a_second: Positive = 28.0  # in all; Telegram allows about 30
    threads: Annotated[int, Meta(ge=1, le=64)] = 2  # searches at once
    briefing_days: Annotated[float, Meta(gt=0, le=31)] = (
        7.0  # a scheduled briefing tells nothing that came out earlier
    )
    retention_days: Positive = 90.0  # that questions, answers, votes and briefings are kept
    channels: tuple[int, ...] = ()  # ids of channels whose posts are read without asking
    leave_not_allowed: bool = False  # whether groups that are not allowed are left
    log_questions: bool = False  # whether the log holds the texts of questions

    def __repr__(self) -> str:
        """Without the token, which must never reach a log or a traceback."""
        return "Telegram(…)"


class BotSettings(Settings, frozen=True):
    """Everything that can be set, for the console script and the bot."""

    telegram: Telegram = Telegram()
    sync_every: Annotated[float, Meta(ge=0.0, le=1e6)] = (
        0.0  # minutes between two rounds of `sync` in the bot; 0: none
    )
    health_port: Annotated[int, Meta(ge=0, le=65535)] = (
        0  # where /healthz and /metrics are served; 0: nowhere
    )
    health_listen: Name = "127.0.0.1"  # the address of that; whoever reaches it needs no password
    admins: tuple[int, ...] = ()  # Telegram's ids of those who may use /stats, /add and the like
    allowed_chats: tuple[int, ...] = ()  # ids of the chats that the bot answers; empty: all
