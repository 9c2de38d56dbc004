"""One tokenizer for names in Chinese and Latin script: unigrams, bigrams, words, and pinyin initials of every reading.

The readings take 50 MiB, so they are loaded when the first name is indexed: a process that only searches never needs them.
"""

import importlib
import itertools
import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

_RUNS = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+|[a-z0-9]+")
MOST_READINGS = 16
LONGEST = 24


def normalise_name(name: str) -> str:
    """A name as it is compared: half-width, lower case, without spaces, brackets and its company form."""
    half = unicodedata.normalize("NFKC", name).lower()
    half = re.sub(r"\s+", "", half)
    half = re.sub(r"(股份有限公司|有限责任公司|有限公司|公司)$", "", half) or half
    return half.replace("(", "").replace(")", "")


def tokens_of(*texts: str) -> set[str]:
    """Every token under which the texts can be found."""
    found: set[str] = set()
    for text in texts:
        for run in _RUNS.findall(unicodedata.normalize("NFKC", text).lower()):
            if run[0] < "\u3000":
                found.update(run[:n] for n in range(1, min(len(run), LONGEST) + 1))
            else:
                found.update(run)
                found.update(run[n : n + 2] for n in range(len(run) - 1))
                found.update(_initials(run))
    return found


def tokens_to_find(query: str) -> set[str]:
    """The tokens that must all be present for `query` to match; empty where nothing can be searched."""
    wanted: set[str] = set()
    for run in _RUNS.findall(unicodedata.normalize("NFKC", query).lower()):
        if run[0] < "\u3000":
            wanted.add(run[:LONGEST])
        elif len(run) == 1:
            wanted.add(run)
        else:
            wanted.update(run[n : n + 2] for n in range(len(run) - 1))
    return wanted


def pinyin_key(name: str) -> str:
    """What a list is sorted by: the syllables of the name in their usual reading, then the name itself."""
    syllables = " ".join(_readings().lazy_pinyin(unicodedata.normalize("NFKC", name).lower()))
    return f"{syllables[:160]} {name[:80]}"


def _initials(run: str) -> set[str]:
    """The pinyin initials of two to six characters from each start, over the readings of characters with several: all of them for two, MOST_READINGS for more."""
    head = run[:12]
    letters = [_letters(sign) for sign in head]
    found: set[str] = set()
    for start in range(len(letters)):
        for length in range(2, min(6, len(letters) - start) + 1):
            readings = itertools.product(*letters[start : start + length])
            found.update("".join(reading) for reading in itertools.islice(readings, MOST_READINGS))
    return found


@lru_cache(maxsize=30_000)
def _letters(sign: str) -> tuple[str, ...]:
    """The first letters of all readings of one character; asked alone, since in a phrase only the usual reading is told."""
    readings = _readings().pinyin(sign, style=_readings().Style.NORMAL, heteronym=True)[0]
    return tuple(sorted({r[0] for r in readings if r[:1].isascii() and r[:1].isalpha()}))


@cache
def _readings() -> Any:
    return importlib.import_module("pypinyin")
