"""Newsdesk's tests."""
