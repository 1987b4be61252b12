"""Tests of `newsdesk.bot.feeding`."""
