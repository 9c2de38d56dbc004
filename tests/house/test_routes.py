"""Every route: guarded, named in one way, open to just whom its row says, and blind to other
chambers.
"""

import re
import uuid

import pytest
from werkzeug.routing import Rule

from portal.tenancy.actor import VISITOR, Actor, ActorKind, Post, Rank
from portal.web.blueprint import ROUTES, Blueprint
from portal.web.menu import ENTRIES, Group, add_entry, entries_of
from tests.cast import House
from tests.house.sightseeing import MEMBER_PASSWORD, ids_of

ACTORS = {
    "visitor": VISITOR,
    "applicant": Actor(ActorKind.APPLICANT, "a", application_id=uuid.UUID(int=1)),
    "contact": Actor(
        ActorKind.CONTACT, "c", person_id=uuid.UUID(int=1), enterprise_id=uuid.UUID(int=2)
    ),
    "secretary": Actor(
        ActorKind.STAFF,
        "s",
        uuid.UUID(int=1),
        (Post(uuid.UUID(int=3), "", Rank.SECRETARY_GENERAL),),
    ),
    **{
        name: Actor(ActorKind.STAFF, name, uuid.UUID(int=1), (Post(uuid.UUID(int=3), code, rank),))
        for name, code, rank in (
            ("membership clerk", "HYB", Rank.CLERK),
            ("membership officer", "HYB", Rank.OFFICER),
            ("membership head", "HYB", Rank.HEAD),
            ("office clerk", "BGS", Rank.CLERK),
            ("office officer", "BGS", Rank.OFFICER),
            ("office head", "BGS", Rank.HEAD),
            ("finance clerk", "CWB", Rank.CLERK),
            ("finance head", "CWB", Rank.HEAD),
            ("rights head", "QYB", Rank.HEAD),
        )
    },
}
MEMBERSHIP = {"membership clerk", "membership officer", "membership head"}
REVIEWERS = MEMBERSHIP | {"secretary", "office clerk", "office officer", "office head"}
STAFF = REVIEWERS | {"finance clerk", "finance head", "rights head"}
SIGNED_IN = STAFF | {"contact"}
OFFICE_HEAD = {"secretary", "office head"}
OFFICERS = OFFICE_HEAD | {"office officer", "membership officer", "membership head"}
ROLL = REVIEWERS | {"finance clerk", "finance head"}
EVERYBODY = set(ACTORS)


def _same(endpoints: tuple[str, ...], who: set[str]) -> dict[str, set[str]]:
    return {endpoint: who for endpoint in endpoints}


ROWS: dict[str, set[str]] = {
    "public_pages.home": EVERYBODY,
    **_same(("public_pages.theme", "public_pages.seal", "public_pages.style"), EVERYBODY),
    "public_pages.check_paper": EVERYBODY,
    "platform.list_chambers": EVERYBODY,
    "platform.tell_health": EVERYBODY,
    "platform.tell_ready": EVERYBODY,
    "applicants.apply": EVERYBODY,
    **_same(
        (
            "applicants.application_sent",
            "applicants.autosave",
            "applicants.save_for_later",
            "applicants.open_saved",
        ),
        EVERYBODY,
    ),
    **_same(
        ("circulars.list_news_page", "circulars.read_news", "circulars.download_attachment"),
        EVERYBODY,
    ),
    **_same(("circulars.list_my_circulars", "circulars.read_my_circular"), {"contact"}),
    **_same(
        (
            "circulars.list_circulars",
            "circulars.write_circular",
            "circulars.show_circular",
            "circulars.change_circular",
            "circulars.attach_file",
        ),
        REVIEWERS,
    ),
    **_same(("circulars.detach_file", "circulars.discard_circular"), REVIEWERS),
    **_same(
        (
            "circulars.publish_circular",
            "circulars.withdraw_circular",
            "roll.approve_amendment",
            "roll.refuse_amendment",
        ),
        OFFICERS,
    ),
    **_same(
        (
            "roll.list_roll",
            "roll.show_chosen",
            "roll.save_view",
            "roll.drop_view",
            "roll.write_enterprise_note",
            "dossier.show_enterprise",
        ),
        ROLL,
    ),
    **_same(
        (
            "resolutions.list_resolutions",
            "resolutions.show_resolution",
            "resolutions.export_resolutions",
        ),
        ROLL,
    ),
    "resolutions.list_published": {"contact"},
    **_same(
        ("roll.export_roll", "roll.list_exports", "roll.show_export", "roll.download_export"), ROLL
    ),
    **_same(
        (
            "roll.tag_chosen",
            "roll.untag_chosen",
            "roll.enter_member",
            "roll.tag_enterprise",
            "roll.untag_enterprise",
            "roll.list_amendments",
            "roll.show_amendment",
            "roll.show_new_licence",
            "roll.show_licence",
            "dossier.invite_colleague",
            "dossier.end_representation",
        ),
        REVIEWERS,
    ),
    "roll.correct_enterprise": REVIEWERS | {"contact"},
    **_same(
        ("billing.show_pay_page", "billing.pay_online", "billing.receive_stripe_event"), EVERYBODY
    ),
    "applicants.check_uscc": EVERYBODY,
    "applicants.open_application": EVERYBODY,
    "applicants.my_application": {"applicant"},
    **_same(
        (
            "applicants.submit_application",
            "applicants.correct_application",
            "applicants.withdraw_application",
        ),
        {"applicant"},
    ),
    **_same(
        (
            "reviews.raise_invoice_again",
            "reviews.remind_of_correction",
            "reviews.export_queue",
            "reviews.claim_application",
            "reviews.hand_over_application",
            "reviews.write_note",
            "reviews.record_objection",
            "meetings.list_meetings",
            "meetings.show_meeting",
            "meetings.export_agenda",
        ),
        REVIEWERS,
    ),
    **_same(
        (
            "reviews.decide_duplicate",
            "reviews.decide_objection",
            "reviews.end_notice",
            "meetings.call_meeting",
            "meetings.change_meeting",
            "meetings.change_agenda",
            "meetings.seat_attendees",
            "meetings.send_notice",
            "meetings.bring_other_matter",
            "resolutions.enter_resolution",
            "resolutions.publish_resolution",
            "meetings.print_agenda",
            "meetings.hold_meeting",
            "meetings.cancel_meeting",
        ),
        OFFICERS,
    ),
    **_same(
        (
            "chamber_settings.edit_checklist",
            "chamber_settings.retire_point",
            "chamber_settings.edit_questions",
            "chamber_settings.retire_question",
        ),
        OFFICE_HEAD | {"membership head"},
    ),
    **_same(
        (
            "reviews.list_queue",
            "reviews.show_application",
            "reviews.approve_step",
            "reviews.record_vote",
            "reviews.reject_application",
            "reviews.return_application",
            "reviews.take_return_back",
            "reviews.download_file",
            "reviews.show_licence",
            "reviews.tick_point",
        ),
        STAFF,
    ),
    "reviews.tick_point": STAFF,
    "billing.list_invoices": MEMBERSHIP | {"secretary", "finance clerk", "finance head"},
    "billing.show_invoice": SIGNED_IN | {"applicant"},
    **_same(
        ("billing.upload_slip", "billing.download_slip", "billing.show_slip"),
        SIGNED_IN | {"applicant"},
    ),
    **_same(
        (
            "billing.list_payments",
            "billing.export_payments",
            "billing.export_invoices",
            "billing.show_payment",
            "billing.show_account",
            "billing.reissue_receipt",
            "billing.list_parked",
        ),
        MEMBERSHIP | {"secretary", "finance clerk", "finance head"},
    ),
    **_same(
        ("chamber_settings.edit_accounts", "chamber_settings.change_account"),
        {"secretary", "finance head"},
    ),
    **_same(
        (
            "billing.void_invoice",
            "billing.issue_credit_note",
            "billing.undo_payment",
            "billing.give_credit_back",
        ),
        {"secretary", "finance head"},
    ),
    **_same(
        (
            "billing.record_payment",
            "billing.spread_payment",
            "billing.use_credit",
            "billing.raise_dues_of_year",
            "billing.raise_supplement",
            "billing.raise_invoice",
            "billing.list_refunds",
            "billing.show_refund",
            "billing.request_refund",
            "billing.approve_refund",
            "billing.decline_refund",
            "billing.record_refund_paid",
            "billing.settle_parked",
        ),
        {"secretary", "finance clerk", "finance head"},
    ),
    "issuing.read_paper": SIGNED_IN | {"applicant"},
    "filing.list_trays": STAFF,
    **_same(
        (
            "sign_in.sign_in",
            "sign_in.give_code",
            "sign_in.sign_out",
            "sign_in.forgotten",
            "sign_in.open_link",
            "sign_in.choose_language",
        ),
        EVERYBODY,
    ),
    **_same(
        (
            "sign_in.my_account",
            "sign_in.end_sign_in",
            "sign_in.sign_out_everywhere",
            "sign_in.change_password",
            "sign_in.set_up_second_factor",
            "sign_in.drop_second_factor",
            "sign_in.choose_enterprise",
            "dashboard.first_page",
        ),
        SIGNED_IN,
    ),
    "dashboard.search_everything": STAFF,
    "dashboard.my_day": STAFF,
    **_same(
        ("dashboard.my_enterprise", "dashboard.invite_colleague", "dashboard.end_representation"),
        {"contact"},
    ),
    **_same(
        (
            "chamber_settings.overview",
            "chamber_settings.edit_chamber",
            "chamber_settings.edit_bank",
            "chamber_settings.edit_mail_sender",
            "chamber_settings.set_seal",
            "chamber_settings.edit_departments",
            "chamber_settings.edit_grades",
            "chamber_settings.retire_grade",
            "chamber_settings.edit_offices",
            "chamber_settings.retire_office",
            "chamber_settings.give_office",
            "chamber_settings.end_office",
            "chamber_settings.set_chain",
            "chamber_settings.edit_documents",
            "chamber_settings.retire_document",
            "chamber_settings.list_staff",
            "chamber_settings.appoint",
            "chamber_settings.end_appointment",
            "chamber_settings.hand_over_everything",
            "chamber_settings.list_bodies",
            "chamber_settings.add_body",
            "chamber_settings.change_body",
            "chamber_settings.seat_offices",
            "chamber_settings.retire_body",
        ),
        OFFICE_HEAD,
    ),
    **_same(
        (
            "chamber_settings.edit_dues",
            "chamber_settings.enter_schedule",
            "chamber_settings.adopt_schedule",
            "chamber_settings.suspend_dues",
            "chamber_settings.take_suspension_back",
            "chamber_settings.set_keys",
            "chamber_settings.forget_keys",
        ),
        OFFICE_HEAD | {"finance head"},
    ),
    **_same(
        (
            "chamber_settings.list_mails",
            "chamber_settings.show_mail",
            "chamber_settings.send_again",
            "chamber_settings.retry_job",
            "chamber_settings.try_all_again",
            "chamber_settings.note_passed_on",
        ),
        OFFICE_HEAD | {"office officer"},
    ),
}


def _rules(house: House) -> list[Rule]:
    return list(house.app.url_map.iter_rules())


def _address(rule: Rule, ids: dict[str, uuid.UUID]) -> str:
    values = {name: ids.get(name, 1 if name == "page" else "word") for name in rule.arguments}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(values[m[1]]), rule.rule)


def test_every_route_has_a_permit_and_a_row(house: House) -> None:
    endpoints = {rule.endpoint for rule in _rules(house)}
    assert endpoints == set(ROUTES)
    assert endpoints == set(ROWS)


@pytest.mark.parametrize("endpoint", sorted(ROWS))
def test_a_route_is_open_to_whom_its_row_says(endpoint: str) -> None:
    assert {who for who, actor in ACTORS.items() if ROUTES[endpoint].permit(actor)} == ROWS[
        endpoint
    ]


def test_a_route_without_a_permit_fails_at_import() -> None:
    with pytest.raises(TypeError, match="permit"):
        Blueprint("b", __name__).route("/x")  # type: ignore[call-arg]


def test_addresses_are_in_kebab_case_and_ids_are_typed(house: House) -> None:
    for rule in _rules(house):
        fixed = re.sub(r"<[^>]+>", "", rule.rule)
        assert re.fullmatch(r"[a-z0-9/.-]*|/_style", fixed), rule.rule
        assert all(
            "uuid:" + name in rule.rule for name in rule.arguments if name.endswith("_id")
        ), rule.rule


def test_every_route_is_tried_logged_out(house: House) -> None:
    ids = {name: uuid.uuid4() for name in ("application_id", "invoice_id")}
    for rule in _rules(house):
        if rule.endpoint.startswith("platform.") or "visitor" in ROWS[rule.endpoint]:
            continue
        browser = house.browser()
        address = _address(rule, ids | dict.fromkeys(rule.arguments, uuid.uuid4()) | {"page": 1})
        if "GET" in (rule.methods or ()):
            answer = browser.get(address)
            assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (
                302,
                "/sign-in",
            ), address
        if "POST" in (rule.methods or ()):
            assert browser.send(address).status_code == 403, address


def test_every_route_with_an_id_is_blind_to_another_chamber(furnished: House) -> None:
    house = furnished
    theirs, nobodys = ids_of(house, "yi"), {name: uuid.uuid4() for name in ids_of(house, "yi")}
    secretary, member = house.browser("secretary"), house.browser()
    member.send("/sign-in", email="contact1@enterprise.example", password=MEMBER_PASSWORD)
    for rule in _rules(house):
        if not any(name.endswith("_id") for name in rule.arguments):
            continue
        browser = member if "secretary" not in ROWS[rule.endpoint] else secretary
        for method in sorted({"GET", "POST"} & (rule.methods or set())):
            ask = browser.get if method == "GET" else browser.send
            other, none = ask(_address(rule, theirs)), ask(_address(rule, nobodys))
            assert other.status_code == none.status_code == 404, (
                method,
                rule.rule,
                other.status_code,
            )
            assert re.sub(r'value="[^"]+"', "", other.text) == re.sub(
                r'value="[^"]+"', "", none.text
            ), rule.rule


def test_unknown_hosts_and_platform_paths(house: House) -> None:
    client = house.app.test_client()
    assert client.get("/", headers={"Host": "nobody.localhost"}).status_code == 400
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/apply", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/platform/", headers={"Host": "jia.localhost"}).status_code == 404
    assert client.get("/", headers={"Host": "localhost"}).status_code == 200
    assert client.get("/apply", headers={"Host": "localhost"}).status_code == 404
    assert client.get("/healthz", headers={"Host": "10.0.0.1"}).status_code == 503, (
        "no worker was heard of"
    )
    house.worker().beat()
    assert client.get("/healthz", headers={"Host": "10.0.0.1"}).json["status"] == "ok"
    assert client.get("/readyz", headers={"Host": "10.0.0.1"}).json == {"status": "ok"}


def test_a_post_without_the_csrf_word_is_refused(house: House) -> None:
    browser = house.browser("secretary")
    for rule in _rules(house):
        if "POST" in (rule.methods or ()):
            answer = browser.client.post(_address(rule, {}), headers={"Host": "jia.localhost"})
            assert answer.status_code in {400, 404}, rule.rule


def test_a_wrong_method_is_a_page_of_its_own(house: House) -> None:
    assert house.browser("secretary").send("/my-day").status_code == 405


def test_whoever_sees_an_entry_of_the_menu_may_open_its_page() -> None:
    for entry in ENTRIES:
        for name, actor in ACTORS.items():
            assert not entry.permit(actor) or ROUTES[entry.endpoint].permit(actor), (
                entry.endpoint,
                name,
            )


@pytest.mark.parametrize(
    ("who", "places"),
    [
        (
            "membership clerk",
            "My day, Applications, Meetings, Resolutions, Roll, Notices, Invoices, Payments, Trays",
        ),
        (
            "office head",
            "My day, Applications, Meetings, Resolutions, Roll, Notices, Trays, Mails, Settings",
        ),
        ("finance clerk", "My day, Resolutions, Roll, Invoices, Payments, Trays"),
        (
            "finance head",
            "My day, Resolutions, Roll, Invoices, Payments, Chart of accounts, Trays, Dues "
            "schedules, Online payment",
        ),
        ("rights head", "My day, Applications, Trays"),
    ],
)
def test_each_role_sees_its_own_places_by_groups_of_work(who: str, places: str) -> None:
    assert ", ".join(entry.words for entry in entries_of(ACTORS[who])) == places


def test_a_page_stands_in_the_menu_once() -> None:
    with pytest.raises(LookupError, match=r"roll\.list_roll"):
        add_entry(Group.MEMBERS, 99, "roll.list_roll", "Roll again", lambda _: True)
