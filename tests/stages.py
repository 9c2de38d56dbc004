"""What stands already when a test begins.

Made once a session through the pages, and copied for every test marked `stage(name)`.
"""

from collections.abc import Callable

from tests.cast import House, apply_through_pages
from tests.roll.by_hand import enter_five
from tests.scenes import approve_through_pages, pay_through_pages


def applied(house: House) -> None:
    """Enterprise 1 of 甲 is in review at its first step."""
    apply_through_pages(house, 1)


def two_applied(house: House) -> None:
    """Enterprises 1 and 2 of 甲 are in review at their first step."""
    for number in (1, 2):
        apply_through_pages(house, number)


def three_approved(house: House) -> None:
    """Enterprises 1, 2 and 3 of 甲 are approved, with an open invoice of 2,000 yuan each."""
    for number in (1, 2, 3):
        approve_through_pages(house, apply_through_pages(house, number)[1])


def three_before_council(house: House) -> None:
    """Enterprises 1, 2 and 3 of 甲 wait for the council."""
    for number in (1, 2, 3):
        _, application = apply_through_pages(house, number)
        assert (
            house.browser("membership").send(f"/applications/{application.id}/approve").status_code
            == 302
        )


def five_on_the_roll(house: House) -> None:
    """Five members of 甲, entered by hand."""
    enter_five(house)


def one_admitted(house: House) -> None:
    """Enterprise 1 of 甲 is a member, and all its papers are made."""
    house.prints = True
    pay_through_pages(house, approve_through_pages(house, apply_through_pages(house)[1]))


STAGES: dict[str, Callable[[House], None]] = {
    act.__name__: act
    for act in (
        applied,
        two_applied,
        three_approved,
        three_before_council,
        five_on_the_roll,
        one_admitted,
    )
}
