"""Answers and briefings as Telegram HTML and keyboards; no I/O."""
