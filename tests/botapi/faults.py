"""Bad days: errors, slow answers and lost ones, counted and by chat."""

from __future__ import annotations

from dataclasses import dataclass, field

from .errors import Refusal
from .world import Chat

_WORDS = {
    400: "Bad Request: message text is strange",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance "
    "is running",
    429: "Too Many Requests: retry later",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


@dataclass
class Fault:
    """What goes wrong, how often, and where."""

    method: str
    code: int = 0
    chat: int | None = None
    times: int = 1
    retry_after: int = 0
    slow: float = 0.0  # seconds before the answer
    lost: bool = False  # done, but the answer never arrives; or with a code, it says an error
    words: str = ""


@dataclass
class Faults:
    """What is to go wrong."""

    planned: list[Fault] = field(default_factory=list)

    def add(
        self,
        method: str,
        code: int = 0,
        *,
        chat: Chat | None = None,
        times: int = 1,
        retry_after: int = 0,
        slow: float = 0.0,
        lost: bool = False,
        words: str = "",
    ) -> Fault:
        """Plan a fault for the next calls of a method ("*": any) in a chat (None: any)."""
        where = chat.id if chat else None
        fault = Fault(method, code, where, times, retry_after, slow, lost, words)
        self.planned.append(fault)
        return fault

    def take(self, method: str, chat: int | None) -> Fault | None:
        """The fault that is due for a call, counted down."""
        for fault in self.planned:
            if fault.times and fault.method in (method, "*") and fault.chat in (None, chat):
                fault.times -= 1
                return fault
        return None


def refusal(fault: Fault) -> Refusal:
    """The error answer of a fault."""
    words = fault.words or _WORDS.get(fault.code, "Error")
    if fault.retry_after:
        return Refusal(fault.code, words, retry_after=fault.retry_after)
    return Refusal(fault.code, words)
