"""Models that read a question and a passage together: whether it answers, and which sentence.

`open_reader` opens the one that the settings name. Nothing here imports torch, but for a
cross-encoder of sentence-transformers.
"""

from __future__ import annotations

from .opening import open_reader
from .reader import Reader, Text

__all__ = ["Reader", "Text", "open_reader"]
