"""The only file that knows Stripe.

Checkout Sessions, refunds, disputes and signed events, as plain data. API 2026-10-28.

Every call may raise Unreachable (nothing is known: try again) or Declined (Stripe says no, in
words).
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import stripe
from cryptography.fernet import InvalidToken

from portal.foundation.secrecy import Sealer

TOLERANCE = 300
"""Seconds that a signature may be old."""
TIMEOUT = 15
"""Seconds that one request may take."""
T = TypeVar("T")


class Unreachable(Exception):
    """Stripe did not answer, or not now."""


class Declined(Exception):
    """Stripe refused; the message is Stripe's. `code` is its error code."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class NotSigned(Exception):
    """A webhook request that Stripe did not sign, or not lately."""


@dataclass(frozen=True)
class Account:
    """Where to ask: the API's address and the chamber's secret key."""

    api: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True)
class Wanted:
    """What a hosted payment page shall collect: `amount` in fen.

    `reference` is our attempt, which is also the idempotency key.
    """

    reference: str
    chamber: str
    amount: int
    currency: str
    wording: str
    email: str
    language: str
    return_to: str
    cancel_to: str
    expires_at: dt.datetime


@dataclass(frozen=True)
class Session:
    """A Checkout Session as Stripe has it now.

    `fee` in the same unit, 0 where it was settled in another currency, None as long as Stripe does
    not know it.

    `paid_at` is when the payer paid, however late the portal hears of it.
    """

    id: str
    status: str
    payment_status: str
    amount: int
    currency: str
    livemode: bool
    reference: str
    chamber: str
    payment_intent: str
    payer: str
    address: str
    intent_status: str = ""
    fee: int | None = None
    paid_at: dt.datetime | None = None

    @property
    def is_paid(self) -> bool:
        """Whether the money has been collected."""
        return self.payment_status == "paid"

    @property
    def has_failed(self) -> bool:
        """Whether an asynchronous payment came to nothing after the page was completed."""
        return (
            self.status == "complete"
            and not self.is_paid
            and self.intent_status in {"requires_payment_method", "canceled"}
        )


@dataclass(frozen=True)
class Returned:
    """A refund as Stripe has it now.

    Status is pending, requires_action, succeeded, failed or canceled.
    """

    id: str
    status: str
    amount: int
    currency: str
    reference: str
    payment_intent: str
    reason: str


@dataclass(frozen=True)
class Disputed:
    """A dispute as Stripe has it now."""

    id: str
    status: str
    amount: int
    currency: str
    payment_intent: str
    reason: str


@dataclass(frozen=True)
class Event:
    """A signed event: its id, kind, the object it is about, and when it happened."""

    id: str
    kind: str
    object_id: str
    happened_at: dt.datetime


def account_of(api: str, sealed_key: str, sealer: Sealer) -> Account:
    """Where and as whom Stripe is asked for a chamber whose key is kept sealed.

    Unreachable where the installation's own key cannot open it.
    """
    try:
        return Account(api, sealer.open(sealed_key))
    except InvalidToken as error:
        raise Unreachable(
            "the chamber's key was sealed under another key of the installation; set it again"
        ) from error


def try_keys(account: Account) -> bool:
    """Whether the key works and is for live payments."""
    return bool(_ask(lambda: _client(account).v1.balance.retrieve()).livemode)


def can_read(account: Account, session_id: str) -> bool:
    """Whether the key is of the account that opened the session. Unreachable."""
    try:
        fetch_session(account, session_id)
    except Declined:
        return False
    return True


def open_session(account: Account, wanted: Wanted) -> Session:
    """Opens the hosted page for an attempt.

    Asked again with the same attempt, Stripe gives the same session.
    """
    marks = {"chamber": wanted.chamber, "attempt": wanted.reference}
    parameters: Any = {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "client_reference_id": wanted.reference,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": wanted.currency.lower(),
                    "unit_amount": wanted.amount,
                    "product_data": {"name": wanted.wording},
                },
            }
        ],
        "metadata": marks,
        "payment_intent_data": {"metadata": marks, "description": wanted.wording},
        "success_url": wanted.return_to,
        "cancel_url": wanted.cancel_to,
        "expires_at": int(wanted.expires_at.timestamp()),
        "locale": "zh" if wanted.language == "zh" else "en",
    }
    if wanted.email:
        parameters["customer_email"] = wanted.email
    return _session(
        _ask(
            lambda: _client(account).v1.checkout.sessions.create(
                parameters, {"idempotency_key": f"checkout-{wanted.reference}"}
            )
        )
    )


def fetch_session(account: Account, session_id: str) -> Session:
    """The session as it is now, with Stripe's fee where the money is there."""
    expand: Any = {"expand": ["payment_intent.latest_charge.balance_transaction"]}
    return _session(
        _ask(lambda: _client(account).v1.checkout.sessions.retrieve(session_id, expand))
    )


def expire_session(account: Account, session_id: str) -> Session:
    """Closes the hosted page; where it is complete or expired already, the session as it is."""
    try:
        return _session(_ask(lambda: _client(account).v1.checkout.sessions.expire(session_id)))
    except Declined:
        return fetch_session(account, session_id)


def send_refund(
    account: Account, *, reference: str, chamber: str, payment_intent: str, amount: int
) -> Returned:
    """Sends `amount` back to whoever paid.

    Asked again with the same refund, Stripe gives the same one.
    """
    parameters: Any = {
        "payment_intent": payment_intent,
        "amount": amount,
        "metadata": {"chamber": chamber, "refund": reference},
    }
    return _refund(
        _ask(
            lambda: _client(account).v1.refunds.create(
                parameters, {"idempotency_key": f"refund-{reference}"}
            )
        )
    )


def fetch_refund(account: Account, refund_id: str) -> Returned:
    """The refund as it is now."""
    return _refund(_ask(lambda: _client(account).v1.refunds.retrieve(refund_id)))


def fetch_dispute(account: Account, dispute_id: str) -> Disputed:
    """The dispute as it is now."""
    return _dispute(_ask(lambda: _client(account).v1.disputes.retrieve(dispute_id)))


def list_refunds_since(account: Account, since: dt.datetime) -> list[Returned]:
    """Every refund of the account made since then, whoever asked for it."""
    asked: Any = {"created": {"gte": int(since.timestamp())}, "limit": 100}
    return [
        _refund(found)
        for found in _ask(lambda: list(_client(account).v1.refunds.list(asked).auto_paging_iter()))
    ]


def list_disputes_since(account: Account, since: dt.datetime) -> list[Disputed]:
    """Every dispute of the account opened since then."""
    asked: Any = {"created": {"gte": int(since.timestamp())}, "limit": 100}
    return [
        _dispute(found)
        for found in _ask(lambda: list(_client(account).v1.disputes.list(asked).auto_paging_iter()))
    ]


def read_event(body: bytes, signature: str, webhook_secret: str) -> Event:
    """The event in a webhook's raw body.

    NotSigned where the signature is missing, wrong or older than TOLERANCE.
    """
    try:
        event = stripe.Webhook.construct_event(body, signature, webhook_secret, TOLERANCE)
        return Event(
            event.id,
            event.type,
            str(event.data.object["id"]),
            dt.datetime.fromtimestamp(event.created, dt.UTC),
        )
    except (
        stripe.SignatureVerificationError,
        ValueError,
        KeyError,
        AttributeError,
        TypeError,
    ) as error:
        raise NotSigned from error


def _client(account: Account) -> stripe.StripeClient:
    return stripe.StripeClient(
        account.secret_key,
        base_addresses={"api": account.api},
        max_network_retries=2,
        http_client=stripe.RequestsClient(timeout=TIMEOUT),
    )


def _ask(call: Callable[[], T]) -> T:
    try:
        return call()
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as error:
        raise Unreachable(str(error)) from error
    except stripe.StripeError as error:
        raise Declined(error.user_message or str(error), error.code or "") from error


def _session(found: Any) -> Session:
    marks = found.metadata.to_dict() if found.metadata else {}
    payer = found.customer_details
    return Session(
        id=found.id,
        status=found.status or "",
        payment_status=found.payment_status,
        amount=found.amount_total or 0,
        currency=(found.currency or "").upper(),
        livemode=found.livemode,
        reference=found.client_reference_id or "",
        chamber=str(marks.get("chamber", "")),
        payment_intent=_id(found.payment_intent),
        payer=((payer.name or payer.email) if payer else "") or "",
        address=found.url or "",
        intent_status=str(getattr(found.payment_intent, "status", "")),
        fee=_fee(found),
        paid_at=_paid_at(found),
    )


def _within(found: Any, *names: str) -> Any:
    """What lies within something, where all of it is expanded; else None."""
    for name in names:
        found = getattr(found, name, None)
        if found is None or isinstance(found, str):
            return None
    return found


def _fee(found: Any) -> int | None:
    """What Stripe kept of the money; its balance transaction may come a while after the money."""
    booked = _within(found, "payment_intent", "latest_charge", "balance_transaction")
    return None if booked is None else int(booked.fee or 0) if not booked.exchange_rate else 0


def _paid_at(found: Any) -> dt.datetime | None:
    """When the payer paid: the charge was made."""
    charge = _within(found, "payment_intent", "latest_charge")
    return dt.datetime.fromtimestamp(charge.created, dt.UTC) if charge is not None else None


def _refund(found: Any) -> Returned:
    marks = found.metadata.to_dict() if found.metadata else {}
    said = found.failure_reason or found.pending_reason or ""
    return Returned(
        found.id,
        found.status or "",
        found.amount,
        found.currency.upper(),
        str(marks.get("refund", "")),
        _id(found.payment_intent),
        said,
    )


def _dispute(found: Any) -> Disputed:
    return Disputed(
        found.id,
        found.status,
        found.amount,
        found.currency,
        _id(found.payment_intent),
        found.reason,
    )


def _id(reference: Any) -> str:
    """The id of something that Stripe gives as an id or, where expanded, whole."""
    return str(reference if isinstance(reference, str) else reference.id) if reference else ""
