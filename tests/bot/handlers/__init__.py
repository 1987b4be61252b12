"""Tests of `newsdesk.bot.handlers`."""
