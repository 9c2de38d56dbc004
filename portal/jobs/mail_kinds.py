"""The kinds of mail that every feature sends.

Each with its template, and what it is called on the page of mails.
"""

from portal.foundation.labels import Labelled, make_known

MAIL_KINDS: dict[str, "MailKind"] = {}
"""Every kind, by its template in `templates/emails`: the name under which a mail is kept."""


class MailKind(Labelled):
    """A feature's kinds of mail derive from this and are known from then on.

    A second one of the same name fails at import (LookupError).
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        make_known(cls, MAIL_KINDS)
