"""Tests of `newsdesk.bot.store`."""
