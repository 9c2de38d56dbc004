"""The same named people in every test, in two chambers, and the acts that set a scene."""

import base64
import datetime as dt
import secrets
import uuid
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from portal.accounts.models import Person
from portal.accounts.passwords import hash_password
from portal.accounts.queries import find_person_by_email, list_departments
from portal.accounts.services.appointments import appoint
from portal.accounts.services.sign_ins import begin_sign_in
from portal.admission.applications.models import Application
from portal.admission.applications.queries.questions import list_questions
from portal.admission.applications.services.asking import retire_question
from portal.admission.applications.services.documents import publish_document
from portal.desks.chamber_settings.services import change_settings
from portal.foundation.clock import StandingClock
from portal.governance.bodies.rules import Vote
from portal.governance.resolutions.services import Decision
from portal.jobs.models import Job, JobState
from portal.jobs.worker import Worker
from portal.members.enterprises.rules.uscc import check_sign
from portal.members.membership.queries import list_grades
from portal.money.dues.services.schedules import RatePlan, adopt_schedule, enter_schedule
from portal.operations.create import create_chamber, founder
from portal.settings import Settings
from portal.tenancy.actor import Actor, ActorKind, Post, Rank
from portal.tenancy.chambers import every_chamber
from portal.tenancy.models import Chamber
from portal.tenancy.session import ChamberSession, Doors
from portal.web.world import World
from tests.kits import lay_down, take_kit
from tests.pages import check_page

PASSWORD = "a quiet long sentence"
_HASHES: dict[str, str] = {}
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
STAFF = {
    "secretary": ("", Rank.SECRETARY_GENERAL),
    "membership": ("HYB", Rank.OFFICER),
    "membership-clerk": ("HYB", Rank.CLERK),
    "office": ("BGS", Rank.HEAD),
    "finance": ("CWB", Rank.HEAD),
    "rights": ("QYB", Rank.HEAD),
}


def invented_uscc(number: int) -> str:
    """A valid code that belongs to nobody: district 999999 does not exist."""
    body = f"91999999MA{number:07d}"
    return body + check_sign(body)


class House:
    """An installation with the chambers 甲 (slug `jia`) and 乙 (slug `yi`), each with the whole
    cast.
    """

    def __init__(self, settings: Settings, clock: StandingClock, *, locking: bool = True) -> None:
        self.settings, self.clock, self.prints = settings, clock, False
        self._kit = take_kit(settings, clock, locking=locking)
        self.app: Flask = self._kit.app
        self.world: World = self.app.extensions["world"]
        self.doors: Doors = self.world.doors
        self.owner_doors = Doors(self._kit.owner, clock, self.world.sealer)
        known = {chamber.slug: chamber for chamber in every_chamber(self.doors)}
        self.jia = known.get("jia") or self.add_chamber("jia", "甲商会")
        self.yi = known.get("yi") or self.add_chamber("yi", "乙商会")

    def add_chamber(self, slug: str, name: str) -> Chamber:
        """A chamber with its cast, an adopted dues schedule and a charter."""
        chamber = create_chamber(
            self.owner_doors,
            slug=slug,
            name_zh=name,
            name_en=f"Chamber {slug}",
            secretary_name="秘书长",
            secretary_email=f"secretary@{slug}.example",
        )
        with self.doors.chamber(chamber.id, writing=True) as session:
            furnish(session, slug)
        return chamber

    def close(self) -> None:
        """Leaves its parts to the next house."""
        lay_down(self._kit, self.settings)

    def worker(self) -> Worker:
        """A worker on this installation."""
        return Worker(self.doors, self.world)

    def work(self) -> int:
        """Runs every due job. The press rests unless `prints` is on.

        Papers stay to be made, and everything else goes on.
        """
        worker, ran = self.worker(), 0
        while self._press_rests() and worker.run_one():
            ran += 1
        return ran

    def _press_rests(self) -> bool:
        """Puts papers off where they shall not be made now; always true."""
        if not self.prints:
            later = self.clock.at + dt.timedelta(days=3_650)
            waits = sa.and_(
                Job.task.in_(["render_paper", "render_void_paper"]),
                Job.state == JobState.READY,
                Job.run_at < later,
            )
            with self.doors.platform() as looking:
                if looking.scalar(sa.select(Job.id).where(waits).limit(1)) is None:
                    return True
            with self.doors.platform(writing=True) as session:
                session.execute(sa.update(Job).where(waits).values(run_at=later))
        return True

    def actor(self, session: ChamberSession, who: str) -> Actor:
        """The named colleague as the present request would build them."""
        code, rank = STAFF[who]
        slug = next(c.slug for c in (self.jia, self.yi) if c.id == session.chamber_id)
        person = find_person_by_email(session, f"{who}@{slug}.example")
        assert person is not None
        department = next((d for d in list_departments(session) if d.code == code), None)
        return Actor(
            ActorKind.STAFF,
            person.name,
            person.id,
            (
                Post(
                    _post_id(session, person),
                    code,
                    rank,
                    department_id=department.id if department else None,
                ),
            ),
        )

    def browser(
        self, who: str | None = None, slug: str = "jia", password: str = PASSWORD
    ) -> "Browser":
        """A browser on a chamber's host, signed in as `who` where given, without the form and its
        slow proof; with another password, by the form.
        """
        browser = Browser(self.app, slug)
        if who and password != PASSWORD:
            assert (
                browser.send(
                    "/sign-in", email=f"{who}@{slug}.example", password=password
                ).status_code
                == 302
            )
        elif who:
            with self.doors.chamber(
                (self.jia if slug == "jia" else self.yi).id, writing=True
            ) as session:
                person = find_person_by_email(session, f"{who}@{slug}.example")
                assert person is not None
                word = begin_sign_in(
                    session,
                    person,
                    proven=person.password_hash,
                    address="127.0.0.1",
                    browser="test",
                )
            browser.keep(_user_id=word, _fresh=True)
        return browser


def _post_id(session: ChamberSession, person: Person) -> uuid.UUID:
    from portal.accounts.queries import list_appointments

    return next(
        a.id for a in list_appointments(session, dt.date(2026, 6, 15)) if a.person_id == person.id
    )


def furnish(session: ChamberSession, slug: str) -> None:
    """Staff with passwords, a charter, dues, and a bank account.

    Nothing is asked beside the form unless a test asks it.
    """
    setup = founder(session)
    departments = {d.code: d for d in list_departments(session)}
    for who, (code, rank) in STAFF.items():
        if who != "secretary":
            appoint(
                session,
                email=f"{who}@{slug}.example",
                name=f"{who} {slug}",
                department=departments[code],
                rank=rank,
                from_on=dt.date(2020, 1, 1),
                actor=setup,
            )
    hashed = _HASHES.setdefault(PASSWORD, hash_password(PASSWORD))
    for who in STAFF:
        person = find_person_by_email(session, f"{who}@{slug}.example")
        assert person is not None
        person.password_hash = hashed
    publish_document(
        session,
        title_zh="章程",
        title_en="Charter",
        version="2026",
        body="第一条 本会名称。",
        actor=setup,
    )
    for question in list_questions(session):
        retire_question(session, question, actor=setup)
    grades = list_grades(session)
    schedule = enter_schedule(
        session,
        name="会费标准",
        in_force_from=dt.date(2020, 1, 1),
        rates=[RatePlan(100_000 * (n + 1), grade_id=g.id) for n, g in enumerate(grades)],
        actor=setup,
    )
    adopt_schedule(
        session,
        schedule,
        Decision(
            "第一届第一次会员大会决议",
            dt.date(2020, 1, 1),
            vote=Vote(90, 60, 30),
            secret_ballot=True,
        ),
        actor=setup,
    )
    change_settings(
        session,
        actor=setup,
        bank_account_name=f"{slug}商会",
        bank_name="示例银行示例支行",
        bank_account_number="6200000000000001",
        address="示例路一号",
    )


@dataclass
class Browser:
    """A test client that speaks to one chamber's host and carries the CSRF word for us."""

    app: Flask
    slug: str

    def __post_init__(self) -> None:
        self.client: FlaskClient = self.app.test_client()
        self.host = f"{self.slug}.localhost" if self.slug else "localhost"
        self._token = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET, and every page is checked for form."""
        answer = self.client.get(
            path,
            headers={"Host": self.host, "Accept-Language": "en", **options.pop("headers", {})},
            **options,
        )
        if answer.mimetype == "text/html" and not options:
            check_page(answer)
        return answer

    def token(self) -> str:
        """The CSRF word of this browser's session, as a page of it would carry."""
        raw = secrets.token_hex(20)
        self.keep(csrf_token=raw)
        self._token = str(
            URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token").dumps(raw)
        )
        return self._token

    def keep(self, **values: Any) -> None:
        """Puts values into this browser's cookie."""
        with self.client.session_transaction("/", headers={"Host": self.host}) as cookie:
            cookie.update(values)

    def send(self, path: str, **fields: Any) -> TestResponse:
        """POST with the CSRF word, read anew where the one at hand is stale.

        `files` may hold {field: (bytes, name)}.
        """
        answer = self._post(path, self._token or self.token(), fields)
        if answer.status_code == 400:
            answer = self._post(path, self.token(), fields)
        if answer.mimetype == "text/html":
            check_page(answer)
        return answer

    def _post(self, path: str, token: str, fields: dict[str, Any]) -> TestResponse:
        files = {
            name: (BytesIO(data), label) for name, (data, label) in fields.get("files", {}).items()
        }
        data = {"csrf_token": token, **{k: v for k, v in fields.items() if k != "files"}, **files}
        options: dict[str, Any] = {"content_type": "multipart/form-data"} if files else {}
        return self.client.post(
            path, data=data, headers={"Host": self.host, "Accept-Language": "en"}, **options
        )


def application_form(number: int = 1, **changes: str) -> dict[str, Any]:
    """A whole and right application form of an invented enterprise."""
    return {
        "form_key": str(uuid.uuid4()),
        "uscc": invented_uscc(number),
        "name": f"测试企业{number}有限公司",
        "kind": "private",
        "legal_representative": "张三",
        "capital": "5,000,000",
        "industry": "C13",
        "region": "4403",
        "address": "示例路二号",
        "contact_name": "李四",
        "contact_email": f"contact{number}@enterprise.example",
        "contact_phone": "13800000000",
        "documents": "y",
        **changes,
    }


def applicant_of(house: House, number: int = 1, slug: str = "jia") -> tuple[Browser, Application]:
    """The applicant's browser and the application of a stage (`tests/stages.py`) on which it stands
    already.
    """
    from tests.scenes import application_of, word_of_mail

    browser = house.browser(slug=slug)
    assert (
        browser.get(
            f"/application/open/{word_of_mail(house, slug, f'contact{number}@enterprise.example')}"
        ).status_code
        == 302
    )
    return browser, application_of(house, slug, invented_uscc(number))


def apply_through_pages(
    house: House, number: int = 1, slug: str = "jia", **changes: str
) -> tuple[Browser, Application]:
    """An application filled in, confirmed by its mailed link, and in review.

    With the applicant's browser.
    """
    from tests.scenes import application_of, grade_id, word_of_newest_mail

    browser = house.browser(slug=slug)
    form = {"grade": grade_id(house, slug)} | application_form(number, **changes)
    answer = browser.send("/apply", **form, files={"licence": (PNG, "licence.png")})
    assert answer.status_code == 302, answer.text
    house.work()
    word = word_of_newest_mail(house, slug, "applications/confirm")
    assert browser.get(f"/application/open/{word}").status_code == 302
    assert browser.send("/application/submit").status_code == 302
    return browser, application_of(house, slug, form["uscc"])
