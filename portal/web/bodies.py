"""In front of the application.

A request's body is read whole before a thread, or a connection to the database, is taken for it.

Reading is bounded in time, and bodies on their way are capped by address, by host and in all:
whoever sends slowly is refused in the end and keeps nobody else waiting. Whole requests wait in a
line that is capped in the same way. Answers from here are plain, because the application is not
asked.
"""

import asyncio
import string
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from ipaddress import ip_network
from typing import Any, BinaryIO
from urllib.parse import quote

from a2wsgi import WSGIMiddleware
from granian.utils.proxies import wrap_asgi_with_proxy_headers

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

THREADS = 24
"""Requests that a web process works on at the same time.

Fewer than the connections that its pool may open.
"""
OF_ADDRESS, OF_HOST, IN_ALL = 8, 32, 128
"""Slow or large bodies on their way at the same time.

A large one is on its way until it is dealt with.
"""
LINE = 120, 240, 480
"""Whole requests that wait for a thread or have one at the same time.

Of an address, of a host, in all.
"""
GRACE = 1.0
"""Seconds in which a body that fits into memory may come without a place.

An office behind one address is no crowd.
"""
IDLE = 10.0
"""Seconds in which the next piece of a body must come."""
FIRST, RATE = 20.0, 32 * 1024
"""A body has so many seconds, and one more for each RATE bytes that have come."""
IN_MEMORY = 256 * 1024
PIECE = 64 * 1024
REFUSALS = {
    400: (
        "无法识别 Not understood",
        "系统无法读取该请求。",
        "The portal could not read this request.",
    ),
    408: (
        "传输中断 Interrupted",
        "数据传输过慢，未作任何更改。请在网络较好时返回重新提交。",
        "The data came too slowly. Nothing was changed; go back and send it again where the "
        "network is better.",
    ),
    413: (
        "内容过大 Too large",
        "内容超出单次提交上限。请缩小文件后返回重新提交，已填内容不会丢失。",
        "This is more than the portal takes at once. Make the file smaller; go back to keep "
        "what you typed.",
    ),
    503: (
        "请稍候 One moment",
        "当前提交较多，未作任何更改。请一分钟后返回重新提交。",
        "Too much is being sent at the same time. Nothing was changed; go back and send it "
        "again in a minute.",
    ),
}
"""Title, and what to do, in both languages.

The application, which knows the reader's, is not asked.
"""
PAGE = (
    '<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" '
    'content="width=device-width">'
    '<title>{title}</title><h1>{title}</h1><p>{zh}</p><p lang="en">{en}</p></html>'
)


class TooSlow(Exception):
    """A body did not come in the time it has."""


class Crowded(Exception):
    """There is no place for one more body on its way."""


class TooLarge(Exception):
    """A body is longer than any request may be."""


class Bodies:
    """ASGI: hands requests to `app` with their whole body, or refuses them.

    With 408, 413, or 503 and Retry-After.
    """

    def __init__(self, app: App, largest: int) -> None:
        self.app = app
        self.largest = largest
        self.on_their_way: Counter[str] = Counter()
        self.in_line: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = _headers(scope)
        if headers is None:
            await _refuse(send, 400)
            return
        scope = scope | {
            "query_string": quote(scope["query_string"], safe=string.punctuation).encode()
        }
        length = _length(headers)
        try:
            if length == 0:
                await self._hand_on(scope, headers, _nothing, send)
            elif length is not None and length > self.largest:
                raise TooLarge
            else:
                await self._read_first(scope, headers, receive, send)
        except TooLarge:
            await _refuse(send, 413)
        except TooSlow:
            await _refuse(send, 408)
        except Crowded:
            await _refuse(send, 503)

    async def _read_first(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        place = _Place(self.on_their_way, _keys(scope, headers), (OF_ADDRESS, OF_HOST, IN_ALL))
        with place, tempfile.SpooledTemporaryFile(IN_MEMORY) as body:
            size = await self._read(body, place, receive)
            if size <= IN_MEMORY:
                place.leave()
            headers.pop(b"transfer-encoding", None)
            headers[b"content-length"] = str(size).encode()
            body.seek(0)
            await self._hand_on(scope, headers, _replay(body), send)

    async def _hand_on(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        """Lets the application answer.

        Crowded, before it is asked, where too many wait for it already.
        """
        place = _Place(self.in_line, _keys(scope, headers), LINE)
        with place:
            place.take()
            await self.app(scope | {"headers": list(headers.items())}, receive, send)

    async def _read(self, body: Any, place: "_Place", receive: Receive) -> int:
        """Reads a body whole; it needs a place once it is slow, or large."""
        size, more, began = 0, True, time.monotonic()
        while more:
            message = await self._next(size, began, place, receive)
            if message["type"] == "http.disconnect":
                raise TooSlow
            piece = message.get("body", b"")
            size += len(piece)
            if size > self.largest:
                raise TooLarge
            body.write(piece)
            more = message.get("more_body", False)
        return size

    async def _next(
        self, size: int, began: float, place: "_Place", receive: Receive
    ) -> dict[str, Any]:
        """The next message of a body that has brought so much since it began.

        Asked for once, however long it takes.
        """
        asked = asyncio.ensure_future(receive())
        try:
            if size <= IN_MEMORY and not place.taken:
                await asyncio.wait({asked}, timeout=max(0.0, began + GRACE - time.monotonic()))
            if not asked.done():
                place.take()
                ends = began + FIRST + size / RATE
                await asyncio.wait({asked}, timeout=max(0.0, min(IDLE, ends - time.monotonic())))
            if not asked.done():
                raise TooSlow
            return asked.result()
        finally:
            asked.cancel()


class _Place:
    """A place among `most` of an address, of a host, and in all."""

    def __init__(
        self, there: Counter[str], keys: tuple[str, str, str], most: tuple[int, int, int]
    ) -> None:
        self.there, self.keys, self.most, self.taken = there, keys, most, False

    def __enter__(self) -> None:
        """Nothing is taken yet."""

    def __exit__(self, *_: object) -> None:
        self.leave()

    def take(self) -> None:
        """Takes the place, once; Crowded where there is none."""
        if self.taken:
            return
        if any(self.there[key] >= most for key, most in zip(self.keys, self.most, strict=True)):
            raise Crowded
        self.there.update(self.keys)
        self.taken = True

    def leave(self) -> None:
        """Gives the place back, where it was taken."""
        if self.taken:
            self.taken = False
            self.there.subtract(self.keys)
            for key in self.keys:
                if self.there[key] <= 0:
                    del self.there[key]


def serve_whole(app: Any, largest: int, trusted_proxies: tuple[str, ...]) -> App:
    """A WSGI application behind Bodies, in THREADS threads.

    What proxies say of the browser counts only from trusted ones.
    """
    whole: App = Bodies(WSGIMiddleware(app, workers=THREADS, send_queue_size=0), largest)  # type: ignore[arg-type]
    return wrap_asgi_with_proxy_headers(whole, list(trusted_proxies)) if trusted_proxies else whole  # type: ignore[no-any-return]


def _headers(scope: Scope) -> dict[bytes, bytes] | None:
    """The headers by name, as WSGI wants them: cookies of several lines as one.

    None where two hosts are named.

    Names with an underscore are left out: WSGI could not tell them from those with a hyphen.
    """
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name == b"host" and name in headers:
            return None
        if b"_" not in name:
            headers[name] = (
                headers[name] + (b"; " if name == b"cookie" else b", ") + value
                if name in headers
                else value
            )
    return headers


def _keys(scope: Scope, headers: dict[bytes, bytes]) -> tuple[str, str, str]:
    """Under which keys a body is counted.

    The address (of IPv6 the network of a household, /64), the host, and all.
    """
    client = scope.get("client")
    address = client[0] if client else ""
    if ":" in address:
        address = str(ip_network(f"{address.partition('%')[0]}/64", strict=False))
    host = headers.get(b"host", b"").decode("latin1").lower().rsplit(":", 1)[0].rstrip(".")
    return f"address {address}", f"host {host}", "all"


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
