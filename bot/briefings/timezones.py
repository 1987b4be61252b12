"""The time zone of a place that someone shares."""

from __future__ import annotations

from zoneinfo import available_timezones


def zone_of(latitude: float, longitude: float) -> str | None:
    """The name of a place's time zone, if it has one that is known here; at sea it is Etc/GMT±n."""
    import tzfpy

    # Where people disagree about the time there are several, and their order is that of use.
    known = available_timezones()
    return next((name for name in tzfpy.get_tzs(longitude, latitude) if name in known), None)
