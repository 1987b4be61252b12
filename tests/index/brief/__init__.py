"""Tests of `newsdesk.index.brief`."""
