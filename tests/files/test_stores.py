"""The local folder, and S3 against a real server on loopback."""

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from portal.files.store import LocalStore, MissingBytes, S3Store, Store, open_store
from tests.servers import free_port


@pytest.fixture(scope="module")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A SeaweedFS server with one known key, and its address."""
    weed = Path(sys.executable).parent / "weed"
    folder = tmp_path_factory.mktemp("weed")
    config = folder / "s3.json"
    config.write_text('{"identities": [{"name": "a", "credentials": [{"accessKey": "key", "secretKey": "secret"}], "actions": ["Admin", "Read", "Write", "List"]}]}')
    ports = {name: free_port() for name in ("master.port", "volume.port", "filer.port", "s3.port")}
    grpc = {f"{name}.grpc": free_port() for name in ports}
    arguments = [f"-{name}={port}" for name, port in {**ports, **grpc}.items()]
    server = subprocess.Popen(
        [weed, "server", f"-dir={folder}", "-s3", f"-s3.config={config}", "-ip=127.0.0.1", "-volume.max=4", "-master.volumeSizeLimitMB=64", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{ports['s3.port']}"
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=1)
            break
        except urllib.error.HTTPError:
            break
        except OSError:
            time.sleep(0.1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        _make_bucket(S3Store("papers", address, "us-east-1"))
    yield address
    server.kill()
    server.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _make_bucket(store: S3Store) -> None:
    """Makes the bucket as soon as the server can keep something in it."""
    ends = time.monotonic() + 60
    while True:
        try:
            if store.bucket not in {b["Name"] for b in store.client.list_buckets()["Buckets"]}:
                store.client.create_bucket(Bucket=store.bucket)
            store.put("warm/up", b"x")
        except (ClientError, BotoCoreError):
            assert time.monotonic() < ends, "the server does not keep anything"
            time.sleep(0.2)
        else:
            return


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    if request.param == "local":
        return open_store(str(tmp_path / "files"))
    address = request.getfixturevalue("s3_server")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
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
