"""How many examples a property is tried on: fewer where only the quick tests run.

`tests/conftest.py` loads one of the profiles before any file of tests is read.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

WHOLE, QUICK = "newsdesk", "newsdesk-quick"
_USUAL, _FEW = 100, 25  # examples of a property that asks for no number of its own

# A shared machine stalls now and then; a deadline would test the machine. Where CI is set, the
# examples are always the same.
settings.register_profile(
    WHOLE,
    max_examples=_USUAL,
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(QUICK, settings.get_profile(WHOLE), max_examples=_FEW)


def examples(count: int) -> settings:
    """The settings of a property tried on `count` examples in a whole run, on fewer in a quick one.

    As many fewer as the profile has of the usual number.
    """
    return settings(max_examples=max(1, count * settings().max_examples // _USUAL))
