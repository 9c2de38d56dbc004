"""The form of a recorded transfer."""

from flask_babel import lazy_gettext as _l

from portal.web.forms import Day, Form, Text


class TransferForm(Form):
    """What finance reads off the bank statement."""

    received_on = Day(_l("Date of the transfer"))
    amount = Text(_l("Amount received"), most=20, description=_l("In yuan, as on the statement"))
    payer = Text(_l("Payer"), most=120, description=_l("The account name on the statement"))
    reference = Text(_l("Bank serial number"), most=60, description=_l("Each serial number is booked once"))
