"""Papers as PDF.

WeasyPrint is loaded on first use, by the worker only, and every document is checked for missing
glyphs.
"""

import importlib
import logging
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn

from portal.settings import ROOT

STYLES = ROOT / "static" / "css" / "print.css"


class MissingGlyphs(Exception):
    """A character has no shape in the papers' fonts: the document would show a box."""


class CannotRender(Exception):
    """WeasyPrint cannot run here; the message names what to install."""


class _Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__(level=logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


class Press:
    """Turns HTML into PDF.

    With one font configuration and parsed style sheet for the life of the process.
    """

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()

    @cached_property
    def _weasyprint(self) -> Any:
        try:
            return importlib.import_module("weasyprint")
        except OSError as error:
            raise CannotRender(
                "pango is missing: apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
                "libharfbuzz-subset0"
            ) from error

    @cached_property
    def _fonts(self) -> Any:
        return importlib.import_module("weasyprint.text.fonts").FontConfiguration()

    def _fetcher(self, protocol: str) -> Any:
        """Fonts come from files that our own style sheet names; a document's pictures are data.

        Only. Nothing comes by network.
        """
        return importlib.import_module("weasyprint.urls").URLFetcher(
            allowed_protocols={protocol}, allow_redirects=False
        )

    @cached_property
    def _sheet(self) -> Any:
        faces = "".join(
            f"@font-face {{ font-family: '{name}'; src: url('{Path(path).as_uri()}') }}"
            for name, path in (
                ("Paper Sans", pylopdf_fonts_zh_cn.sans_path()),
                ("Paper Serif", pylopdf_fonts_zh_cn.serif_path()),
            )
        )
        return self._weasyprint.CSS(
            string=faces + STYLES.read_text(encoding="utf-8"),
            font_config=self._fonts,
            url_fetcher=self._fetcher("file"),
        )

    def render(self, html: str) -> bytes:
        """The PDF of a document whose pictures are data: addresses.

        MissingGlyphs or CannotRender where it cannot be right.
        """
        with self._one_at_a_time:
            sheet = self._sheet
            heard = _Heard()
            logger = logging.getLogger("weasyprint")
            logger.addHandler(heard)
            try:
                document = self._weasyprint.HTML(string=html, url_fetcher=self._fetcher("data"))
                pdf = bytes(document.write_pdf(stylesheets=[sheet], font_config=self._fonts))
            finally:
                logger.removeHandler(heard)
        missing = [words for words in heard.said if "glyph" in words.lower()]
        if missing:
            raise MissingGlyphs("; ".join(missing)[:500])
        return pdf
