"""Tests of `newsdesk.index.query`."""
