"""How values look on pages and papers."""

import datetime as dt
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask import Flask, g
from flask_babel import force_locale, get_locale, gettext
from markupsafe import Markup

from portal.accounts.models import RANK_LABELS
from portal.foundation.clock import SHANGHAI, day_in
from portal.foundation.labels import Labelled
from portal.foundation.money import in_currency, yuan
from portal.tenancy.actor import SYSTEM, Rank
from portal.web.world import world


def install_filters(app: Flask) -> None:
    """Registers the filters and the functions that templates call."""
    known = (yuan, day, moment, days_since, standing_today, label, in_language, masked, doer)
    app.jinja_env.filters.update({one.__name__: one for one in known}, money=in_currency)
    app.jinja_env.globals.update(language=language, zh=zh, en=en, both=both)


def day(on: dt.date | str | None) -> str:
    """A calendar day: 2026年11月22日, or 22 Nov 2026."""
    if not on:
        return "—"
    on = dt.date.fromisoformat(on) if isinstance(on, str) else on
    pattern = "y年M月d日" if language() == "zh" else "d MMM y"
    return format_date(on, pattern, locale=language())


def moment(at: dt.datetime | None) -> str:
    """An instant in the chamber's zone: 2026-11-22 17:05."""
    if at is None:
        return "—"
    settings = g.get("chamber_settings")
    zone = ZoneInfo(settings.zone if settings else SHANGHAI)
    return format_datetime(at, "yyyy-MM-dd HH:mm", tzinfo=zone, locale=language())


def days_since(at: dt.datetime | dt.date) -> int:
    """How many days of the chamber's calendar have begun since an instant or a day."""
    zone = g.chamber_settings.zone
    on = day_in(at, zone) if isinstance(at, dt.datetime) else at
    return (day_in(world().doors.clock.now(), zone) - on).days


def standing_today(paper: Any) -> Any:
    """What an issued paper is worth on the chamber's present day."""
    return paper.standing(day_in(world().doors.clock.now(), g.chamber_settings.zone))


def label(value: StrEnum) -> str:
    """The label of a state or kind in the language of the page."""
    if isinstance(value, Rank):
        return str(gettext(RANK_LABELS[value]))
    return str(gettext(value.label)) if isinstance(value, Labelled) else str(value)


def masked(text: str) -> str:
    """A phone or an address of which only the ends are shown.

    138****0000, z***@enterprise.example.
    """
    name, at, host = text.partition("@")
    if at:
        return f"{name[:1]}***@{host}"
    return f"{text[:3]}****{text[-4:]}" if len(text) > 7 else "****" if text else ""


def in_language(thing: object, noun: str = "name") -> str:
    """`name_zh` or `name_en` of a thing that has both; Chinese where English is empty."""
    chinese = str(getattr(thing, f"{noun}_zh"))
    return (str(getattr(thing, f"{noun}_en")) or chinese) if language() == "en" else chinese


def doer(name: str) -> str:
    """Who did something, in the language of the page.

    A person's name as it is, the portal itself in words.
    """
    return str(gettext("the portal itself")) if name == SYSTEM.name else name


def language() -> str:
    """zh or en."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh"


def zh(msgid: str, **values: object) -> str:
    """A paper's wording in Chinese, whoever prints it."""
    with force_locale("zh"):
        return str(gettext(msgid, **values))


def en(msgid: str, **values: object) -> str:
    """A paper's wording in English, whoever prints it."""
    with force_locale("en"):
        return str(gettext(msgid, **values))


def both(msgid: str) -> Markup:
    """A paper's wording in Chinese with the English beside it."""
    return Markup('<span lang="zh-CN">{}</span> <small lang="en">{}</small>').format(
        zh(msgid), en(msgid)
    )
