"""Scheduled and requested briefings: when they are due and what they hold."""
