"""Tests of `newsdesk.bot.transport`."""
