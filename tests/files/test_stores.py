"""The local folder, and S3 against a real server on loopback."""

import contextlib
import os
import resource
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from portal.files.store import (
    ANSWER,
    AT_ONCE,
    TURN,
    WHOLE,
    LocalStore,
    MissingBytes,
    Store,
    StoreFull,
    StoreSilent,
    open_store,
)
from tests.s3_server import KEYS, s3_serving
from tests.servers import free_port


@pytest.fixture(scope="module")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real S3 server with one known key."""
    with s3_serving(tmp_path_factory.mktemp("weed")) as server:
        yield server.address


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    if request.param == "local":
        return open_store(str(tmp_path / "files"))
    address = request.getfixturevalue("s3_server")
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    return open_store(f"s3://papers?endpoint={address}")


def test_bytes_come_back_as_they_were_put(store: Store) -> None:
    key = f"chamber/{uuid.uuid4()}"
    data = os.urandom(300_000)
    store.put(key, data)
    assert store.get(key) == data
    assert key in list(store.keys("chamber/"))
    store.delete(key)
    with pytest.raises(MissingBytes):
        store.get(key)
    store.delete(key)


def test_a_prefix_shows_only_its_own(store: Store) -> None:
    store.put("a/1", b"x")
    store.put("b/1", b"x")
    assert list(store.keys("a/")) == ["a/1"]


def test_a_wrong_secret_is_refused(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(ClientError):
        open_store(f"s3://papers?endpoint={s3_server}").put("a/2", b"x")


def test_a_local_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put("a/b", b"first")
    store.put("a/b", b"second")
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == ["b"]
    assert store.get("a/b") == b"second"


@contextmanager
def _stand_in(answer: bytes, pause: float) -> Iterator[str]:
    """A server that takes every request and tells `answer` one byte at a time, with a pause after
    each; and its address.
    """
    listener = socket.create_server(("127.0.0.1", 0), backlog=100)
    ended = threading.Event()

    def serve(client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.recv(65_536)
            for byte in answer:
                client.send(bytes([byte]))
                if ended.wait(pause):
                    return
            ended.wait(60)

    def listen() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        listener.close()


SLOW = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 100


@pytest.mark.parametrize("answer", [b"", SLOW], ids=["silent", "trickling"])
def test_a_server_that_stalls_is_told_within_seconds(
    answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with _stand_in(answer, 0.01 if answer else 0) as address:
        store, began = open_store(f"s3://papers?endpoint={address}"), time.monotonic()
        with pytest.raises(StoreSilent):
            store.get("a")
        assert time.monotonic() - began < WHOLE + 10


def test_a_server_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    store = open_store(f"s3://papers?endpoint=http://127.0.0.1:{free_port()}")
    with pytest.raises(StoreSilent):
        store.put("a", b"x")


def test_a_crowd_before_a_stalled_server_does_not_wait_in_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only AT_ONCE of forty readers wait for the server.

    The others are told within TURN seconds.
    """
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with _stand_in(b"", 0) as address:
        store, waited = open_store(f"s3://papers?endpoint={address}"), []

        def read() -> None:
            began = time.monotonic()
            with pytest.raises(StoreSilent):
                store.get("a")
            waited.append(time.monotonic() - began)

        readers = [threading.Thread(target=read) for _ in range(40)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    assert len(waited) == 40
    assert sum(seconds > TURN + ANSWER / 2 for seconds in waited) <= 2 * AT_ONCE


def test_a_full_disk_is_told_and_leaves_no_part(tmp_path: Path) -> None:
    store, before = LocalStore(tmp_path), resource.getrlimit(resource.RLIMIT_FSIZE)
    store.put("whole", b"x")
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(StoreFull):
            store.put("a/too-large", b"x" * 200_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["whole"]


def test_what_a_killed_process_was_writing_is_no_file_and_is_cleared_a_day_later(
    tmp_path: Path,
) -> None:
    store = LocalStore(tmp_path)
    store.put("a/whole", b"x")
    fresh, old = (tmp_path / ".parts" / name for name in ("fresh", "old"))
    for left in (fresh, old):
        left.write_bytes(b"half")
    os.utime(old, (time.time() - 2 * 86_400,) * 2)
    assert list(store.keys("")) == ["a/whole"]
    LocalStore(tmp_path)
    assert (fresh.exists(), old.exists()) == (True, False)
