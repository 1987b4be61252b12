"""What is raised when something cannot be fetched."""

from __future__ import annotations

from newsdesk.index.errors import NewsdeskError


class FetchFailed(NewsdeskError):
    """An address that gave nothing, with the reason.

    `status` is what the server answered, None if it did not, and `wait` how many seconds it asks
    to wait.
    """

    def __init__(self, reason: str, status: int | None = None, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.status = status
        self.wait = wait

    @property
    def gone(self) -> bool:
        """Whether what was there will not come back."""
        return self.status == 410
