"""Time zones as people read them."""

from __future__ import annotations

import re

_FIXED = re.compile(r"Etc/GMT([+-])([0-9]{1,2})")


def zone_said(zone: str) -> str:
    """A time zone as people read it.

    >>> zone_said("Etc/GMT-2"), zone_said("Europe/Bucharest")
    ('UTC+2', 'Europe/Bucharest')
    """
    match = _FIXED.fullmatch(zone)
    if not match or match[2].startswith("0"):
        return zone
    return f"UTC{'-' if match[1] == '+' else '+'}{match[2]}"
