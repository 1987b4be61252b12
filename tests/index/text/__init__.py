"""Tests of `newsdesk.index.text`."""
