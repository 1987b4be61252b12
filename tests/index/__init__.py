"""Tests of `newsdesk.index`."""
