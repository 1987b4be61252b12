"""Tests of `newsdesk.index.indexes`."""
