"""The floor under how good retrieval is on a public set of long articles.

Apart from test_quality.py, since one worker takes a whole file and each of both takes minutes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.floors import Sample, check_floor


@pytest.mark.slow
def test_hybrid_holds_its_floor_on_long_articles(eval_home: Path, every_question: bool) -> None:
    sample = Sample(0.81) if every_question else Sample(0.9, every=4, others=30)
    check_floor(eval_home, "time_magazine", "nDCG@10", sample)
