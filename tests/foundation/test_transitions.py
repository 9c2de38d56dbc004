"""States move along their tables, and every state can be reached."""

from enum import StrEnum

import pytest

from portal.admission.applications.models import (
    APPLICATION_MOVES,
    STEP_MOVES,
    ApplicationState,
    StepState,
)
from portal.circulars.models import CIRCULAR_MOVES, CircularState
from portal.foundation.errors import IllegalMove
from portal.foundation.transitions import move
from portal.governance.meetings.models import MEETING_MOVES, MeetingState
from portal.members.enterprises.models import AMENDMENT_MOVES, AmendmentState
from portal.members.membership.models import MEMBERSHIP_MOVES, MembershipState
from portal.money.dues.models import SCHEDULE_MOVES, ScheduleState
from portal.money.invoices.models import INVOICE_MOVES, InvoiceState
from portal.money.online.models import CHECKOUT_MOVES, PARKED_MOVES, CheckoutState, ParkedState
from portal.money.payments.models import REFUND_MOVES, RefundState

TABLES = [
    (ApplicationState, APPLICATION_MOVES, ApplicationState.DRAFT),
    (StepState, STEP_MOVES, StepState.WAITING),
    (MeetingState, MEETING_MOVES, MeetingState.PLANNED),
    (InvoiceState, INVOICE_MOVES, InvoiceState.ISSUED),
    (RefundState, REFUND_MOVES, RefundState.REQUESTED),
    (CheckoutState, CHECKOUT_MOVES, CheckoutState.OPENING),
    (ParkedState, PARKED_MOVES, ParkedState.PARKED),
    (ScheduleState, SCHEDULE_MOVES, ScheduleState.DRAFT),
    (AmendmentState, AMENDMENT_MOVES, AmendmentState.ASKED),
    (CircularState, CIRCULAR_MOVES, CircularState.DRAFT),
    (MembershipState, MEMBERSHIP_MOVES, MembershipState.ACTIVE),
]


class Thing:
    """Something with a state."""

    def __init__(self, state: StrEnum) -> None:
        self.state = state


@pytest.mark.parametrize(
    ("states", "table", "first"), TABLES, ids=lambda v: getattr(v, "__name__", "")
)
def test_each_pair_of_states_moves_as_its_table_says(
    states: type[StrEnum], table: dict, first: StrEnum
) -> None:
    assert set(table) == set(states)
    reached = {first}
    for state in states:
        for to in states:
            thing = Thing(state)
            if to in table[state]:
                move(thing, to, table)
                assert thing.state is to
                reached.add(to)
            else:
                with pytest.raises(IllegalMove):
                    move(thing, to, table)
                assert thing.state is state
    assert reached == set(states)
