"""What is counted of the bot, as Prometheus reads it."""

from __future__ import annotations

from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

# Seconds until an answer is ready: most take tens of milliseconds, a busy machine's take seconds.
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Levels(NamedTuple):
    """What is read when somebody looks."""

    outbox_waiting: int  # messages on their way to Telegram
    outbox_failures: int  # messages that could not be sent
    store_waiting: int  # answers, briefings and links that are not written yet
    articles: int
    generation_age: float  # seconds; NaN where it is not known
    sources: int  # that are asked
    sources_failing: int
    poll_age: float  # seconds since Telegram last answered; NaN with a webhook
    briefing_due: float  # seconds since 1970; NaN for none
    briefing_sent: float


_OF_LEVELS = {
    "outbox_waiting": ("outbox_waiting", "Messages on their way to Telegram"),
    "outbox_failures": ("outbox_failures", "Messages that could not be sent since the start"),
    "store_waiting": ("store_waiting", "What is not written to bot.db yet"),
    "articles": ("articles", "Articles that can be asked"),
    "generation_age": ("generation_age_seconds", "Since what is asked was published"),
    "sources": ("sources", "Sources that are asked for news"),
    "sources_failing": ("sources_failing", "Sources of which the last try failed"),
    "poll_age": ("poll_age_seconds", "Since Telegram last answered a poll"),
    "briefing_due": ("briefing_due_timestamp_seconds", "When the next briefing is due"),
    "briefing_sent": ("briefing_sent_timestamp_seconds", "When the last briefing was sent"),
}


class Metrics:
    """Counts questions; how much waits is set when somebody looks.

    >>> metrics = Metrics()
    >>> metrics.answered("message", "answered", 0.03)
    >>> b'newsdesk_questions_total{verdict="answered",where="message"} 1.0' in metrics.text()
    True
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._questions = Counter(
            "newsdesk_questions",
            "Questions that were answered, by verdict",
            ("where", "verdict"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "newsdesk_answer_seconds",
            "From a question's arrival to its answer being ready",
            ("where",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._levels = {
            field: Gauge(f"newsdesk_{name}", told, registry=self._registry)
            for field, (name, told) in _OF_LEVELS.items()
        }

    def answered(self, where: str, verdict: str, seconds: float) -> None:
        """Count an answer, given `where` ("message" or "inline") after some seconds."""
        self._questions.labels(where, verdict).inc()
        self._seconds.labels(where).observe(seconds)

    def set(self, levels: Levels) -> None:
        """Note what was read just now."""
        for field, gauge in self._levels.items():
            gauge.set(getattr(levels, field))

    def text(self) -> bytes:
        """All of it in Prometheus's text format."""
        return generate_latest(self._registry)
