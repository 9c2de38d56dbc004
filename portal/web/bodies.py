"""In front of the application: a request's body is read whole before a thread, or a connection to the database, is taken for it.

Reading is bounded in time, and bodies on their way are capped by address, by host and in all: whoever sends slowly is
refused in the end and keeps nobody else waiting. Answers from here are plain, because the application is not asked.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from a2wsgi import WSGIMiddleware
from granian.utils.proxies import wrap_asgi_with_proxy_headers

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

THREADS = 24
"""Requests that a web process works on at the same time; fewer than the connections that its pool may open."""
OF_ADDRESS, OF_HOST, IN_ALL = 8, 32, 128
"""Bodies on their way at the same time."""
IDLE = 10.0
"""Seconds in which the next piece of a body must come."""
FIRST, RATE = 20.0, 32 * 1024
"""A whole body has so many seconds, and one more for each RATE bytes."""
IN_MEMORY = 256 * 1024
PIECE = 64 * 1024
REFUSALS = {
    408: (
        "传输中断 Interrupted",
        "数据传输过慢，未作任何更改。请在网络较好时返回重新提交。",
        "The data came too slowly. Nothing was changed; go back and send it again where the network is better.",
    ),
    413: (
        "内容过大 Too large",
        "内容超出单次提交上限。请缩小文件后返回重新提交，已填内容不会丢失。",
        "This is more than the portal takes at once. Make the file smaller; go back to keep what you typed.",
    ),
    503: (
        "请稍候 One moment",
        "当前提交较多，未作任何更改。请一分钟后返回重新提交。",
        "Too much is being sent at the same time. Nothing was changed; go back and send it again in a minute.",
    ),
}
"""Title, and what to do, in both languages: the application, which knows the reader's, is not asked."""
PAGE = (
    '<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<title>{title}</title><h1>{title}</h1><p>{zh}</p><p lang="en">{en}</p></html>'
)


class TooSlow(Exception):
    """A body did not come in the time it has."""


class TooLarge(Exception):
    """A body is longer than any request may be."""


class Bodies:
    """ASGI: hands requests to `app` with their whole body, or refuses them (408, 413, 503 with Retry-After)."""

    def __init__(self, app: App, largest: int) -> None:
        self.app = app
        self.largest = largest
        self.on_their_way: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name: value for name, value in scope["headers"] if b"_" not in name}
        length = _length(headers)
        if length == 0:
            await self.app(scope | {"headers": list(headers.items())}, _nothing, send)
        elif length is not None and length > self.largest:
            await _refuse(send, 413)
        else:
            await self._read_first(scope, headers, length, receive, send)

    async def _read_first(self, scope: Scope, headers: dict[bytes, bytes], length: int | None, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        keys = (f"address {client[0] if client else ''}", f"host {headers.get(b'host', b'')!r}", "all")
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as body:
            try:
                with self._place(keys):
                    size = await self._read(body, length, receive)
            except TooLarge:
                return await _refuse(send, 413)
            except TooSlow:
                return await _refuse(send, 408)
            except asyncio.QueueFull:
                return await _refuse(send, 503)
            headers.pop(b"transfer-encoding", None)
            headers[b"content-length"] = str(size).encode()
            body.seek(0)
            await self.app(scope | {"headers": list(headers.items())}, _replay(body), send)
        return None

    @contextmanager
    def _place(self, keys: tuple[str, str, str]) -> Iterator[None]:
        """A place among the bodies on their way; QueueFull where there is none."""
        if any(self.on_their_way[key] >= most for key, most in zip(keys, (OF_ADDRESS, OF_HOST, IN_ALL), strict=True)):
            raise asyncio.QueueFull
        self.on_their_way.update(keys)
        try:
            yield
        finally:
            self.on_their_way.subtract(keys)
            for key in keys:
                if self.on_their_way[key] <= 0:
                    del self.on_their_way[key]

    async def _read(self, body: Any, length: int | None, receive: Receive) -> int:
        size, more = 0, True
        try:
            async with asyncio.timeout(FIRST + (length or self.largest) / RATE):
                while more:
                    async with asyncio.timeout(IDLE):
                        message = await receive()
                    if message["type"] == "http.disconnect":
                        raise TooSlow
                    piece = message.get("body", b"")
                    size += len(piece)
                    if size > self.largest:
                        raise TooLarge
                    body.write(piece)
                    more = message.get("more_body", False)
        except TimeoutError as error:
            raise TooSlow from error
        return size


def serve_whole(app: Any, largest: int, trusted_proxies: tuple[str, ...]) -> App:
    """A WSGI application behind Bodies, in THREADS threads; what proxies say of the browser counts only from trusted ones."""
    whole: App = Bodies(WSGIMiddleware(app, workers=THREADS, send_queue_size=0), largest)  # type: ignore[arg-type]
    return wrap_asgi_with_proxy_headers(whole, list(trusted_proxies)) if trusted_proxies else whole  # type: ignore[no-any-return]


def _length(headers: dict[bytes, bytes]) -> int | None:
    """How long the body is; None where its sender does not say."""
    said = headers.get(b"content-length")
    if said is None:
        return None if b"transfer-encoding" in headers else 0
    return int(said) if said.isdigit() else None


async def _nothing() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


def _replay(body: BinaryIO | Any) -> Receive:
    async def receive() -> dict[str, Any]:
        piece = body.read(PIECE)
        return {"type": "http.request", "body": piece, "more_body": bool(piece)}

    return receive


async def _refuse(send: Send, status: int) -> None:
    title, zh, en = REFUSALS[status]
    page = PAGE.format(title=title, zh=zh, en=en).encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(page)).encode()),
        (b"connection", b"close"),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'"),
        (b"retry-after", b"60"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": page})
