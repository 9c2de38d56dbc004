"""Properties of search, codes and pages, over whatever people type."""

from hypothesis import given
from hypothesis import strategies as st

from portal.files.rules import tidy_name
from portal.foundation.paging import decode_cursor, encode_cursor
from portal.foundation.search import tokens_of, tokens_to_find
from portal.members.enterprises.rules.uscc import ALPHABET, check_sign, read_uscc
from portal.money.invoices.rules import payment_code, read_payment_code
from portal.web.forms import clean

NAMES = st.text(alphabet="温州鹿城皮革商会单曾重庆Abc123（） ", min_size=1, max_size=30)


@given(NAMES, st.data())
def test_every_part_of_a_name_finds_it(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    part = name[start : data.draw(st.integers(start + 1, len(name)))]
    found = tokens_of(name)
    for token in tokens_to_find(part):
        chinese = token[0] > "\u3000"
        assert (
            token in found
            if chinese
            else any(t.endswith(token) or token in t for t in found) or token in name.lower()
        )


@given(st.text(max_size=200))
def test_no_text_breaks_the_tokenizer(text: str) -> None:
    assert all(len(token) <= 24 for token in tokens_of(text) | tokens_to_find(text))


@given(
    st.text(alphabet="0123456789", min_size=6, max_size=6),
    st.text(alphabet=ALPHABET, min_size=9, max_size=9),
)
def test_a_made_code_is_read_again(district: str, rest: str) -> None:
    body = "91" + district + rest
    code = body + check_sign(body)
    assert read_uscc(f" {code[:8]}-{code[8:].lower()} ") == code


@given(st.integers(2000, 2099), st.integers(1, 9_999_999))
def test_a_payment_code_is_read_again(year: int, sequence: int) -> None:
    code = payment_code(year, sequence)
    assert read_payment_code(code.lower()) == code


@given(
    st.lists(
        st.text(
            alphabet=st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)),
            max_size=20,
        ),
        min_size=2,
        max_size=2,
    )
)
def test_a_cursor_comes_back(keys: list[str]) -> None:
    assert decode_cursor(encode_cursor(*keys), str, str) == tuple(keys)


@given(st.text(max_size=40))
def test_no_text_breaks_a_cursor_or_a_label(text: str) -> None:
    assert decode_cursor(text, str, str) is None or len(text) > 4
    assert 0 < len(tidy_name(text)) <= 120
    assert clean(text) == clean(clean(text))
    assert "\0" not in clean(text)
