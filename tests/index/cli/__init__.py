"""Tests of `newsdesk.index.cli`."""
