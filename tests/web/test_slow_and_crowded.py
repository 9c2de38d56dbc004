"""Slow senders, slow stores and crowds keep nobody else waiting.

They are refused, and told to come again.
"""

import contextlib
import http.client
import re
import select
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal.accounts.models import Attempt
from portal.app import LARGEST_REQUEST
from portal.files.models import StoredFile
from portal.foundation.database import Database
from portal.tenancy.chambers import settings_of
from portal.web import bodies
from tests.cast import PNG, House, application_form
from tests.jobs.killing import until
from tests.scenes import grade_id
from tests.servers import PATIENCE, ask, portal_serving

HOST = "jia.localhost"
HEAD = (
    "POST /sign-in HTTP/1.1\r\nHost: jia.localhost\r\nContent-Type: "
    "application/x-www-form-urlencoded\r\n"
)


def _begin(port: int, head: str, source: str = "127.0.0.1") -> socket.socket:
    """A connection whose request has begun."""
    made = socket.create_connection(("127.0.0.1", port), source_address=(source, 0))
    made.sendall(head.encode())
    return made


@contextmanager
def _slow_bodies(port: int, count: int, more: str = "") -> Iterator[list[socket.socket]]:
    """So many requests whose bodies never come; `{n}` in the further headers counts them."""
    made = [
        _begin(port, HEAD + more.format(n=n) + "Content-Length: 90000\r\n\r\nemail=")
        for n in range(count)
    ]
    try:
        yield made
    finally:
        for connection in made:
            connection.close()


def _status(connection: socket.socket) -> int:
    """What a connection is answered in the end; 0 where it is closed without a word."""
    connection.settimeout(PATIENCE)
    said = connection.recv(200)
    return int(said.split()[1]) if said else 0


def _hanging(slow: list[socket.socket]) -> list[socket.socket]:
    """Those that have no answer yet."""
    looked = select.poll()
    for connection in slow:
        looked.register(connection, select.POLLIN)
    answered = {number for number, _ in looked.poll(0)}
    return [connection for connection in slow if connection.fileno() not in answered]


@pytest.mark.either_database
def test_beside_400_slow_bodies_everybody_else_is_answered(house: House, tmp_path: Path) -> None:
    with (
        portal_serving(house.settings.database_url, tmp_path) as (port, _),
        _slow_bodies(port, 400) as slow,
    ):
        until(lambda: len(_hanging(slow)) <= bodies.OF_ADDRESS)
        waiting = _hanging(slow)
        began = time.monotonic()
        for _ in range(10):
            assert ask(port, "/", HOST, "127.0.0.2")[0] == 200
            assert ask(port, "/sign-in", HOST, "127.0.0.2", b"email=a&password=b")[0] == 400, (
                "the form has no word"
            )
        print(f"twenty answers in {time.monotonic() - began:.2f} s")
        assert Counter(map(_status, waiting)) == {408: bodies.OF_ADDRESS}, (
            "the slow ones hung till their time was up"
        )


@pytest.mark.either_database
def test_a_body_that_stops_coming_is_ended_and_one_that_is_refused_is_told_when_to_come_again(
    house: House, tmp_path: Path
) -> None:
    with (
        portal_serving(house.settings.database_url, tmp_path) as (port, _),
        _slow_bodies(port, bodies.OF_ADDRESS + 3) as slow,
    ):
        told = Counter(_status(connection) for connection in slow)
        assert told == {408: bodies.OF_ADDRESS, 503: 3}
        with _slow_bodies(port, 1) as again:
            assert _status(again[0]) == 408, "there is a place again"


@pytest.mark.either_database
def test_what_a_proxy_says_counts_from_trusted_proxies_alone(house: House, tmp_path: Path) -> None:
    forged = "X-Forwarded-For: 10.1.1.{n}\r\nX_Forwarded_For: 10.1.1.{n}\r\n"
    more = bodies.OF_ADDRESS + 2
    for name in ("untrusted", "trusted"):
        (tmp_path / name).mkdir()
    with (
        portal_serving(house.settings.database_url, tmp_path / "untrusted") as (port, _),
        _slow_bodies(port, more, forged) as slow,
    ):
        assert Counter(map(_status, slow)) == {408: bodies.OF_ADDRESS, 503: 2}
    trusting = {"PORTAL_TRUSTED_PROXIES": "127.0.0.1"}
    with (
        portal_serving(house.settings.database_url, tmp_path / "trusted", **trusting) as (port, _),
        _slow_bodies(port, more, forged) as slow,
    ):
        assert Counter(map(_status, slow)) == {408: more}


@pytest.mark.either_database
def test_bodies_of_no_length_or_too_great_a_one(house: House, tmp_path: Path) -> None:
    with portal_serving(house.settings.database_url, tmp_path) as (port, _):
        said = _begin(port, HEAD + f"Content-Length: {LARGEST_REQUEST + 1}\r\n\r\n")
        assert _status(said) == 413
        chunked = _begin(port, HEAD + "Transfer-Encoding: chunked\r\n\r\n")
        piece = b"x" * 1_000_000
        with contextlib.suppress(OSError):
            for _ in range(LARGEST_REQUEST // len(piece) + 2):
                chunked.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        assert _status(chunked) == 413
        small = _begin(port, HEAD + "Transfer-Encoding: chunked\r\n\r\n5\r\na=b&c\r\n0\r\n\r\n")
        assert _status(small) == 400, "read whole; the form has no word"
        for connection in (said, chunked, small):
            connection.close()
        assert ask(port, "/", HOST)[0] == 200


@pytest.mark.either_database
def test_an_office_behind_one_address_is_no_crowd(house: House, tmp_path: Path) -> None:
    """Sixty forms from one address at the same moment are answered, none refused.

    They came at once.
    """
    with portal_serving(house.settings.database_url, tmp_path) as (port, _):
        told: list[int] = []
        senders = [
            threading.Thread(
                target=lambda: told.append(
                    ask(port, "/sign-in", HOST, "127.0.0.1", b"email=a&password=b")[0]
                )
            )
            for _ in range(60)
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
    assert Counter(told) == {400: 60}, "read whole; the form has no word"


@pytest.mark.either_database
def test_a_body_that_pauses_comes_whole(house: House, tmp_path: Path) -> None:
    pieces = ["email=nobody%40", "jia.example&pass", "word=wrong&csrf_token="]
    with portal_serving(house.settings.database_url, tmp_path) as (port, _):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/sign-in", headers={"Host": HOST})
        page = connection.getresponse()
        cookie = page.headers["Set-Cookie"].split(";")[0]
        word = re.findall('name="csrf_token"[^>]*value="([^"]+)"', page.read().decode())[0]
        length = sum(map(len, pieces)) + len(word)
        connection.close()
        head = HEAD + f"Cookie: {cookie}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        with _begin(port, head) as sender, sender.makefile("rb") as answers:
            for piece in [*pieces, word]:
                time.sleep(0.7)
                sender.sendall(piece.encode())
            answer = answers.read().decode()
    assert " 422 " in answer.splitlines()[0], (
        "the form was read whole, and refused for its password"
    )
    assert "nobody@jia.example" in answer


def _seal_of(house: House) -> None:
    """The chamber has a seal whose bytes lie in the store."""
    with house.doors.chamber(house.jia.id, writing=True) as session:
        now = session.now()
        row = StoredFile(
            key="k",
            name="s",
            media_type="image/png",
            size=1,
            sha256="0" * 64,
            created_at=now,
            owner_type="chamber_settings",
            owner_id=house.jia.id,
        )
        session.add(row)
        session.flush()
        settings_of(session).seal_file_id = row.id


@pytest.mark.either_database
def test_readers_of_a_stalled_store_keep_no_connection_and_no_other_reader(
    house: House, tmp_path: Path
) -> None:
    _seal_of(house)
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    with socket.create_server(("127.0.0.1", 0), backlog=200) as stalled:
        address = f"s3://papers?endpoint=http://127.0.0.1:{stalled.getsockname()[1]}"
        with portal_serving(
            house.settings.database_url, tmp_path, PORTAL_FILES=address, **keys
        ) as (port, _):
            told: list[int] = []
            readers = [
                threading.Thread(target=lambda: told.append(ask(port, "/seal", HOST)[0]))
                for _ in range(45)
            ]
            for reader in readers:
                reader.start()
            while len(told) < 45:
                assert ask(port, "/", "yi.localhost")[0] == 200
            for reader in readers:
                reader.join()
    assert Counter(told) == {503: 45}


@pytest.mark.both_databases
def test_where_no_connection_is_left_the_portal_says_that_it_is_busy(house: House) -> None:
    pool = house.doors.database.engine.pool
    with contextlib.ExitStack() as held:
        with contextlib.suppress(sa.exc.TimeoutError):
            while True:
                held.enter_context(contextlib.closing(house.doors.database.engine.connect()))
                if pool.checkedout() >= pool.size() + pool._max_overflow:  # type: ignore[attr-defined]
                    break
        answer = house.browser().client.get("/", headers={"Host": HOST})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert house.browser().get("/").status_code == 200


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_pool_has_a_connection_for_every_thread(engine: str) -> None:
    database = Database(
        "sqlite:///x" if engine == "sqlite" else "postgresql+psycopg://x@127.0.0.1/x"
    )
    pool = database.engine.pool
    assert pool.size() + pool._max_overflow >= bodies.THREADS  # type: ignore[attr-defined]


def test_a_writer_that_waits_for_another_is_told_after_ten_seconds(house: House) -> None:
    browser = house.browser()
    with house.owner_doors.database.writing.begin() as holding:
        holding.execute(sa.select(Attempt.id))
        answer = browser.send("/password/forgotten", email="a@b.example")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert browser.send("/password/forgotten", email="a@b.example").status_code == 302


def test_what_a_form_stored_is_forgotten_where_its_row_cannot_be_written(house: House) -> None:
    browser = house.browser()
    form = application_form(1) | {"grade": grade_id(house)}
    before = set(house.world.store.keys(""))
    with house.owner_doors.database.writing.begin() as holding:
        holding.execute(sa.select(Attempt.id))
        answer = browser.send("/apply", **form, files={"licence": (PNG, "licence.png")})
    assert answer.status_code == 503
    assert set(house.world.store.keys("")) == before
    assert (
        browser.send("/apply", **form, files={"licence": (PNG, "licence.png")}).status_code == 302
    )
    assert set(house.world.store.keys("")) > before


@pytest.mark.parametrize(("path", "status"), [("/apply", 503), ("/apply/later", 302)])
def test_a_form_whose_file_cannot_be_kept_stays_as_it_was_typed(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, status: int
) -> None:
    (tmp_path / "taken").touch()
    monkeypatch.setattr(house.world.store, "folder", tmp_path / "taken")
    visitor, form = house.browser(), application_form(1) | {"grade": grade_id(house)}
    answer = visitor.send(path, **form, files={"licence": (PNG, "licence.png")})
    assert answer.status_code == status
    page = answer.text if status == 503 else visitor.get("/apply").text
    assert "The store of files does not answer" in page
    assert form["name"] in page
