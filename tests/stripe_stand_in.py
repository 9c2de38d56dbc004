"""A stand-in for Stripe on loopback.

Requests and replies are judged by the stripe package's own types; keys, accounts and idempotency
are kept apart as Stripe does.

Money moves only when a test (or a person on the hosted page) says so; each step leaves an event,
which a test delivers in any order, twice, late or never.
"""

import hashlib
import hmac
import json
import re
import secrets
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import stripe
from flask import Flask, Response, jsonify, redirect, request
from stripe.params import DisputeListParams, RefundCreateParams, RefundListParams
from stripe.params.checkout import SessionCreateParams, SessionExpireParams, SessionRetrieveParams
from werkzeug.serving import make_server

from tests.servers import PATIENCE
from tests.stripe_types import empty, faults, read_form

Object = dict[str, Any]


@dataclass
class Ledger:
    """What one account holds: objects by id, and answers by idempotency key."""

    objects: dict[str, Object] = field(default_factory=dict)
    answers: dict[str, tuple[bytes, bytes, int]] = field(default_factory=dict)


class Stripe:
    """The stand-in. `events` are those that happened.

    `webhooks` are told of them at once where any are set.
    """

    def __init__(self) -> None:
        self.ledgers: dict[str, Ledger] = {}
        self.events: list[Object] = []
        self.webhooks: list[tuple[str, str, str]] = []
        self.down = False
        self.refund_status = "succeeded"
        self.fees_come_later = False
        self.charged_at = 0
        self.requests: list[str] = []
        self.address = ""
        self.app = self._app()

    def ledger(self, key: str) -> Ledger:
        """The account behind a secret key.

        One that ends in `_rolled` is another key of the same account.
        """
        return self.ledgers.setdefault(key.removesuffix("_rolled"), Ledger())

    def find(self, object_id: str) -> tuple[str, Object]:
        """The key and the object of an id, in whichever account."""
        return next(
            (key, ledger.objects[object_id])
            for key, ledger in self.ledgers.items()
            if object_id in ledger.objects
        )

    def sessions(self) -> list[Object]:
        """All Checkout Sessions, oldest first."""
        return [
            o
            for ledger in self.ledgers.values()
            for o in ledger.objects.values()
            if o["object"] == "checkout.session"
        ]

    def pay(self, session_id: str, *, later: bool = False, **differing: Any) -> Object:
        """Somebody pays on the hosted page, at once or by a way that is confirmed later.

        `differing` fields let Stripe tell something else.
        """
        key, session = self.find(session_id)
        session.update(
            status="complete", payment_status="unpaid" if later else "paid", url=None, **differing
        )
        session["customer_details"] = empty(stripe.checkout.Session.CustomerDetails) | {
            "name": "付款人",
            "email": "payer@enterprise.example",
        }
        session["payment_intent"] = self._charge(
            key, session, "processing" if later else "succeeded"
        )
        return self._happened("checkout.session.completed", session)

    def confirm(self, session_id: str, *, well: bool = True) -> Object:
        """What was paid later is confirmed, or has failed."""
        key, session = self.find(session_id)
        intent = self.ledger(key).objects[session["payment_intent"]]
        intent["status"] = "succeeded" if well else "requires_payment_method"
        session["payment_status"] = "paid" if well else "unpaid"
        return self._happened(
            f"checkout.session.async_payment_{'succeeded' if well else 'failed'}", session
        )

    def expire(self, session_id: str) -> Object:
        """Nobody paid in time."""
        _, session = self.find(session_id)
        session.update(status="expired", url=None)
        return self._happened("checkout.session.expired", session)

    def end_refund(self, refund_id: str, status: str) -> Object:
        """A refund that was on its way arrives or fails."""
        _, refund = self.find(refund_id)
        refund["status"] = status
        return self._happened("refund.failed" if status == "failed" else "refund.updated", refund)

    def dispute(self, session_id: str) -> Object:
        """The payer disputes the payment."""
        key, session = self.find(session_id)
        made = empty(stripe.Dispute) | {
            "id": _id("dp"),
            "object": "dispute",
            "amount": session["amount_total"],
            "currency": session["currency"],
            "reason": "fraudulent",
        }
        made |= {
            "status": "needs_response",
            "payment_intent": session["payment_intent"],
            "charge": _id("ch"),
            "livemode": session["livemode"],
            "created": int(time.time()),
        }
        return self._happened("charge.dispute.created", self._keep(key, made, stripe.Dispute))

    def decide_dispute(self, dispute_id: str, status: str) -> Object:
        """The payer's bank has decided."""
        _, dispute = self.find(dispute_id)
        dispute["status"] = status
        return self._happened("charge.dispute.closed", dispute)

    def refund_by_hand(self, session_id: str) -> Object:
        """Somebody pays back in Stripe's own pages."""
        key, session = self.find(session_id)
        made = empty(stripe.Refund) | {
            "id": _id("re"),
            "object": "refund",
            "amount": session["amount_total"],
            "currency": session["currency"],
            "metadata": {},
        }
        made |= {
            "status": "succeeded",
            "payment_intent": session["payment_intent"],
            "created": int(time.time()),
        }
        return self._happened("refund.created", self._keep(key, made, stripe.Refund))

    def _charge(self, key: str, session: Object, status: str) -> str:
        kept = empty(stripe.BalanceTransaction) | {
            "id": _id("txn"),
            "object": "balance_transaction",
            "amount": session["amount_total"],
            "fee": session["amount_total"] // 50,
        }
        charge = empty(stripe.Charge) | {
            "id": _id("ch"),
            "object": "charge",
            "amount": session["amount_total"],
            "balance_transaction": kept["id"],
            "created": self.charged_at or int(time.time()),
        }
        intent = empty(stripe.PaymentIntent) | {
            "id": _id("pi"),
            "object": "payment_intent",
            "amount": session["amount_total"],
            "status": status,
            "latest_charge": charge["id"],
        }
        for made in (kept, charge, intent):
            self.ledger(key).objects[made["id"]] = _judged(made)
        return str(intent["id"])

    def _keep(self, key: str, made: Object, kind: type) -> Object:
        assert type_of(made) is kind
        self.ledger(key).objects[made["id"]] = _judged(made)
        return made

    def _happened(self, kind: str, about: Object) -> Object:
        event = empty(stripe.Event) | {
            "id": _id("evt"),
            "object": "event",
            "type": kind,
            "created": int(time.time()),
            "api_version": stripe.api_version,
        }
        event |= {"data": {"object": _judged(dict(about))}, "livemode": bool(about.get("livemode"))}
        self.events.append(_judged(event))
        for address, host, secret in self.webhooks:
            body, signature = signed(event, secret)
            told = urllib.request.Request(
                address,
                body,
                {"Host": host, "Stripe-Signature": signature, "Content-Type": "application/json"},
            )
            threading.Thread(
                target=lambda told=told: urllib.request.urlopen(told, timeout=PATIENCE).close(),
                daemon=True,
            ).start()
        return event

    def _app(self) -> Flask:
        app = Flask("stripe_stand_in")
        app.add_url_rule("/v1/balance", view_func=self._balance)
        app.add_url_rule("/v1/checkout/sessions", view_func=self._open, methods=["POST"])
        app.add_url_rule("/v1/checkout/sessions/<object_id>", view_func=self._show)
        app.add_url_rule(
            "/v1/checkout/sessions/<object_id>/expire", view_func=self._expire, methods=["POST"]
        )
        app.add_url_rule("/v1/refunds", view_func=self._refund, methods=["POST"])
        app.add_url_rule(
            "/v1/refunds",
            view_func=lambda: self._list("refund", RefundListParams),
            endpoint="refunds",
        )
        app.add_url_rule(
            "/v1/disputes",
            view_func=lambda: self._list("dispute", DisputeListParams),
            endpoint="disputes",
        )
        app.add_url_rule("/v1/refunds/<object_id>", view_func=self._show, endpoint="refund")
        app.add_url_rule("/v1/disputes/<object_id>", view_func=self._show, endpoint="dispute")
        app.add_url_rule("/pay/<session_id>", view_func=self._hosted, methods=["GET", "POST"])
        app.before_request(self._before)
        app.after_request(self._after)
        return app

    def _before(self) -> Any:
        request.get_data(cache=True)
        self.requests.append(f"{request.method} {request.path}")
        if not request.path.startswith("/v1/"):
            return None
        if self.down:
            return _refusal(503, "api_error", "unavailable", "down")
        if not re.fullmatch(
            r"Bearer (sk|rk)_(test|live)_(?!wrong)\w+", request.headers.get("Authorization", "")
        ):
            return _refusal(
                401, "invalid_request_error", "api_key_invalid", "Invalid API Key provided"
            )
        known = (
            self.ledger(self._key()).answers.get(request.headers.get("Idempotency-Key", ""))
            if request.method == "POST"
            else None
        )
        if known is None:
            return None
        if known[0] != request.get_data():
            return _refusal(
                400,
                "idempotency_error",
                "",
                "Keys for idempotent requests can only be used with the same parameters they "
                "were first used with",
            )
        return Response(known[1], known[2], mimetype="application/json")

    def _after(self, answer: Response) -> Response:
        key = request.headers.get("Idempotency-Key")
        if (
            key
            and request.method == "POST"
            and request.path.startswith("/v1/")
            and answer.status_code < 500
            and answer.status_code != 401
        ):
            self.ledger(self._key()).answers.setdefault(
                key, (request.get_data(), answer.get_data(), answer.status_code)
            )
        return answer

    def _key(self) -> str:
        return request.headers["Authorization"].removeprefix("Bearer ")

    def _balance(self) -> Any:
        return jsonify(
            empty(stripe.Balance) | {"object": "balance", "livemode": "_live_" in self._key()}
        )

    def _open(self) -> Any:
        asked = _asked(SessionCreateParams)
        if isinstance(asked, tuple):
            return asked
        amount = sum(
            line["quantity"] * line["price_data"]["unit_amount"] for line in asked["line_items"]
        )
        found = _id("cs")
        same = {
            name: asked.get(name)
            for name in (
                "mode",
                "client_reference_id",
                "metadata",
                "success_url",
                "cancel_url",
                "expires_at",
                "ui_mode",
                "customer_email",
                "locale",
            )
        }
        made = (
            empty(stripe.checkout.Session)
            | same
            | {
                "id": found,
                "object": "checkout.session",
                "status": "open",
                "payment_status": "unpaid",
                "created": int(time.time()),
            }
        )
        made |= {
            "amount_total": amount,
            "amount_subtotal": amount,
            "currency": asked["line_items"][0]["price_data"]["currency"],
            "url": f"{self.address}/pay/{found}",
        }
        made |= {"livemode": "_live_" in self._key(), "payment_method_types": ["card"]}
        return jsonify(self._keep(self._key(), made, stripe.checkout.Session))

    def _show(self, object_id: str) -> Any:
        asked = _asked(SessionRetrieveParams, request.args)
        if isinstance(asked, tuple):
            return asked
        found = self.ledger(self._key()).objects.get(object_id)
        if found is None:
            return _refusal(
                404, "invalid_request_error", "resource_missing", f"No such object: {object_id}"
            )
        return jsonify(_judged(self._expanded(dict(found), asked.get("expand", []))))

    def _list(self, kind: str, asked_as: Any) -> Any:
        """The newest first, a page of at most `limit` after `starting_after`."""
        asked = _asked(asked_as, request.args)
        if isinstance(asked, tuple):
            return asked
        since = asked.get("created", {}).get("gte", 0)
        rows = [
            o
            for o in reversed(self.ledger(self._key()).objects.values())
            if o["object"] == kind and o["created"] >= since
        ]
        after = next(
            (n for n, o in enumerate(rows, 1) if o["id"] == asked.get("starting_after")), 0
        )
        page = rows[after : after + asked.get("limit", 10)]
        return jsonify(
            {
                "object": "list",
                "url": request.path,
                "has_more": after + len(page) < len(rows),
                "data": [_judged(dict(o)) for o in page],
            }
        )

    def _expanded(self, found: Object, paths: list[str]) -> Object:
        for path in paths:
            here = found
            for name in path.split("."):
                if name == "balance_transaction" and self.fees_come_later:
                    here[name] = None
                if not isinstance(here.get(name), str):
                    break
                here[name] = dict(self.ledger(self._key()).objects[here[name]])
                here = here[name]
        return found

    def _expire(self, object_id: str) -> Any:
        asked = _asked(SessionExpireParams)
        if isinstance(asked, tuple):
            return asked
        found = self.ledger(self._key()).objects.get(object_id)
        if found is None or found["status"] != "open":
            return _refusal(
                400,
                "invalid_request_error",
                "",
                'Only Checkout Sessions with a status in ["open"] can be expired',
            )
        self.expire(object_id)
        return jsonify(_judged(found))

    def _refund(self) -> Any:
        asked = _asked(RefundCreateParams)
        if isinstance(asked, tuple):
            return asked
        objects = self.ledger(self._key()).objects
        paid = objects.get(asked["payment_intent"])
        back = sum(
            o["amount"]
            for o in objects.values()
            if o["object"] == "refund"
            and o["payment_intent"] == asked["payment_intent"]
            and o["status"] != "failed"
        )
        if paid is None or back + asked["amount"] > paid["amount"]:
            return _refusal(
                400,
                "invalid_request_error",
                "charge_already_refunded",
                "Refund amount is greater than unrefunded amount on charge",
            )
        made = empty(stripe.Refund) | {
            "id": _id("re"),
            "object": "refund",
            "amount": asked["amount"],
            "currency": "cny",
            "metadata": asked.get("metadata", {}),
        }
        made |= {
            "status": self.refund_status,
            "payment_intent": asked["payment_intent"],
            "created": int(time.time()),
        }
        self._happened("refund.created", self._keep(self._key(), made, stripe.Refund))
        return jsonify(made)

    def _hosted(self, session_id: str) -> Any:
        _, session = self.find(session_id)
        if request.method == "GET":
            way = (
                '<button name="how" value="card">Pay by card</button> <button name="how" '
                'value="later">Pay by a slow way</button>'
            )
            return (
                f"<title>Pay</title><h1>{session['amount_total'] / 100:.2f} "
                f'{session["currency"]}</h1><form method="post">{way}</form><a '
                f'href="{session["cancel_url"]}">Back</a>'
            )
        self.pay(session_id, later=request.form["how"] == "later")
        return redirect(session["success_url"], 303)


@contextmanager
def stripe_standing_in() -> Iterator[Stripe]:
    """The stand-in, listening on loopback until the end."""
    stand_in = Stripe()
    server = make_server("127.0.0.1", 0, stand_in.app, threaded=True)
    stand_in.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def signed(event: Object, secret: str, *, age: int = 0) -> tuple[bytes, str]:
    """An event's body and its signature, as if sent `age` seconds ago."""
    body, at = json.dumps(event).encode(), int(time.time()) - age
    mark = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return body, f"t={at},v1={mark}"


TYPES = {
    kind.OBJECT_NAME: kind
    for kind in (
        stripe.checkout.Session,
        stripe.Refund,
        stripe.Dispute,
        stripe.Charge,
        stripe.PaymentIntent,
        stripe.BalanceTransaction,
        stripe.Event,
    )
}


def type_of(made: Object) -> Any:
    """The class of the stripe package that an object says it is."""
    return TYPES[made["object"]]


def _judged(made: Object) -> Object:
    """The object, where Stripe could have sent it; AssertionError where it could not."""
    wrong = faults(made, type_of(made), made["object"])
    assert not wrong, wrong
    return made


def _asked(kind: Any, source: Any = None) -> Any:
    """The request's parameters as Stripe reads them, or its refusal."""
    asked = read_form(_nested(source if source is not None else request.form), kind)
    if "payment_method_types" in asked:
        return _refusal(
            400,
            "invalid_request_error",
            "payment_method_types_no_longer_supported",
            "payment_method_types is not supported on this API version",
        )
    wrong = faults(asked, kind, "request")
    return (
        _refusal(400, "invalid_request_error", "parameter_unknown", "; ".join(wrong))
        if wrong
        else asked
    )


def _nested(form: Any) -> Object:
    found: Object = {}
    for name, value in form.items(multi=True):
        *way, last = re.findall(r"[^\[\]]+", name)
        here = found
        for part in way:
            here = here.setdefault(part, {})
        here[last] = value
    return _lists(found)


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(name.isdigit() for name in value):
        return [_lists(value[name]) for name in sorted(value, key=int)]
    return {name: _lists(item) for name, item in value.items()}


def _refusal(status: int, kind: str, code: str, message: str) -> tuple[Response, int]:
    return jsonify(error={"type": kind, "code": code, "message": message}), status


def _id(prefix: str) -> str:
    return f"{prefix}_{'test_' if prefix == 'cs' else ''}{secrets.token_hex(10)}"
