"""A real S3 server on loopback (SeaweedFS), which may go away and come back with what it kept."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from portal.files.store import S3Store, StoreSilent
from tests.servers import PATIENCE, free_port

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
IDENTITIES = (
    '{"identities": [{"name": "a", "credentials": [{"accessKey": "key", "secretKey": '
    '"secret"}], "actions": ["Admin", "Read", "Write", "List"]}]}'
)


class S3Server:
    """A server with one known key, and a bucket `papers`."""

    def __init__(self, folder: Path) -> None:
        config = folder / "s3.json"
        config.write_text(IDENTITIES)
        ports = {
            name: free_port() for name in ("master.port", "volume.port", "filer.port", "s3.port")
        }
        ports |= {f"{name}.grpc": free_port() for name in ports}
        ports |= {"s3.port.iceberg": 0, "s3.port.lance": 0}
        limits = ["-volume.max=4", "-master.volumeSizeLimitMB=64", "-master.telemetry=false"]
        weed = Path(sys.executable).parent / "weed"
        options = [f"-dir={folder}", "-s3", f"-s3.config={config}", "-ip=127.0.0.1", *limits]
        self.command = [
            weed,
            "server",
            *options,
            *(f"-{name}={port}" for name, port in ports.items()),
        ]
        self.address = f"http://127.0.0.1:{ports['s3.port']}"
        self.start()

    def start(self) -> None:
        """Serves, from now on, what was kept."""
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with pytest.MonkeyPatch.context() as patch:
            for name, value in KEYS.items():
                patch.setenv(name, value)
            _make_bucket(S3Store("papers", self.address, "us-east-1"))

    def stop(self) -> None:
        """Is away, from now on: killed, as its own way out waits for minutes."""
        self.process.kill()
        self.process.wait()


def _make_bucket(store: S3Store) -> None:
    """Makes the bucket as soon as the server can keep something in it."""
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            if store.bucket not in {b["Name"] for b in store.client.list_buckets()["Buckets"]}:
                store.client.create_bucket(Bucket=store.bucket)
            store.put("warm/up", b"x")
        except (ClientError, BotoCoreError, StoreSilent):
            assert time.monotonic() < ends, "the server does not keep anything"
            time.sleep(0.2)
        else:
            return


@contextmanager
def s3_serving(folder: Path) -> Iterator[S3Server]:
    """A server that is stopped in the end."""
    server = S3Server(folder)
    try:
        yield server
    finally:
        server.stop()
