"""Tests of `newsdesk.index.search`."""
