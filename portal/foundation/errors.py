"""The refusals of the domain.

Each says what is wrong in a sentence that the web layer translates.
"""


class Sentence:
    """An English msgid with its values, translated where it is shown."""

    def __init__(self, msgid: str, **values: object) -> None:
        self.msgid = msgid
        self.values = values

    def __str__(self) -> str:
        return self.msgid % self.values if self.values else self.msgid


class DomainError(Exception):
    """Something the product refuses.

    `status` is the HTTP answer, `sentence` what a person reads.
    """

    status = 422

    def __init__(self, msgid: str, **values: object) -> None:
        self.sentence = Sentence(msgid, **values)
        super().__init__(str(self.sentence))


class Refused(DomainError):
    """A rule of the trade says no in the present state (409)."""

    status = 409


class IllegalMove(Refused):
    """A state cannot follow the present one (409)."""


class NotPermitted(DomainError):
    """The actor has no right to this (403)."""

    status = 403


class NotFound(DomainError):
    """There is no such thing in this chamber, or it is walled from the actor (404)."""

    status = 404


class InvalidInput(DomainError):
    """What was typed breaks a rule.

    `field` names the field that the sentence stands beside (422).
    """

    def __init__(self, field: str, msgid: str, **values: object) -> None:
        super().__init__(msgid, **values)
        self.field = field


class Unavailable(DomainError):
    """What this needs does not answer at the moment.

    Trying again later helps (503, with Retry-After).
    """

    status = 503


class WallBreached(Exception):
    """A statement or object would cross from one chamber into another.

    Always a fault of the program.
    """
