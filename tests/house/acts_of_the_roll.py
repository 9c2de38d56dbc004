"""Acts on the roll, on notices and on online payments, for the test of what is written down."""

import dataclasses
from collections.abc import Callable

import sqlalchemy as sa

from portal.circulars.models import Circular, CircularFile
from portal.money.invoices.models import Invoice, InvoiceState
from portal.roll.models import RollExport
from tests.cast import PNG, House, application_form, apply_through_pages
from tests.house.sightseeing import ids_of
from tests.scenes import approve_through_pages, grade_id
from tests.stripe_stand_in import signed, stripe_standing_in

Act = Callable[[House], object]


def _one(house: House, query: sa.Select) -> object:
    with house.doors.chamber(house.jia.id) as session:
        return session.scalars(query).first()


def _newest_export(house: House) -> object:
    return _one(house, sa.select(RollExport.id).order_by(RollExport.asked_at.desc()))


def _desk(path: str, **fields: str) -> Act:
    return lambda house: house.browser("secretary").send(
        path.format(**ids_of(house, "jia")), **fields
    )


def _with_stripe(act: Act) -> Act:
    """The act in an installation that asks the stand-in instead of Stripe, in a chamber that has
    set its keys.
    """

    def acted(house: House) -> object:
        with stripe_standing_in() as stripe:
            house.app.extensions["world"] = dataclasses.replace(
                house.world, settings=dataclasses.replace(house.settings, stripe_url=stripe.address)
            )
            house.browser("finance").send(
                "/settings/online-payment", secret_key="sk_test_jia_1", webhook_secret="whsec_jia_1"
            )
            return act(house)

    return acted


def _pay_online(house: House) -> object:
    approve_through_pages(house, apply_through_pages(house, 9)[1])
    invoice = _one(house, sa.select(Invoice.id).where(Invoice.state == InvoiceState.ISSUED))
    return house.browser().send(
        f"/billing/pay/{house.world.sealer.mark('pay', house.jia.id, invoice)}/online"
    )


def _stripe_event(house: House) -> object:
    body, signature = signed(
        {
            "id": "evt_1",
            "object": "event",
            "type": "refund.updated",
            "created": 1,
            "data": {"object": {"id": "re_1"}},
        },
        "whsec_jia_1",
    )
    return house.browser().client.post(
        "/billing/stripe/events",
        data=body,
        headers={"Host": "jia.localhost", "Stripe-Signature": signature},
    )


IDENTITY = {
    "uscc": "",
    "name": "改名后企业有限公司",
    "kind": "private",
    "legal_representative": "张三",
    "capital": "5,000,000",
    "industry": "C13",
    "region": "4403",
    "address": "新址",
}


def _correct_enterprise(house: House) -> object:
    ids = ids_of(house, "jia")
    house.browser("secretary").send(f"/roll/amendments/{ids['amendment_id']}/refuse", reason="理由")
    form = IDENTITY | {
        "uscc": application_form()["uscc"],
        "reason": "变更",
        "name": "再改名企业有限公司",
    }
    return house.browser("membership").send(f"/roll/{ids['enterprise_id']}/correct", **form)


def _enter_member(house: House) -> object:
    form = IDENTITY | {
        "uscc": application_form(77)["uscc"],
        "grade": grade_id(house),
        "joined_on": "2019-03-01",
        "number": "",
        "paid_through": "",
        "history": "2020-01-01 理事",
    }
    return house.browser("membership").send(
        "/roll/new", **form, contact_name="", contact_email="", contact_phone=""
    )


def _download_export(house: House) -> object:
    secretary = house.browser("secretary")
    secretary.send("/roll/export", format="csv")
    house.work()
    return secretary.send(f"/roll/exports/{_newest_export(house)}/file")


def _draft(path: str, **fields: object) -> Act:
    def act(house: House) -> object:
        secretary = house.browser("secretary")
        secretary.send("/notices/new", title="题", body="文")
        return secretary.send(
            f"/notices/{_one(house, sa.select(Circular.id).order_by(Circular.id.desc()))}/{path}",
            **fields,
        )

    return act


def _detach(house: House) -> object:
    _draft("files", files={"file": (PNG, "x.png")})(house)
    kept = _one(house, sa.select(CircularFile.id).order_by(CircularFile.id.desc()))
    return house.browser("secretary").send(f"/notices/files/{kept}/take-off")


HALL = {
    "kind": "tenant",
    "name": "张先生",
    "notify_email": "hall@outside.example",
    "language": "zh",
    "due_on": "2026-12-31",
    "lines-0-wording": "场地租金",
    "lines-0-account": "other_income",
    "lines-0-amount": "800",
    **{f"lines-{n}-account": "services" for n in range(1, 5)},
}


ROLL_ACTS: dict[str, tuple[Act, str]] = {
    "billing.pay_online": (_with_stripe(_pay_online), "checkout.opened"),
    "billing.receive_stripe_event": (_with_stripe(_stripe_event), "stripe_event.received"),
    "billing.settle_parked": (
        _desk("/billing/online/{parked_id}/settle", note="已处理"),
        "parked.settled",
    ),
    "billing.raise_invoice": (_desk("/billing/invoices/raise", **HALL), "invoice.raised"),
    "chamber_settings.change_account": (
        _desk("/settings/accounts/{account_id}", number="9999", name_zh="新", name_en="new"),
        "account.changed",
    ),
    "chamber_settings.set_keys": (_with_stripe(lambda h: None), "stripe_keys.set"),
    "chamber_settings.forget_keys": (
        _with_stripe(lambda h: h.browser("finance").send("/settings/online-payment/forget")),
        "stripe_keys.forgotten",
    ),
    "circulars.write_circular": (_desk("/notices/new", title="题", body="文"), "circular.written"),
    "circulars.change_circular": (_draft("edit", title="新题", body="文"), "circular.changed"),
    "circulars.attach_file": (_draft("files", files={"file": (PNG, "x.png")}), "circular.changed"),
    "circulars.detach_file": (_detach, "circular.changed"),
    "circulars.discard_circular": (_draft("discard"), "circular.discarded"),
    "circulars.publish_circular": (_draft("publish"), "circular.published"),
    "circulars.withdraw_circular": (_desk("/notices/{circular_id}/withdraw"), "circular.withdrawn"),
    "roll.approve_amendment": (
        _desk("/roll/amendments/{amendment_id}/approve"),
        "amendment.approved",
    ),
    "roll.refuse_amendment": (
        _desk("/roll/amendments/{amendment_id}/refuse", reason="理由"),
        "amendment.refused",
    ),
    "roll.correct_enterprise": (_correct_enterprise, "amendment.asked"),
    "roll.enter_member": (_enter_member, "membership.entered"),
    "roll.write_enterprise_note": (
        _desk("/roll/{enterprise_id}/notes", body="注"),
        "enterprise.noted",
    ),
    "roll.tag_enterprise": (_desk("/roll/{enterprise_id}/tags", tag="重点"), "enterprise.tagged"),
    "roll.untag_enterprise": (
        _desk("/roll/{enterprise_id}/tags/off", tag="重点"),
        "enterprise.untagged",
    ),
    "roll.tag_chosen": (_desk("/roll/tag?state=member", tag="重点"), "enterprise.tagged"),
    "roll.untag_chosen": (_desk("/roll/untag?state=member", tag="重点"), "enterprise.untagged"),
    "roll.save_view": (_desk("/roll/views?state=member", name="会员"), "roll.view_saved"),
    "roll.drop_view": (_desk("/roll/views/{view_id}/drop"), "roll.view_dropped"),
    "roll.export_roll": (_desk("/roll/export", format="csv"), "roll.exported"),
    "roll.download_export": (_download_export, "roll.downloaded"),
}
