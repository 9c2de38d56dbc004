"""Making a chamber whole.

Its row, settings, default departments, grades, questions and chain, and its first
secretary-general.
"""

import re

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email

from portal.accounts.actions import AccountAction
from portal.accounts.models import Appointment, Department
from portal.accounts.services.people import ensure_person, invite_person
from portal.admission.applications.models import QuestionKind, StepKind
from portal.admission.applications.services.asking import ELIGIBILITY, QuestionPlan, add_question
from portal.admission.reviewing.services.chain import StepPlan, set_chain
from portal.audit.record import record
from portal.foundation.clock import day_in
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.governance.bodies.services import open_bodies
from portal.jobs.models import Mail
from portal.members.membership.services import add_grade
from portal.money.ledger.services import open_accounts
from portal.tenancy.actor import FINANCE, MEMBERSHIP, OFFICE, RIGHTS, Actor, ActorKind, Post, Rank
from portal.tenancy.chambers import SLUG
from portal.tenancy.counters import next_number
from portal.tenancy.models import Chamber, ChamberDomain, ChamberSettings
from portal.tenancy.session import ChamberSession, Doors, PlatformSession

HOST = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
DEPARTMENTS = (
    (MEMBERSHIP, "会员部", "Membership"),
    (OFFICE, "办公室", "General office"),
    (RIGHTS, "权益服务部", "Rights and legal services"),
    (FINANCE, "财务部", "Finance"),
)
GRADES = (
    ("资格会员", "Associate member"),
    ("普通会员", "Ordinary member"),
    ("VIP会员", "VIP member"),
    ("理事单位", "Council member"),
)


def create_chamber(
    doors: Doors,
    *,
    slug: str,
    name_zh: str,
    name_en: str,
    secretary_name: str,
    secretary_email: str,
    domain: str | None = None,
) -> Chamber:
    """Makes a chamber with the usual departments, grades and chain.

    And invites its secretary-general by mail.

    InvalidInput for a slug, host name or address that is none or is taken already, and for names
    that are too long; then nothing is made.
    """
    _check(slug, name_zh, name_en, secretary_name, secretary_email, domain)
    with doors.platform(writing=True) as session:
        _check_free(session, slug, domain)
        chamber = Chamber(slug=slug, name=name_zh, created_at=session.now())
        session.add(chamber)
        session.flush()
        if domain:
            session.add(ChamberDomain(host=domain.lower(), chamber_id=chamber.id))
    try:
        with doors.chamber(chamber.id, writing=True) as own:
            furnish_chamber(
                own,
                name_zh=name_zh,
                name_en=name_en,
                secretary_name=secretary_name,
                secretary_email=secretary_email,
            )
    except BaseException:
        with doors.platform(writing=True) as session:
            session.execute(sa.delete(ChamberDomain).where(ChamberDomain.chamber_id == chamber.id))
            session.execute(sa.delete(Chamber).where(Chamber.id == chamber.id))
        raise
    return chamber


def _check_free(session: PlatformSession, slug: str, domain: str | None) -> None:
    if session.scalar(sa.select(Chamber.id).where(Chamber.slug == slug)) is not None:
        sentence = N_("A chamber of this installation has the slug %(slug)s already.")
        raise InvalidInput("slug", sentence, slug=slug)
    if domain is None:
        return
    same = sa.select(ChamberDomain.host).where(ChamberDomain.host == domain.lower())
    if session.scalar(same) is not None:
        sentence = N_("A chamber of this installation has the host name %(domain)s already.")
        raise InvalidInput("domain", sentence, domain=domain)


def _check(
    slug: str,
    name_zh: str,
    name_en: str,
    secretary_name: str,
    secretary_email: str,
    domain: str | None,
) -> None:
    if not SLUG.fullmatch(slug):
        raise InvalidInput(
            "slug", N_("A slug has small letters, digits and hyphens, forty at most.")
        )
    for name, words, most in (
        ("name_zh", name_zh, 120),
        ("name_en", name_en, 120),
        ("secretary_name", secretary_name, 80),
    ):
        if not 0 < len(words.strip()) <= most:
            raise InvalidInput(name, N_("%(name)s has 1 to %(most)s signs."), name=name, most=most)
    try:
        validate_email(secretary_email, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise InvalidInput(
            "secretary_email", N_("%(address)s is no e-mail address."), address=secretary_email
        ) from error
    if domain is not None and not HOST.fullmatch(domain.lower()):
        raise InvalidInput(
            "domain",
            N_("%(domain)s is no host name: write it as in www.example.org."),
            domain=domain,
        )


def invitation_word(session: ChamberSession) -> str:
    """The one-time word of a new chamber's first invitation.

    For whoever makes the chamber where no mail leaves.
    """
    sealed = session.scalars(
        sa.select(Mail.secret).where(Mail.template == "accounts/invitation").order_by(Mail.id)
    ).first()
    return session.sealer.open(sealed or "")


def founder(session: ChamberSession) -> Actor:
    """Who sets a chamber up from the command line.

    With a secretary-general's rights, and no person.
    """
    return Actor(
        ActorKind.STAFF,
        "portal create-chamber",
        posts=(Post(session.chamber_id, "", Rank.SECRETARY_GENERAL),),
    )


def furnish_chamber(
    session: ChamberSession,
    *,
    name_zh: str,
    name_en: str,
    secretary_name: str,
    secretary_email: str,
) -> None:
    """Fills a new chamber with the defaults of the field and its first appointment."""
    actor = founder(session)
    session.add(ChamberSettings(name_zh=name_zh, name_en=name_en, mail_sender_name=name_zh))
    open_accounts(session)
    open_bodies(session)
    departments = {}
    for code, zh, en in DEPARTMENTS:
        departments[code] = Department(
            code=code, name_zh=zh, name_en=en, position=next_number(session, "department")
        )
    session.add_all(departments.values())
    session.flush()
    for zh, en in GRADES:
        add_grade(session, name_zh=zh, name_en=en, actor=actor)
    membership = departments[MEMBERSHIP].id
    set_chain(
        session,
        [
            StepPlan(StepKind.DEPARTMENT, "会员部初审", "Membership review", membership),
            StepPlan(StepKind.COUNCIL, "理事会审议", "Council decision"),
        ],
        actor=actor,
    )
    for zh, en in ELIGIBILITY:
        add_question(session, QuestionPlan(QuestionKind.ATTESTATION, zh, en), actor=actor)
    _appoint_secretary(session, secretary_name, secretary_email, actor=actor)


def _appoint_secretary(session: ChamberSession, name: str, email: str, *, actor: Actor) -> None:
    person = ensure_person(session, email=email, name=name, actor=actor)
    rank, today = Rank.SECRETARY_GENERAL, day_in(session.now())
    appointment = Appointment(person_id=person.id, department_id=None, rank=rank, from_on=today)
    session.add(appointment)
    told = {"person": person.name, "rank": rank.value}
    record(session, AccountAction.APPOINTED, appointment, actor=actor, department="", **told)
    invite_person(session, person, called=name, actor=actor)
