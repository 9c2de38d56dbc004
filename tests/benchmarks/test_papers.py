"""Receipts: documents a second by one worker, and memory that does not grow."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRINTING = """
import sys, time
import psutil
from portal.money.payments.models import PaymentPaper
from portal.papers.issuing.reactions import PRESS, ToRender, render_html
from portal.foundation.ids import new_id
from portal.foundation.money import in_capitals
from portal.app import create_app
from portal.settings import Settings

url = f"sqlite:///{sys.argv[1]}/none.db"
sender = "portal@localhost"
app = create_app(Settings("k" * 40, url, url, "localhost", sys.argv[1], None, sender, "http", 8000))
world, me = app.extensions["world"], psutil.Process()

def one(number):
    chamber = {"chamber_zh": "甲商会", "chamber_en": "Chamber", "chamber_uscc": ""}
    chamber |= {"chamber_address": "示例路一号", "chamber_phone": "", "colour": "#8c2f22"}
    snapshot = {
        **chamber,
        "enterprise": f"测试企业{number}有限公司",
        "payer": "付款人",
        "received_on": "2026-06-15",
        "issued_on": "2026-06-15",
        "invoice_number": f"JF2026-{number:05d}",
        "dues_year": 2026,
        "amount": 200_000 + number,
        "credit": 0,
        "capitals": in_capitals(200_000 + number),
        "reference": f"S{number}",
        "recorded_by": "郑财务",
        "wording": "2026年度会费",
    }
    paper = ToRender(new_id(), PaymentPaper.RECEIPT, f"SJ2026-{number:05d}", snapshot, None)
    return len(PRESS.render(render_html(world, paper)))

count, size = int(sys.argv[2]), one(0)
halves, memory = [], [me.memory_info().rss]
for half in range(2):
    began = time.process_time()
    for number in range(count // 2):
        one(1 + half * (count // 2) + number)
    halves.append((time.process_time() - began) / (count // 2))
    memory.append(me.memory_info().rss)
print(f"{count} receipts of {size / 1024:.0f} KiB: {1 / halves[1]:.1f} a second of one worker's "
      f"CPU; second half : first half = {halves[1] / halves[0]:.2f} in time, "
      f"{memory[2] / memory[1]:.2f} in memory ({memory[2] / 2**20:.0f} MiB)")
"""
WEB = """
import time
began = time.perf_counter()
import psutil
from portal.operations.web_server import make_app
app = make_app().app.app
app.test_client().get("/healthz", headers={"Host": "localhost"})
taken = psutil.Process().memory_info().rss / 2**20
print(f"a web process is ready after {time.perf_counter() - began:.2f} s and takes {taken:.0f} MiB "
      "(goals: 2 s, 120 MiB)")
"""


def _said(code: str, *arguments: str, **environment: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env=environment or None,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def test_receipts(tmp_path: Path, full: bool, figure: Callable[[str], None]) -> None:
    said = _said(PRINTING, str(tmp_path), "200" if full else "4")
    assert "a second" in said
    figure(said)


def test_a_web_process(
    sqlite_template: Path, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    from tests.servers import portal_environment

    said = _said(WEB, **portal_environment(f"sqlite:///{sqlite_template}", tmp_path, 8000))
    assert "ready after" in said
    figure(said)
