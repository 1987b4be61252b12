"""Gates: floors and ceilings of measures, pinned to the checksum of a dataset.

[[gate]]
dataset = "../seeds"            # relative to this file
checksum = "sha256:…"           # of questions and articles; printed if it differs
mode = "hybrid"
every = 4                       # of so many questions one is asked; 1 by default
off_topic = 50                  # questions about something else, at most; 100 by default
floors = { "hit@1" = 0.98 }     # at least
ceilings = { false_refusals = 0.03 }    # at most
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import msgspec

from newsdesk.index.errors import DatasetError
from newsdesk.index.search.engine import Mode

from .datasets import Dataset, load
from .off_topic import MOST

_WHOLE = {"every": 1, "off_topic": MOST}


class Gate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The floors and ceilings of one dataset."""

    dataset: str
    checksum: str
    mode: Mode = "hybrid"
    every: Annotated[int, msgspec.Meta(ge=1)] = 1  # of so many questions one is asked
    off_topic: Annotated[int, msgspec.Meta(ge=1)] = MOST  # questions about something else, at most
    floors: dict[str, float] = {}
    ceilings: dict[str, float] = {}


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    gate: list[Gate]


class GateCheck(msgspec.Struct, frozen=True):
    """One measure beside its limit."""

    dataset: str
    measure: str
    least: bool  # the limit is a floor, else a ceiling
    limit: float
    reached: float | None

    @property
    def passed(self) -> bool:
        """Whether the limit is kept; not if there is no value.

        >>> GateCheck("seeds", "hit@1", least=True, limit=0.9, reached=0.95).passed
        True
        """
        if self.reached is None:
            return False
        return self.reached >= self.limit if self.least else self.reached <= self.limit


def read(file: Path, whole: bool = False) -> list[tuple[Gate, Dataset]]:
    """Read a file of gates with their datasets, of each the questions that are to be asked.

    `whole` is to ask every question, also where the file says one of so many. The checksum is that
    of the whole dataset. Raises DatasetError for another kind of file, and for a dataset with
    another checksum.
    """
    try:
        parsed = msgspec.convert(tomllib.loads(file.read_text("utf-8")), _File)
    except OSError as error:
        raise DatasetError(f"{file}: {error.strerror}; name a TOML file of gates") from error
    except (ValueError, msgspec.ValidationError) as error:
        raise DatasetError(f"{file}: not a file of gates: {error}") from error
    gates = []
    for gate in parsed.gate:
        dataset = load(file.parent / gate.dataset)
        if dataset.checksum != gate.checksum:
            raise DatasetError(
                f"{file}: {gate.dataset} is not what the floors were reached on; measure it anew, "
                f'and if it is meant, write: checksum = "{dataset.checksum}"'
            )
        wanted = msgspec.structs.replace(gate, **_WHOLE) if whole else gate
        asked = dataset.questions[:: wanted.every]
        gates.append((wanted, replace(dataset, questions=asked)))
    return gates


def check(gate: Gate, measures: Mapping[str, float | None]) -> list[GateCheck]:
    """Check each limit of a gate against `measures`. A measure without a value fails."""
    floors = [(name, True, limit) for name, limit in gate.floors.items()]
    ceilings = [(name, False, limit) for name, limit in gate.ceilings.items()]
    return [
        GateCheck(gate.dataset, name, least, limit, measures.get(name))
        for name, least, limit in (*floors, *ceilings)
    ]
