"""Feeding the library from Telegram: rounds of `sync`, additions by administrators, channels."""
