"""An HTTP server on the bot's event loop, for the webhook and for whoever watches over the bot."""

from __future__ import annotations

from typing import Any

from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler


class Server:
    """Serves some paths with tornado's handlers, and logs no request."""

    def __init__(self, paths: dict[str, type[RequestHandler]], **given: Any) -> None:
        """Serve `paths`, which are patterns; every handler is made with what is `given`."""
        routes = [(path, handler, given) for path, handler in paths.items()]
        self._server = HTTPServer(_Quiet(routes))

    def listen(self, address: str, port: int) -> None:
        """Begin to serve. Raises OSError where that cannot be."""
        self._server.listen(port, address=address)

    async def stop(self) -> None:
        """Serve no more."""
        self._server.stop()
        await self._server.close_all_connections()


class _Quiet(Application):
    def log_request(self, handler: RequestHandler) -> None:
        """Nothing: tornado would log each request."""
