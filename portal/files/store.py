"""Where bytes lie: a local folder, or an S3-compatible store. Keys are generated.

Nothing typed by a person becomes a path.
"""

import contextlib
import errno
import importlib
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from portal.foundation.clock import Clock
from portal.foundation.errors import Unavailable
from portal.foundation.labels import N_
from portal.settings import ROOT

AT_ONCE, TURN = 8, 2
"""Requests to a remote store at the same time.

That one process makes, and the seconds that a further one waits for its turn.
"""
CONNECT, ANSWER, WHOLE = 2, 4, 20
"""Seconds that a remote store has.

In which it must be reached, must say something, and must have told everything.
"""


class MissingBytes(Exception):
    """A key has no bytes: a row without its file."""


class StoreSilent(Unavailable):
    """The store of files does not answer within seconds (503)."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "The store of files does not answer at the moment. Nothing was changed; try "
                "again in a minute."
            )
        )


class StoreFull(Unavailable):
    """The store of files takes no more (507)."""

    status = 507

    def __init__(self) -> None:
        super().__init__(
            N_(
                "The store of files is full, so nothing was kept. Tell the chamber's office; "
                "its operator has to make room."
            )
        )


class Store(Protocol):
    """Puts, gets and lists bytes by key.

    StoreSilent where it does not answer, StoreFull where it takes no more.
    """

    def put(self, key: str, data: bytes) -> None:
        """Stores `data` durably under `key`, whole or not at all."""

    def get(self, key: str) -> bytes:
        """The bytes under `key`; MissingBytes where there are none."""

    def delete(self, key: str) -> None:
        """Forgets `key`; nothing happens where it is unknown."""

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that begins with `prefix`."""


PARTS = ".parts"
"""The folder of what is being written.

What a killed process left there is cleared a day later.
"""
DAY = 86_400


class LocalStore:
    """A folder. A file appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / PARTS).mkdir(parents=True, exist_ok=True)
        for left in (folder / PARTS).iterdir():
            with contextlib.suppress(FileNotFoundError):
                if left.stat().st_mtime < Clock().now().timestamp() - DAY:
                    left.unlink()

    def put(self, key: str, data: bytes) -> None:
        """Stores `data` durably under `key`."""
        path = self.folder / key
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder / PARTS)
            try:
                with os.fdopen(handle, "wb") as part:
                    part.write(data)
                    part.flush()
                    os.fsync(part.fileno())
                os.replace(name, path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
                raise StoreFull from error
            raise StoreSilent from error

    def get(self, key: str) -> bytes:
        """The bytes under `key`; MissingBytes where there are none."""
        try:
            return (self.folder / key).read_bytes()
        except FileNotFoundError as error:
            raise MissingBytes(key) from error
        except OSError as error:
            raise StoreSilent from error

    def delete(self, key: str) -> None:
        """Forgets `key`."""
        try:
            (self.folder / key).unlink(missing_ok=True)
        except OSError as error:
            raise StoreSilent from error

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that begins with `prefix`."""
        for path in sorted(self.folder.rglob("*")):
            key = path.relative_to(self.folder).as_posix()
            if path.is_file() and key.startswith(prefix) and not key.startswith(f"{PARTS}/"):
                yield key


class S3Store:
    """A bucket of an S3-compatible server; credentials come from the usual AWS_ variables.

    Boto3 is loaded only where there is one.
    """

    def __init__(self, bucket: str, endpoint: str | None, region: str) -> None:
        self.bucket = bucket
        self.turns = threading.BoundedSemaphore(AT_ONCE)
        config = importlib.import_module("botocore.config").Config(
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 2, "mode": "standard"},
            connect_timeout=CONNECT,
            read_timeout=ANSWER,
            max_pool_connections=AT_ONCE,
        )
        self.client: Any = (
            importlib.import_module("boto3")
            .Session()
            .client("s3", endpoint_url=endpoint, region_name=region, config=config)
        )
        self.faults = importlib.import_module("botocore.exceptions")
        self.broken = importlib.import_module("urllib3.exceptions").HTTPError

    def put(self, key: str, data: bytes) -> None:
        """Stores `data` under `key`."""
        with self._turn():
            self.client.put_object(Bucket=self.bucket, Key=key, Body=data)

    def get(self, key: str) -> bytes:
        """The bytes under `key`; MissingBytes where there are none.

        The stream below botocore's own is read, by what comes: botocore waits for a whole piece,
        however slowly it trickles.
        """
        ends = time.monotonic() + WHOLE
        with self._turn():
            answer = self.client.get_object(Bucket=self.bucket, Key=key)
            stream, data = answer["Body"]._raw_stream, bytearray()
            while piece := stream.read1(65_536):
                data += piece
                if time.monotonic() > ends:
                    stream.close()
                    raise StoreSilent
            if len(data) != answer["ContentLength"]:
                raise StoreSilent
            return bytes(data)

    def delete(self, key: str) -> None:
        """Forgets `key`."""
        with self._turn():
            self.client.delete_object(Bucket=self.bucket, Key=key)

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that begins with `prefix`."""
        for page in self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=prefix
        ):
            for item in page.get("Contents", ()):
                yield item["Key"]

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One request at a time of those that this process may make.

        The server's faults in the house's words.
        """
        if not self.turns.acquire(timeout=TURN):
            raise StoreSilent
        try:
            yield
        except self.faults.ClientError as error:
            raise _told(error) from error
        except (self.faults.HTTPClientError, self.faults.ConnectionError, self.broken) as error:
            raise StoreSilent from error
        finally:
            self.turns.release()


def _told(error: Any) -> Exception:
    """What a server's answer means to whoever asked.

    The error itself where it means nothing that time could mend.
    """
    code, status = (
        error.response["Error"]["Code"],
        error.response["ResponseMetadata"]["HTTPStatusCode"],
    )
    if code in {"NoSuchKey", "404"}:
        return MissingBytes(code)
    if status == 507 or code in {
        "QuotaExceeded",
        "XMinioStorageFull",
        "InsufficientStorage",
        "EntityTooLarge",
    }:
        return StoreFull()
    return StoreSilent() if status >= 500 or code == "SlowDown" else error  # type: ignore[no-any-return]


def open_store(setting: str) -> Store:
    """The store that PORTAL_FILES names: a folder, or `s3://bucket?endpoint=…&region=…`."""
    parts = urlsplit(setting)
    if parts.scheme == "s3":
        options = {k: v[0] for k, v in parse_qs(parts.query).items()}
        return S3Store(parts.netloc, options.get("endpoint"), options.get("region", "us-east-1"))
    return LocalStore((ROOT / setting).resolve())
