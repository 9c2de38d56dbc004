"""Decisions: who, in which order, by which majority, once."""

import datetime as dt

import pytest

from portal.accounts.models import Representation
from portal.accounts.queries import list_representations
from portal.admission.applications.models import ApplicationState, ApplicationStep, StepKind
from portal.admission.applications.queries.reading import find_day_of_approval
from portal.admission.reviewing.queries.queue import QueueFilter, count_by_state, list_queue
from portal.admission.reviewing.services.chain import StepPlan, set_chain
from portal.foundation.clock import StandingClock
from portal.foundation.errors import InvalidInput
from portal.governance.bodies.models import MajorityBase
from portal.governance.bodies.rules import Vote, carries, has_quorum
from tests.cast import House, applicant_of, apply_through_pages
from tests.scenes import application_of, approve_through_pages, pay_through_pages


def _rule(
    num: int, den: int, base: MajorityBase = MajorityBase.PRESENT, strict: bool = False
) -> ApplicationStep:
    return ApplicationStep(
        kind=StepKind.COUNCIL,
        quorum_num=2,
        quorum_den=3,
        pass_num=num,
        pass_den=den,
        pass_base=base,
        strict=strict,
    )


@pytest.mark.parametrize(
    ("rule", "vote", "result"),
    [
        (_rule(2, 3), Vote(30, 20, 14), True),
        (_rule(2, 3), Vote(30, 20, 13), False),
        (_rule(2, 3), Vote(30, 19, 19), False),
        (_rule(2, 3), Vote(3, 2, 2), True),
        (_rule(1, 2), Vote(100, 100, 50), True),
        (_rule(1, 2, strict=True), Vote(100, 100, 50), False),
        (_rule(1, 2, strict=True), Vote(100, 100, 51), True),
        (_rule(1, 2, MajorityBase.ENTITLED), Vote(100, 70, 49), False),
        (_rule(1, 2, MajorityBase.ENTITLED), Vote(100, 70, 50), True),
        (_rule(2, 3), Vote(1, 1, 1), True),
    ],
)
def test_a_majority_is_counted_in_whole_numbers(
    rule: ApplicationStep, vote: Vote, result: bool
) -> None:
    assert carries(rule, vote) is result


def test_the_quorum_includes_the_figure() -> None:
    assert has_quorum(_rule(1, 2), Vote(30, 20, 0))
    assert not has_quorum(_rule(1, 2), Vote(30, 19, 19))


@pytest.mark.stage("applied")
@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"entitled": "30", "present": "19", "in_favour": "19"}, "No quorum"),
        ({"entitled": "30", "present": "20", "in_favour": "13"}, "Not carried"),
        ({"entitled": "30", "present": "31", "in_favour": "20"}, "More cannot be present"),
        ({"entitled": "30", "present": "20", "in_favour": "21"}, "More cannot be in favour"),
        ({"entitled": "0", "present": "0", "in_favour": "0"}, "whole number"),
        ({"entitled": "1e3", "present": "20", "in_favour": "14"}, ""),
        (
            {"entitled": "30", "present": "20", "in_favour": "14", "meeting_on": "2026-06-16"},
            "in the future",
        ),
        (
            {"entitled": "30", "present": "20", "in_favour": "14", "meeting_on": "2026-06-14"},
            "before the application",
        ),
        ({"entitled": "30", "present": "20", "in_favour": "14", "meeting_on": "2026-02-30"}, ""),
    ],
)
def test_a_vote_that_does_not_carry_changes_nothing(
    house: House, counts: dict[str, str], words: str
) -> None:
    _, application = applicant_of(house)
    officer = house.browser("membership")
    officer.send(f"/applications/{application.id}/approve")
    answer = officer.send(
        f"/applications/{application.id}/vote", **{"meeting_on": "2026-06-15", **counts}
    )
    assert answer.status_code == 422
    assert words in answer.text
    assert application_of(house, "jia", application.uscc).state is ApplicationState.IN_REVIEW


@pytest.mark.stage("applied")
@pytest.mark.parametrize("who", ["membership-clerk", "office", "finance", "rights"])
def test_only_an_officer_of_the_department_decides_its_step(house: House, who: str) -> None:
    _, application = applicant_of(house)
    assert house.browser(who).send(f"/applications/{application.id}/approve").status_code in {
        403,
        404,
    }
    assert application_of(house, "jia", application.uscc).open_step.position == 1  # type: ignore[union-attr]


@pytest.mark.stage("applied")
def test_a_council_step_is_not_approved_without_a_vote(house: House) -> None:
    _, application = applicant_of(house)
    officer = house.browser("membership")
    assert (
        officer.send(
            f"/applications/{application.id}/vote",
            meeting_on="2026-06-15",
            entitled="3",
            present="3",
            in_favour="3",
        ).status_code
        == 409
    )
    officer.send(f"/applications/{application.id}/approve")
    assert officer.send(f"/applications/{application.id}/approve").status_code == 409


@pytest.mark.stage("applied")
def test_the_chain_is_copied_at_submission(house: House) -> None:
    _, application = applicant_of(house)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        set_chain(
            session,
            [StepPlan(StepKind.COUNCIL, "理事会", "Council")],
            actor=house.actor(session, "secretary"),
        )
    _, later = apply_through_pages(house, 2)
    assert len(application_of(house, "jia", application.uscc).steps) == 2
    assert len(application_of(house, "jia", later.uscc).steps) == 1


def test_an_empty_chain_is_refused(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session, pytest.raises(InvalidInput):
        set_chain(session, [], actor=house.actor(session, "secretary"))


def test_the_queue_is_searched_by_name_initials_code_and_number(house: House) -> None:
    apply_through_pages(house, 1, name="温州鹿城皮革有限公司")
    apply_through_pages(house, 2, name="上海甲电子有限公司")
    officer = house.browser("membership")
    for words in ("鹿城", "wzlc", "SQ2026-00001", "sq2026-00001", "91999999MA0000001"):
        page = officer.get("/applications", query_string={"q": words}).text
        assert "鹿城皮革" in page, words
        assert "上海甲" not in page, words
    assert "Nothing matches" in officer.get("/applications?q=zzzz").text


@pytest.mark.stage("applied")
def test_the_licence_is_shown_as_a_picture_of_our_own_and_downloaded_as_an_attachment(
    house: House,
) -> None:
    _, application = applicant_of(house)
    house.work()
    officer = house.browser("membership")
    picture = officer.get(f"/applications/{application.id}/licence/1")
    assert (picture.status_code, picture.mimetype) == (200, "image/jpeg")
    original = officer.get(f"/applications/{application.id}/files/{application.licence_file_id}")
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in original.headers["Content-Security-Policy"]
    assert original.headers["X-Content-Type-Options"] == "nosniff"
    assert officer.get(f"/applications/{application.id}/licence/2").status_code == 404
    assert (
        house.browser("finance")
        .get(f"/applications/{application.id}/files/{application.licence_file_id}")
        .status_code
        == 404
    )


def test_the_link_of_an_admitted_enterprise_opens_its_papers_only_for_who_still_acts(
    house: House,
) -> None:
    applicant, application = apply_through_pages(house)
    invoice = approve_through_pages(house, application)
    pay_through_pages(house, invoice)
    page = f"/billing/invoices/{invoice.id}"
    assert applicant.get(page).status_code == 200
    with house.doors.chamber(house.jia.id, writing=True) as session:
        for known in list_representations(session, enterprise_id=application.enterprise_id):
            session.fetch(Representation, known.id).ended_at = session.now()
    assert applicant.get(page).status_code in {302, 403, 404}
    assert applicant.get("/application").status_code == 200


def test_the_council_fixes_the_day_whatever_step_comes_after_it(
    house: House, clock: StandingClock
) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        chain = [
            StepPlan(StepKind.COUNCIL, "理事会", "Council"),
            StepPlan(StepKind.NOTICE, "公示", "Public notice", days=5),
        ]
        set_chain(session, chain, actor=house.actor(session, "secretary"))
    _, application = apply_through_pages(house)
    officer = house.browser("membership")
    assert (
        officer.send(
            f"/applications/{application.id}/vote",
            meeting_on="2026-06-15",
            entitled="30",
            present="20",
            in_favour="14",
        ).status_code
        == 302
    )
    clock.at += dt.timedelta(days=20)
    officer = house.browser("membership")
    assert officer.send(f"/applications/{application.id}/end-notice").status_code == 302
    with house.doors.chamber(house.jia.id) as session:
        assert find_day_of_approval(session, application.id) == dt.date(2026, 6, 15)


def test_a_queue_of_no_departments_is_empty(house: House) -> None:
    apply_through_pages(house, 8)
    with house.doors.chamber(house.jia.id) as session:
        assert list_queue(session, QueueFilter(chained=())).rows == []
        assert count_by_state(session, ()) == {}
        assert (
            len(list_queue(session, QueueFilter()).rows)
            == sum(count_by_state(session).values())
            > 0
        )
