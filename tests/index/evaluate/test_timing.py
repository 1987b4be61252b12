"""What an answer takes is the same for each configuration: encoding a question is not counted."""

from __future__ import annotations

import time
from pathlib import Path

from newsdesk.index import evaluate
from newsdesk.index.indexes.dense import Matrix
from newsdesk.index.update import update
from tests.helpers.support import SmallAsking, SmallEncoder, small

SLOW = 0.5  # seconds for a question


class SlowAsking(SmallAsking):
    """An encoder that takes far longer than a search in three articles."""

    def encode(self, text: str) -> Matrix:
        time.sleep(SLOW)
        return super().encode(text)


def test_the_first_of_several_configurations_does_not_pay_for_encoding(
    beir: Path, tmp_path: Path
) -> None:
    dataset, own = evaluate.load(beir), small(tmp_path / "home")
    update(own, list(dataset.articles), load=SmallEncoder)
    encoders = evaluate.caching_loader(SlowAsking)
    runs = [evaluate.evaluate(dataset, own, load=encoders) for _ in range(2)]
    assert all(run.milliseconds and run.milliseconds < 1000 * SLOW for run in runs)
