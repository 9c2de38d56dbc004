"""What a browser gets.

Bytes of the first page, caching, and Lighthouse's marks where Node is found (npm's lighthouse,
fetched for the occasion).
"""

import gzip
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
import requests

from portal.foundation.clock import StandingClock
from tests.browser.conftest import CHROMIUM
from tests.cast import House
from tests.house.sightseeing import ids_of
from tests.servers import PATIENCE, portal_serving
from tests.templates import NOON, settings_on

LIGHTHOUSE = "lighthouse@12"
GOAL = 150 * 1024


@pytest.fixture
def served(furnished_template: Path, tmp_path: Path) -> "tuple[House, Path]":
    """A copy of the furnished house to serve and to ask."""
    shutil.copytree(furnished_template, tmp_path / "house")
    url = f"sqlite:///{tmp_path / 'house' / 'portal.db'}"
    return House(settings_on(url, url, tmp_path / "house" / "files"), StandingClock(NOON)), tmp_path


def test_the_first_page(served: tuple[House, Path], figure: Callable[[str], None]) -> None:
    house, folder = served
    with portal_serving(house.settings.database_url, folder) as (port, _):
        asked = {
            "Host": f"jia.localhost:{port}",
            "Accept-Encoding": "br, gzip",
            "Accept-Language": "zh",
        }
        home = requests.get(
            f"http://127.0.0.1:{port}/", headers=asked, timeout=PATIENCE, stream=True
        )
        raw = home.raw.read(decode_content=False)
        page = {"br": brotli.decompress, "gzip": gzip.decompress}[home.headers["Content-Encoding"]](
            raw
        ).decode()
        sizes, tag = {"/": len(raw)}, home.headers["ETag"]
        assert "max-age" in home.headers["Cache-Control"]
        again = requests.get(
            f"http://127.0.0.1:{port}/", headers=asked | {"If-None-Match": tag}, timeout=PATIENCE
        )
        assert (again.status_code, again.content) == (304, b"")
        for address in re.findall(r'(?:href|src)="(/(?:static|vendor|theme)[^"]+)"', page):
            answer = requests.get(
                f"http://127.0.0.1:{port}{address}", headers=asked, timeout=PATIENCE, stream=True
            )
            assert answer.status_code == 200, address
            assert "max-age" in answer.headers["Cache-Control"], address
            sizes[address.split("?")[0]] = len(answer.raw.read(decode_content=False))
            if "?v=" in address:
                assert (
                    requests.get(
                        f"http://127.0.0.1:{port}{address}",
                        headers=asked | {"If-None-Match": answer.headers["ETag"]},
                        timeout=PATIENCE,
                    ).status_code
                    == 304
                )
    house.close()
    figure(
        f"{sum(sizes.values()) / 1024:.0f} KiB in {len(sizes)} requests (goal under 150): "
        + ", ".join(f"{name} {size / 1024:.1f}" for name, size in sizes.items())
    )
    assert sum(sizes.values()) < GOAL


@pytest.mark.timeout(900)
def test_lighthouse(served: tuple[House, Path], full: bool, figure: Callable[[str], None]) -> None:
    """Performance, accessibility and best practices of home, apply, roll and invoice; goal 95."""
    if not full:
        pytest.skip("Lighthouse runs with the full figures")
    if shutil.which("npx") is None or CHROMIUM is None:
        pytest.skip("NO NODE OR NO CHROMIUM ON THIS MACHINE: Lighthouse did NOT run")
    house, folder = served
    browser, ids = house.browser("secretary"), ids_of(house, "jia")
    word = next(c.value for c in browser.client._cookies.values() if c.key == "huiguan")
    with portal_serving(house.settings.database_url, folder) as (port, _):
        for name, path in (
            ("home", "/"),
            ("apply", "/apply"),
            ("roll", "/roll"),
            ("invoice", f"/billing/invoices/{ids['invoice_id']}"),
        ):
            headers = {"Cookie": f"huiguan={word}"} if name in {"roll", "invoice"} else {}
            told = folder / f"{name}.json"
            command = [
                "npx",
                "--yes",
                LIGHTHOUSE,
                f"http://jia.localhost:{port}{path}",
                "--quiet",
                "--output=json",
                f"--output-path={told}",
                "--preset=desktop" if headers else "",
            ]
            command += [
                "--only-categories=performance,accessibility,best-practices",
                f"--extra-headers={json.dumps(headers)}",
                "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
            ]
            done = subprocess.run(
                [part for part in command if part],
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "CHROME_PATH": str(CHROMIUM)},
            )
            assert done.returncode == 0, done.stderr[-2_000:]
            marks = {
                key: round(100 * kind["score"])
                for key, kind in json.loads(told.read_text())["categories"].items()
            }
            figure(
                f"{name}: {', '.join(f'{key} {mark}' for key, mark in marks.items())} (goal "
                "95 each)"
            )
    house.close()
