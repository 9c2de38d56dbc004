"""One tokenizer for names in Chinese and Latin script.

Unigrams, bigrams, words, pinyin, and pinyin initials of every reading.

The readings take 50 MiB, so they are loaded when the first name is indexed: a process that only
searches never needs them.
"""

import importlib
import itertools
import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

_RUNS = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+|[a-z0-9]+")
MOST_READINGS, FEW_READINGS = 64, 16
LONGEST = 24
SPELLED = 14
WINDOW = 6


def normalise_name(name: str) -> str:
    """A name as it is compared.

    Half-width, lower case, without spaces, brackets and its company form.
    """
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
                found.update(_windows(run))
            else:
                found.update(run)
                found.update(run[n : n + 2] for n in range(len(run) - 1))
                found.update(_initials(run))
                found.update(_spelled(run))
    return found


def tokens_to_find(query: str) -> set[str]:
    """The tokens that must all be present for `query` to match.

    Empty where nothing can be searched.

    More than WINDOW letters may be a word or the initials of a long name: every window of them must
    be there.
    """
    wanted: set[str] = set()
    for run in _RUNS.findall(unicodedata.normalize("NFKC", query).lower()):
        if run[0] < "\u3000":
            wanted.update(_windows(run) or {run[:LONGEST]})
        elif len(run) == 1:
            wanted.add(run)
        else:
            wanted.update(run[n : n + 2] for n in range(len(run) - 1))
    return wanted


def pinyin_key(name: str) -> str:
    """What a list is sorted by.

    The syllables of the name in their usual reading, then the name itself.
    """
    syllables = " ".join(_readings().lazy_pinyin(unicodedata.normalize("NFKC", name).lower()))
    return f"{syllables[:160]} {name[:80]}"


def _windows(run: str) -> set[str]:
    """Every WINDOW letters in a row of a longer word of letters.

    Nothing for shorter ones, and for what has digits: that is a code.
    """
    return (
        {run[n : n + WINDOW] for n in range(min(len(run), LONGEST) - WINDOW + 1)}
        if len(run) > WINDOW and run.isalpha()
        else set()
    )


def _initials(run: str) -> set[str]:
    """The pinyin initials of two to WINDOW characters from each start.

    In their usual readings and in others of characters with several.

    Of those others MOST_READINGS at most, of five and six characters FEW_READINGS.
    """
    letters = [_letters(sign) for sign in run[:LONGEST]]
    usual = [reading[:1] for reading in _readings().lazy_pinyin(run[:LONGEST])]
    found: set[str] = set()
    for start in range(len(letters)):
        for length in range(2, min(WINDOW, len(letters) - start) + 1):
            found.add("".join(usual[start : start + length]))
            if start < 12:
                readings = itertools.product(*letters[start : start + length])
                found.update(
                    "".join(reading)
                    for reading in itertools.islice(
                        readings, MOST_READINGS if length < 5 else FEW_READINGS
                    )
                )
    return found


def _spelled(run: str) -> set[str]:
    """The pinyin of a run in its usual reading, as it is typed without gaps.

    What it begins with from each character on, and every WINDOW letters of it.
    """
    syllables = _readings().lazy_pinyin(run[:SPELLED])
    whole, at = "".join(syllables), 0
    found: set[str] = set()
    for syllable in syllables:
        found.update(whole[at : at + n] for n in range(1, WINDOW))
        at += len(syllable)
    return found | {whole[n : n + WINDOW] for n in range(len(whole) - WINDOW + 1)}


@lru_cache(maxsize=30_000)
def _letters(sign: str) -> tuple[str, ...]:
    """The first letters of all readings of one character.

    Asked alone, since in a phrase only the usual reading is told.
    """
    readings = _readings().pinyin(sign, style=_readings().Style.NORMAL, heteronym=True)[0]
    return tuple(sorted({r[0] for r in readings if r[:1].isascii() and r[:1].isalpha()}))


@cache
def _readings() -> Any:
    return importlib.import_module("pypinyin")
