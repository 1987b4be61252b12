"""How many examples a property is tried on.

What a test asks for, or hypothesis's usual hundred, is tried where everything is; a whole run
tries a half of it, a quick one a tenth. `tests/conftest.py` loads one of the profiles before any
file of tests is read.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

THOROUGH, WHOLE, QUICK = "newsdesk-thorough", "newsdesk", "newsdesk-quick"
_USUAL = 100  # examples of a property that asks for no number of its own

# A shared machine stalls now and then; a deadline would test the machine. Where CI is set, the
# examples are always the same.
settings.register_profile(
    THOROUGH,
    max_examples=_USUAL,
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(WHOLE, settings.get_profile(THOROUGH), max_examples=_USUAL // 2)
settings.register_profile(QUICK, settings.get_profile(THOROUGH), max_examples=_USUAL // 10)


def examples(count: int) -> settings:
    """The settings of a property tried on `count` examples in a thorough run, on fewer in others.

    As many fewer as the profile has of the usual number.
    """
    return settings(max_examples=max(1, count * settings().max_examples // _USUAL))
