"""Floors under what was reached, pinned to the data they were reached on.

[[gate]]
dataset = "../seeds"            # from where this file lies
checksum = "sha256:…"           # of the questions and articles; printed if it is another
mode = "hybrid"
floors = { "hit@1" = 0.98 }     # at least
ceilings = { false_refusals = 0.05 }    # at most
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from newsdesk.index.errors import DatasetError
from newsdesk.index.search.engine import Mode

from .datasets import Dataset, load


class Gate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one dataset must reach."""

    dataset: str
    checksum: str
    mode: Mode = "hybrid"
    floors: dict[str, float] = {}
    ceilings: dict[str, float] = {}


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    gate: list[Gate]


class GateCheck(msgspec.Struct, frozen=True):
    """One measure at its gate."""

    dataset: str
    measure: str
    least: bool  # whether the limit is a floor
    limit: float
    reached: float | None

    @property
    def passed(self) -> bool:
        """Whether it was reached."""
        if self.reached is None:
            return False
        return self.reached >= self.limit if self.least else self.reached <= self.limit


def read(file: Path) -> list[tuple[Gate, Dataset]]:
    """Read a file of gates. Raises DatasetError for a file that is none, or other data."""
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
        gates.append((gate, dataset))
    return gates


def check(gate: Gate, measures: Mapping[str, float | None]) -> list[GateCheck]:
    """Every measure of a gate beside what was reached. A measure that there is none of fails."""
    floors = [(name, True, limit) for name, limit in gate.floors.items()]
    ceilings = [(name, False, limit) for name, limit in gate.ceilings.items()]
    return [
        GateCheck(gate.dataset, name, least, limit, measures.get(name))
        for name, least, limit in (*floors, *ceilings)
    ]
