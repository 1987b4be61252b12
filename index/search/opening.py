"""Opening the engine that the settings name."""

from __future__ import annotations

from newsdesk.index.settings import Settings

from .engine import Engine
from .local_engine import open_local


def open_engine(settings: Settings) -> Engine:
    """Open what `settings.engine` names, at its newest state. Raises what opening it raises."""
    if settings.engine == "milvus":
        from .milvus_engine import open_milvus

        return open_milvus(settings)
    return open_local(settings)
