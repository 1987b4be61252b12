"""Tests of `newsdesk.index.evaluate`."""
