"""Tests of `newsdesk.index.generation`."""
