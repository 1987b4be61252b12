"""Tests of `newsdesk.bot.briefings`."""
