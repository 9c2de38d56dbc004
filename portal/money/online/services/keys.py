"""The keys of the chamber's own Stripe account."""

import sqlalchemy as sa

from portal.audit.record import record
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.foundation.secrecy import Sealer
from portal.money.online.models import OnlineAction, StripeKeys
from portal.money.online.policies import may_keep_keys
from portal.money.online.queries import count_under_way, find_keys
from portal.tenancy.actor import FINANCE, Actor
from portal.tenancy.counters import hold
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession

LATCH = "stripe keys"
SECRET = ("sk_test_", "sk_live_", "rk_test_", "rk_live_")


def check_keys(secret_key: str, webhook_secret: str, *, actor: Actor) -> None:
    """What can be said of keys before Stripe is asked.

    NotPermitted, or InvalidInput where one does not look like a key of its kind.
    """
    guard(may_keep_keys, actor)
    if not secret_key.startswith(SECRET) or not secret_key.isascii() or len(secret_key) < 12:
        raise InvalidInput(
            "secret_key", N_("A secret key begins with sk_live_, rk_live_, sk_test_ or rk_test_.")
        )
    if (
        not webhook_secret.startswith("whsec_")
        or not webhook_secret.isascii()
        or len(webhook_secret) < 10
    ):
        raise InvalidInput("webhook_secret", N_("A signing secret begins with whsec_."))


def set_keys(
    session: ChamberSession,
    sealer: Sealer,
    secret_key: str,
    webhook_secret: str,
    *,
    livemode: bool,
    same_account: bool,
    actor: Actor,
) -> None:
    """Keeps the keys, sealed, in place of earlier ones; from now on invoices can be paid online.

    `livemode` and `same_account` as Stripe answered.

    Refuses as check_keys; Refused where payments or refunds are under way and the mode or the
    account would change. **Locks** the latch of the keys.
    """
    check_keys(secret_key, webhook_secret, actor=actor)
    hold(session, LATCH)
    keys = find_keys(session)
    if keys is not None and (keys.livemode is not livemode or not same_account):
        _none_under_way(session)
    if keys is None:
        keys = StripeKeys()
        session.add(keys)
    keys.secret_key, keys.webhook_secret = sealer.seal(secret_key), sealer.seal(webhook_secret)
    keys.hint, keys.livemode = f"{secret_key[:8]}…{secret_key[-4:]}", livemode
    keys.set_at, keys.set_by = session.now(), actor.name
    session.flush()
    record(
        session,
        OnlineAction.KEYS_SET,
        keys,
        actor=actor,
        department=FINANCE,
        hint=keys.hint,
        livemode=livemode,
    )


def forget_keys(session: ChamberSession, *, actor: Actor) -> None:
    """Takes the keys away: the button to pay online is gone. NotPermitted.

    Refused while payments are under way, whose end would be lost. **Locks** their latch.
    """
    guard(may_keep_keys, actor)
    hold(session, LATCH)
    keys = find_keys(session)
    if keys is None:
        return
    _none_under_way(session)
    record(
        session, OnlineAction.KEYS_FORGOTTEN, keys, actor=actor, department=FINANCE, hint=keys.hint
    )
    session.execute(sa.delete(StripeKeys).where(StripeKeys.id == keys.id))


def _none_under_way(session: ChamberSession) -> None:
    count = count_under_way(session)
    if count:
        raise Refused(
            N_(
                "%(count)s online payments or refunds are under way, and their end would be "
                "lost. Wait until they have ended, then try again."
            ),
            count=count,
        )
