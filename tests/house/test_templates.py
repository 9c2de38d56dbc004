"""Templates compile, are used, and speak both languages in full."""

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.cast import House

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(p for p in (ROOT / "templates").rglob("*") if p.is_file())
CODE = "\n".join(p.read_text() for p in [*(ROOT / "portal").rglob("*.py"), *TEMPLATES])


def test_every_template_compiles(house: House) -> None:
    for path in TEMPLATES:
        assert house.app.jinja_env.get_template(
            path.relative_to(ROOT / "templates").as_posix()
        ).name


def test_every_template_is_used() -> None:
    for path in TEMPLATES:
        name = path.relative_to(ROOT / "templates").as_posix()
        wanted = {name, name.removeprefix("emails/").removesuffix(".txt")}
        if name.startswith("documents/"):
            wanted.add(f'"{path.stem}"')
        assert any(w in CODE for w in wanted), name


def test_every_macro_is_used() -> None:
    for path in TEMPLATES:
        for macro in re.findall(r"{% macro (\w+)\(", path.read_text()):
            assert len(re.findall(rf"\b{macro}\(", CODE)) > 1, macro
            assert (
                path.parent.name != "components"
                or len(re.findall(r"{% macro ", path.read_text())) == 1
            )


def test_no_inline_script_style_or_outside_address() -> None:
    for path in TEMPLATES:
        if path.parts[-2] == "emails" or "documents" in path.parts:
            continue
        text = path.read_text()
        assert not re.search(r"<script(?![^>]*src=)|\son[a-z]+=|\sstyle=|https?://", text), path


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    pot = tmp_path_factory.mktemp("messages") / "messages.pot"
    command = [
        Path(sys.executable).parent / "pybabel",
        "-q",
        "extract",
        "-F",
        "babel.cfg",
        "-k",
        "_l",
        "-k",
        "N_",
        "-k",
        "zh",
        "-k",
        "en",
        "-k",
        "both",
        "-o",
        str(pot),
        ".",
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return {str(m.id) for m in read_po(io.BytesIO(pot.read_bytes())) if m.id}


def test_the_chinese_catalogue_is_complete(extracted: set[str]) -> None:
    path = ROOT / "portal" / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
    catalogue = read_po(io.BytesIO(path.read_bytes()))
    assert not catalogue.fuzzy, "a catalogue without its header is skipped when it is compiled"
    entries = {str(m.id): str(m.string) for m in catalogue if m.id}
    assert set(entries) == extracted
    assert [i for i, s in entries.items() if not s] == []
    assert not any(m.fuzzy for m in catalogue if m.id)
    for msgid, text in entries.items():
        assert sorted(re.findall(r"%\(\w+\)[sd]", msgid)) == sorted(
            re.findall(r"%\(\w+\)[sd]", text)
        ), msgid
        if re.search(r"[a-z]{4} [a-z]{3}", msgid):
            assert re.search(r"[\u4e00-\u9fff]", text), msgid


def test_every_page_speaks_chinese_to_whom_it_should(house: House) -> None:
    browser = house.browser("secretary")
    for address in (
        "/",
        "/apply",
        "/my-day",
        "/applications",
        "/billing/invoices",
        "/trays",
        "/settings",
        "/settings/chain",
        "/account",
    ):
        page = browser.client.get(
            address, headers={"Host": browser.host, "Accept-Language": "zh-CN"}
        ).text
        assert 'lang="zh-CN"' in page
        shown = re.sub(r"<script.*?</script>|<[^>]*>", " ", page, flags=re.S)
        leftover = set(re.findall(r"\b[A-Z]?[a-z]{3,} [a-z]{2,}\b", shown)) - {"Chamber jia"}
        assert not leftover, (address, leftover)


def test_pages_ask_policies_and_never_departments() -> None:
    for path in TEMPLATES:
        assert "holds(" not in path.read_text(encoding="utf-8"), path
