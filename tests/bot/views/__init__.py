"""Tests of `newsdesk.bot.views`."""
