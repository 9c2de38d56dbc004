"""What a chamber asks beside the form: attestations, questions, papers, referees.

And the older 15-digit number.
"""

import re

import pytest
import sqlalchemy as sa

from portal.admission.applications.models import (
    Answer,
    Application,
    ApplicationVersion,
    Question,
    QuestionKind,
)
from portal.admission.applications.services.asking import (
    QuestionPlan,
    add_question,
    retire_question,
)
from portal.foundation.errors import InvalidInput
from portal.members.enterprises.models import Enterprise
from portal.members.enterprises.rules.uscc import read_legacy_number
from portal.members.membership.queries import list_grades
from tests.cast import PNG, House, application_form, apply_through_pages, invented_uscc
from tests.scenes import (
    application_of,
    approve_through_pages,
    grade_id,
    pay_through_pages,
    word_of_newest_mail,
)

pytestmark = pytest.mark.either_database
PDF_THAT_LIES = b"MZ\x90\x00 this is a program"


def _ask(house: House, kind: QuestionKind, *, grade: int | None = None, **more: object) -> str:
    """A question of 甲; returns the name of its field."""
    with house.doors.chamber(house.jia.id, writing=True) as session:
        only = list_grades(session)[grade] if grade is not None else None
        return add_question(
            session,
            QuestionPlan(kind, f"问题{kind.value}", f"Question {kind.value}", grade=only, **more),
            actor=house.actor(session, "secretary"),
        ).field


def _send(
    house: House, files: dict[str, tuple[bytes, str]] | None = None, **fields: str
) -> tuple[int, str]:
    answer = house.browser().send(
        "/apply",
        **{"grade": grade_id(house), **application_form(), **fields},
        files={"licence": (PNG, "x.png"), **(files or {})},
    )
    return answer.status_code, answer.text


def _confirm(house: House) -> Application:
    browser = house.browser()
    browser.get(f"/application/open/{word_of_newest_mail(house, 'jia', 'applications/confirm')}")
    assert browser.send("/application/submit").status_code == 302
    return application_of(house, "jia", invented_uscc(1))


def test_what_must_be_attested_and_answered_is_all_said_at_once(house: House) -> None:
    attest, text = _ask(house, QuestionKind.ATTESTATION), _ask(house, QuestionKind.TEXT)
    status, page = _send(house)
    assert status == 422
    assert page.count("Please fill this in.") == 2
    assert _send(house, name="")[1].count("Please fill this in.") == 3
    assert _send(house, **{attest: "y", text: "   "})[0] == 422
    assert _send(house, **{attest: "y", text: "员工120人"})[0] == 302
    application = _confirm(house)
    assert {a.question.kind.value: a.words for a in application.answers} == {
        "attestation": "yes",
        "text": "员工120人",
    }
    assert "员工120人" in house.browser("membership").get(f"/applications/{application.id}").text


def test_a_question_of_one_grade_is_asked_of_that_grade_alone(house: House) -> None:
    vip = _ask(house, QuestionKind.TEXT, grade=2)
    assert "Only for VIP member" in house.browser().get("/apply").text
    assert _send(house, grade=grade_id(house, number=2))[0] == 422
    assert _send(house, **{vip: "答非所问"})[0] == 302
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalars(sa.select(Answer)).all() == [], (
            "an answer to what was not asked is none"
        )
    assert _send(house, grade=grade_id(house, number=2), **{vip: "答"})[0] == 302


def test_a_paper_is_kept_when_something_else_is_wrong_and_is_judged_by_its_bytes(
    house: House,
) -> None:
    paper = _ask(house, QuestionKind.PAPER)
    status, page = _send(house, files={paper: (PDF_THAT_LIES, "report.pdf")})
    assert status == 422
    browser = house.browser()
    form = {"grade": grade_id(house), **application_form(), "capital": "no number"}
    page = browser.send(
        "/apply", **form, files={"licence": (PNG, "x.png"), paper: (PNG, "审计报告.png")}
    ).text
    assert "审计报告.png” is kept" in page
    kept = {
        name: re.search(f'name="{name}"[^>]*value="([^"]+)"', page)[1]
        for name in (f"kept_{paper}", "kept_licence", "form_key")
    }
    assert browser.send("/apply", **{**form, "capital": "100", **kept}).status_code == 302
    application = _confirm(house)
    house.work()
    staff = house.browser("membership")
    file_id = application.answers[0].file_id
    answer = staff.get(f"/applications/{application.id}/files/{file_id}")
    assert (answer.data, answer.mimetype) == (PNG, "application/octet-stream")
    assert (
        house.browser("finance").get(f"/applications/{application.id}/files/{file_id}").status_code
        == 404
    )
    assert staff.get(f"/applications/{application.id}/files/{application.id}").status_code == 404
    assert (
        house.browser("membership", "yi")
        .get(f"/applications/{application.id}/files/{file_id}")
        .status_code
        == 404
    )


def test_an_answer_is_returned_corrected_and_every_version_kept(house: House) -> None:
    text, paper = _ask(house, QuestionKind.TEXT), _ask(house, QuestionKind.PAPER)
    assert _send(house, files={paper: (PNG, "old.png")}, **{text: "旧答"})[0] == 302
    application = _confirm(house)
    staff, applicant = house.browser("membership"), house.browser()
    applicant.get(f"/application/open/{word_of_newest_mail(house, 'jia', 'applications/confirm')}")
    assert (
        "问题text"
        in staff.client.get(
            f"/applications/{application.id}/return",
            headers={"Host": "jia.localhost", "Accept-Language": "zh"},
        ).text
    )
    assert (
        staff.send(
            f"/applications/{application.id}/return", **{text: "请写全", paper: "不清晰"}
        ).status_code
        == 302
    )
    page = applicant.get("/application/correct").text
    assert "请写全" in page
    assert 'name="name"' not in page
    assert applicant.send("/application/correct", **{text: ""}).status_code == 422
    assert (
        applicant.send(
            "/application/correct", **{text: "新答"}, files={paper: (PNG, "new.png")}
        ).status_code
        == 302
    )
    with house.doors.chamber(house.jia.id) as session:
        versions = session.scalars(
            sa.select(ApplicationVersion).order_by(ApplicationVersion.number)
        ).all()
        assert [v.snapshot[text] for v in versions] == ["旧答", "新答"]
        assert versions[0].snapshot[paper] != versions[1].snapshot[paper]
    page = staff.get(f"/applications/{application.id}").text
    for version in versions:
        assert f"/files/{version.snapshot[paper]}" in page
        assert (
            staff.get(f"/applications/{application.id}/files/{version.snapshot[paper]}").status_code
            == 200
        )


def test_another_grade_brings_its_own_questions(house: House) -> None:
    assert _send(house)[0] == 302
    application = _confirm(house)
    vip = _ask(house, QuestionKind.TEXT, grade=2)
    house.browser("membership").send(f"/applications/{application.id}/return", grade_id="请改为VIP")
    applicant = house.browser()
    applicant.get(f"/application/open/{word_of_newest_mail(house, 'jia', 'applications/confirm')}")
    assert (
        applicant.send(
            "/application/correct", grade=grade_id(house, number=2), **{vip: ""}
        ).status_code
        == 422
    )
    assert (
        applicant.send(
            "/application/correct", grade=grade_id(house, number=2), **{vip: "答"}
        ).status_code
        == 302
    )
    assert application_of(house, "jia", invented_uscc(1)).answers[0].words == "答"


def test_a_referee_is_looked_up_among_the_members(house: House) -> None:
    _, first = apply_through_pages(house, 5)
    pay_through_pages(house, approve_through_pages(house, first))
    referee = _ask(house, QuestionKind.REFEREE)
    for words, found in (
        ("测试企业5有限公司", True),
        ("000001", True),
        (invented_uscc(5), True),
        ("不存在的企业", False),
    ):
        with house.doors.chamber(house.jia.id, writing=True) as session:
            session.execute(
                sa.update(Application)
                .where(Application.uscc == invented_uscc(1))
                .values(state="rejected")
            )
        assert _send(house, **{referee: words})[0] == 302
        page = house.browser("membership").get(f"/applications/{_confirm(house).id}").text
        assert ("Member 000001" in page) is found
        assert ("No member of this number" in page) is not found


def test_a_choice_is_one_of_those_offered_and_words_never_change(house: House) -> None:
    choice = _ask(house, QuestionKind.CHOICE, choices=("甲", "乙"))
    assert _send(house, **{choice: "丙"})[0] == 422
    assert _send(house, **{choice: "乙"})[0] == 302
    with house.doors.chamber(house.jia.id, writing=True) as session, pytest.raises(InvalidInput):
        add_question(
            session,
            QuestionPlan(QuestionKind.CHOICE, "x", "x", choices=("甲",)),
            actor=house.actor(session, "secretary"),
        )
    with house.doors.chamber(house.jia.id, writing=True) as session:
        retire_question(
            session,
            session.scalars(sa.select(Question).where(Question.retired_at.is_(None))).one(),
            actor=house.actor(session, "secretary"),
        )
    application = _confirm(house)
    assert "乙" in house.browser("membership").get(f"/applications/{application.id}").text, (
        "what was answered stays"
    )
    assert house.browser("membership").get("/settings/questions").status_code == 403


def _legacy(body: str) -> str:
    product = 10
    for digit in body:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return body + str((11 - product) % 10)


def test_an_older_number_comes_with_its_reason(house: House) -> None:
    number = _legacy("99999900000001")
    assert _send(house, uscc=number)[0] == 422
    assert (
        _send(house, uscc=number[:-1] + str((int(number[-1]) + 1) % 10), legacy_reason="尚未换发")[
            0
        ]
        == 422
    )
    assert _send(house, legacy_reason="尚未换发")[0] == 422, "a code of 18 signs is no older number"
    assert _send(house, uscc=f"{number[:6]} {number[6:]}", legacy_reason="尚未换发")[0] == 302
    browser = house.browser()
    browser.get(f"/application/open/{word_of_newest_mail(house, 'jia', 'applications/confirm')}")
    assert browser.send("/application/submit").status_code == 302
    application = application_of(house, "jia", number)
    page = house.browser("membership").get(f"/applications/{application.id}").text
    assert "尚未换发" in page
    assert number in house.browser("membership").get(f"/applications?q={number}").text
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalars(sa.select(Enterprise.uscc)).all() == [number]


@pytest.mark.parametrize(
    "typed",
    [
        "11010800000001",
        "110108000000017",
        "11010800000001Ⅵ",
        "1101080000000160",
        "",
        "11010800000001O",
    ],
)
def test_a_mistyped_older_number_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        read_legacy_number(typed)


def test_the_check_digit_of_older_numbers() -> None:
    assert read_legacy_number("１１０１０８ 000000016") == "110108000000016"
