"""Searching a generation and composing an answer. Import from its modules."""
