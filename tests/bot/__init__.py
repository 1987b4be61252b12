"""Tests of `newsdesk.bot`."""
