"""Tests of `newsdesk.index.library`."""
