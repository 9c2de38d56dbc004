"""Applications to join (入会申请)."""

import datetime as dt
import uuid
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.models import Person
from portal.files.models import StoredFile
from portal.foundation.database import Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.members.enterprises.models import EnterpriseKind
from portal.members.membership.models import Grade
from portal.money.invoices.models import Invoice
from portal.tenancy.models import ChamberOwned, belongs_to, has_many, owned_key

if TYPE_CHECKING:
    from portal.admission.applications.models.questions import Answer
    from portal.admission.applications.models.steps import ApplicationStep


class ApplicationState(Labelled):
    """An application's way (入会申请).

    One that was returned comes back by the applicant's correction, or because the reviewers take
    the return back.
    """

    DRAFT = "draft", N_("not yet confirmed")
    IN_REVIEW = "in_review", N_("in review")
    AWAITING_DUES = "awaiting_dues", N_("approved, awaiting dues")
    RETURNED = "returned", N_("returned for correction")
    ADMITTED = "admitted", N_("admitted")
    REJECTED = "rejected", N_("rejected")
    WITHDRAWN = "withdrawn", N_("withdrawn")
    EXPIRED = "expired", N_("expired unpaid")


APPLICATION_MOVES: dict[ApplicationState, frozenset[ApplicationState]] = {
    ApplicationState.DRAFT: frozenset({ApplicationState.IN_REVIEW, ApplicationState.WITHDRAWN}),
    ApplicationState.IN_REVIEW: frozenset(
        {
            ApplicationState.AWAITING_DUES,
            ApplicationState.REJECTED,
            ApplicationState.RETURNED,
            ApplicationState.WITHDRAWN,
        }
    ),
    ApplicationState.RETURNED: frozenset({ApplicationState.IN_REVIEW, ApplicationState.WITHDRAWN}),
    ApplicationState.AWAITING_DUES: frozenset(
        {ApplicationState.ADMITTED, ApplicationState.WITHDRAWN, ApplicationState.EXPIRED}
    ),
    ApplicationState.ADMITTED: frozenset(),
    ApplicationState.REJECTED: frozenset(),
    ApplicationState.WITHDRAWN: frozenset(),
    ApplicationState.EXPIRED: frozenset(),
}
OPEN_STATES = (
    ApplicationState.IN_REVIEW,
    ApplicationState.RETURNED,
    ApplicationState.AWAITING_DUES,
)
_OPEN = "state IN ('in_review', 'returned', 'awaiting_dues')"


class Application(ChamberOwned, Base):
    """An enterprise's request to join. A draft reserves nothing.

    The enterprise's record is made at submission.

    One open application per enterprise. `expires_on` is the last day to pay of an approved one;
    `handler_id` the colleague who has claimed it. `legacy_reason` says why `uscc` holds an older
    15-digit registration number. `word_hash` is the SHA-256 of the word in the applicant's mailed
    link; `form_key` makes a doubled form one application.
    """

    __tablename__ = "application"

    form_key: Mapped[uuid.UUID]
    word_hash: Mapped[str] = mapped_column(sa.String(64))
    state: Mapped[ApplicationState] = mapped_column(
        choice(ApplicationState, "state"), default=ApplicationState.DRAFT
    )
    number: Mapped[str | None] = mapped_column(sa.String(20))
    language: Mapped[str] = mapped_column(sa.String(5), default="zh")
    uscc: Mapped[str] = mapped_column(sa.String(18))
    legacy_reason: Mapped[str] = mapped_column(sa.String(300), default="")
    name: Mapped[str] = mapped_column(sa.String(120))
    kind: Mapped[EnterpriseKind] = mapped_column(choice(EnterpriseKind, "kind"))
    legal_representative: Mapped[str] = mapped_column(sa.String(80))
    capital: Mapped[int] = mapped_column(sa.BigInteger)
    industry: Mapped[str] = mapped_column(sa.String(5))
    region: Mapped[str] = mapped_column(sa.String(6))
    address: Mapped[str] = mapped_column(sa.String(200))
    grade_id: Mapped[uuid.UUID]
    dues_years: Mapped[int | None]
    contact_name: Mapped[str] = mapped_column(sa.String(80))
    contact_email: Mapped[str] = mapped_column(sa.String(254))
    contact_phone: Mapped[str] = mapped_column(sa.String(40))
    licence_file_id: Mapped[uuid.UUID | None]
    enterprise_id: Mapped[uuid.UUID | None]
    invoice_id: Mapped[uuid.UUID | None]
    handler_id: Mapped[uuid.UUID | None]
    expires_on: Mapped[dt.date | None]
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    submitted_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "form_key"),
        sa.UniqueConstraint("chamber_id", "word_hash"),
        sa.UniqueConstraint("chamber_id", "number"),
        owned_key("grade_id", "grade"),
        owned_key("licence_file_id", "stored_file"),
        owned_key("enterprise_id", "enterprise"),
        owned_key("invoice_id", "invoice"),
        owned_key("handler_id", "person"),
        sa.CheckConstraint(
            "state IN ('draft', 'withdrawn') OR (number IS NOT NULL AND enterprise_id IS NOT NULL)",
            name="submitted_is_numbered",
        ),
        sa.CheckConstraint(
            "state NOT IN ('awaiting_dues', 'admitted') OR invoice_id IS NOT NULL",
            name="approved_is_invoiced",
        ),
        sa.Index(
            "uq_application_open",
            "chamber_id",
            "enterprise_id",
            unique=True,
            postgresql_where=sa.text(_OPEN),
            sqlite_where=sa.text(_OPEN),
        ),
        sa.Index("ix_application_queue", "chamber_id", "state", "submitted_at", "id"),
        sa.Index("ix_application_invoice", "chamber_id", "invoice_id"),
        sa.Index("ix_application_handler", "chamber_id", "handler_id", "state"),
    )
    grade: Mapped[Grade] = belongs_to("Application", "grade_id", "Grade", viewonly=True)
    licence: Mapped[StoredFile | None] = belongs_to(
        "Application", "licence_file_id", "StoredFile", viewonly=True
    )
    invoice: Mapped[Invoice | None] = belongs_to(
        "Application", "invoice_id", "Invoice", viewonly=True
    )
    handler: Mapped[Person | None] = belongs_to(
        "Application", "handler_id", "Person", viewonly=True
    )
    steps: Mapped[list["ApplicationStep"]] = has_many(
        "Application",
        "ApplicationStep",
        "application_id",
        order_by="ApplicationStep.position",
        viewonly=True,
    )
    answers: Mapped[list["Answer"]] = has_many(
        "Application", "Answer", "application_id", viewonly=True
    )

    @property
    def is_open(self) -> bool:
        """Whether it is in review, returned or approved: not over."""
        return self.state in OPEN_STATES

    @property
    def open_step(self) -> "ApplicationStep | None":
        """The step that waits for its decision."""
        return self.step_in_turn if self.state is ApplicationState.IN_REVIEW else None

    @property
    def step_in_turn(self) -> "ApplicationStep | None":
        """The step whose turn it is, also while the application is with its applicant."""
        return next((s for s in self.steps if s.state.value == "open"), None)
