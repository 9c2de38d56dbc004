"""The line before the application is capped, by address and in all."""

import asyncio
from collections import Counter
from typing import Any

from portal.web.bodies import LINE, Bodies


def _scope(address: str, host: str) -> dict[str, Any]:
    headers = [(b"host", host.encode())]
    return {
        "type": "http",
        "headers": headers,
        "query_string": b"",
        "client": (address, 1),
        "path": "/",
        "method": "GET",
    }


def test_a_crowd_from_one_address_is_told_to_come_again_and_keeps_nobody_else_out() -> None:
    async def play() -> Counter[tuple[str, int]]:
        opened, told = asyncio.Event(), Counter[tuple[str, int]]()

        async def app(_scope: Any, _receive: Any, send: Any) -> None:
            await opened.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})

        bodies = Bodies(app, 1_000)

        async def ask(address: str) -> None:
            async def send(message: dict[str, Any]) -> None:
                if message["type"] == "http.response.start":
                    told[address, message["status"]] += 1

            await bodies(_scope(address, f"{address}.example"), None, send)  # type: ignore[arg-type]

        crowd = [asyncio.ensure_future(ask("1.1.1.1")) for _ in range(LINE[0] + 30)]
        await asyncio.sleep(0)
        assert told == {("1.1.1.1", 503): 30}
        crowd.append(asyncio.ensure_future(ask("2.2.2.2")))
        await asyncio.sleep(0)
        opened.set()
        await asyncio.gather(*crowd)
        assert not bodies.in_line, "every place was given back"
        return told

    assert asyncio.run(play()) == {
        ("1.1.1.1", 503): 30,
        ("1.1.1.1", 200): LINE[0],
        ("2.2.2.2", 200): 1,
    }
