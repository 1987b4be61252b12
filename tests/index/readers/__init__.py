"""Tests of `newsdesk.index.readers`."""
