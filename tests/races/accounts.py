"""Races of one's own account: signing in while the password changes, two links at once.

Each says what must be true after it.
"""

import sqlalchemy as sa

from portal.accounts.models import LinkKind, MailedLink, Person, SignIn
from portal.accounts.queries import find_person_by_email
from portal.accounts.services.people import change_password, make_link, set_password_by_link
from portal.accounts.services.sign_ins import begin_sign_in
from portal.foundation.secrecy import hash_word
from portal.tenancy.actor import SYSTEM
from tests.cast import House
from tests.races.crowd import at_once


def _finance(house: House) -> Person:
    with house.doors.chamber(house.jia.id) as session:
        person = find_person_by_email(session, "finance@jia.example")
    assert person is not None
    return person


def entering(house: House, count: int) -> None:
    """Some sign in, and some change the password, who all proved the same one before.

    No browser stays in by the old one.
    """
    proved = _finance(house)

    def act(number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            person = session.fetch(Person, proved.id)
            if number % 3:
                begin_sign_in(
                    session,
                    person,
                    proven=proved.password_hash,
                    address="127.0.0.1",
                    browser="race",
                )
            else:
                change_password(
                    session, person, f"hash {number}", proven=proved.password_hash, actor=SYSTEM
                )

    crowd = at_once(count, act)
    assert not crowd.errors, crowd.errors
    assert crowd.refused, "all but one of those who change it are too late"
    with house.doors.chamber(house.jia.id) as session:
        assert (
            session.scalars(
                sa.select(SignIn).where(SignIn.browser == "race", SignIn.ended_at.is_(None))
            ).all()
            == []
        )


def opening(house: House, count: int) -> None:
    """An invitation and a link for a forgotten password are opened at the same moment.

    One of them sets a password, and no link is left.
    """
    person = _finance(house)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        words = [
            make_link(session, session.fetch(Person, person.id), kind, actor=SYSTEM)
            for kind in LinkKind
        ]

    def act(number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            word = hash_word(words[number % len(words)])
            link = session.scalars(sa.select(MailedLink).where(MailedLink.word_hash == word)).one()
            set_password_by_link(session, link, f"hash {number}")

    crowd = at_once(count, act)
    assert not crowd.errors, crowd.errors
    assert (len(crowd.got), len(crowd.refused)) == (1, count - 1)
    with house.doors.chamber(house.jia.id) as session:
        assert (
            session.scalars(
                sa.select(MailedLink).where(
                    MailedLink.person_id == person.id, MailedLink.used_at.is_(None)
                )
            ).all()
            == []
        )


ACCOUNTS = {"entering": entering, "opening": opening}
