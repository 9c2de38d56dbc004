"""Where bytes lie: a local folder, or an S3-compatible store. Keys are generated; nothing typed by a person becomes a path."""

import contextlib
import importlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from portal.settings import ROOT


class MissingBytes(Exception):
    """A key has no bytes: a row without its file."""


class Store(Protocol):
    """Puts, gets and lists bytes by key."""

    def put(self, key: str, data: bytes) -> None:
        """Stores `data` durably under `key`."""

    def get(self, key: str) -> bytes:
        """The bytes under `key`; MissingBytes where there are none."""

    def delete(self, key: str) -> None:
        """Forgets `key`; nothing happens where it is unknown."""

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that begins with `prefix`."""


class LocalStore:
    """A folder. A file appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, data: bytes) -> None:
        """Stores `data` durably under `key`."""
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        with os.fdopen(handle, "wb") as part:
            part.write(data)
            part.flush()
            os.fsync(part.fileno())
        os.replace(name, path)

    def get(self, key: str) -> bytes:
        """The bytes under `key`; MissingBytes where there are none."""
        try:
            return (self.folder / key).read_bytes()
        except FileNotFoundError as error:
            raise MissingBytes(key) from error

    def delete(self, key: str) -> None:
        """Forgets `key`."""
        with contextlib.suppress(FileNotFoundError):
            (self.folder / key).unlink()

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that begins with `prefix`."""
        for path in sorted(self.folder.rglob("*")):
            key = path.relative_to(self.folder).as_posix()
            if path.is_file() and key.startswith(prefix):
                yield key


class S3Store:
    """A bucket of an S3-compatible server; credentials come from the usual AWS_ variables. boto3 is loaded only where there is one."""

    def __init__(self, bucket: str, endpoint: str | None, region: str) -> None:
        self.bucket = bucket
        config = importlib.import_module("botocore.config").Config(s3={"addressing_style": "path"}, retries={"max_attempts": 3}, connect_timeout=5, read_timeout=30)
        self.client: Any = importlib.import_module("boto3").Session().client("s3", endpoint_url=endpoint, region_name=region, config=config)

    def put(self, key: str, data: bytes) -> None:
        """Stores `data` under `key`."""
        self.client.put_object(Bucket=self.bucket, Key=key, Body=data)

    def get(self, key: str) -> bytes:
        """The bytes under `key`; MissingBytes where there are none."""
        try:
            return bytes(self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        except self.client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
                raise MissingBytes(key) from error
            raise

    def delete(self, key: str) -> None:
        """Forgets `key`."""
        self.client.delete_object(Bucket=self.bucket, Key=key)

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that begins with `prefix`."""
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            for item in page.get("Contents", ()):
                yield item["Key"]


def open_store(setting: str) -> Store:
    """The store that PORTAL_FILES names: a folder, or `s3://bucket?endpoint=…&region=…`."""
    parts = urlsplit(setting)
    if parts.scheme == "s3":
        options = {k: v[0] for k, v in parse_qs(parts.query).items()}
        return S3Store(parts.netloc, options.get("endpoint"), options.get("region", "us-east-1"))
    return LocalStore((ROOT / setting).resolve())
