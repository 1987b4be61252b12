"""Tests of `newsdesk.index.update`."""
