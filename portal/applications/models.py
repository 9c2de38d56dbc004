"""Applications to join, the chamber's review chain, and the documents an applicant has to read."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.models import Department
from portal.billing.models import Invoice
from portal.enterprises.models import EnterpriseKind
from portal.files.models import StoredFile
from portal.foundation.database import Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.membership.models import Grade
from portal.tenancy.fences import append_only
from portal.tenancy.models import ChamberOwned, belongs_to, has_many, owned_key


class ApplicationState(Labelled):
    """An application's way (入会申请)."""

    DRAFT = "draft", N_("not yet confirmed")
    IN_REVIEW = "in_review", N_("in review")
    AWAITING_DUES = "awaiting_dues", N_("approved, awaiting dues")
    ADMITTED = "admitted", N_("admitted")
    REJECTED = "rejected", N_("rejected")


APPLICATION_MOVES: dict[ApplicationState, frozenset[ApplicationState]] = {
    ApplicationState.DRAFT: frozenset({ApplicationState.IN_REVIEW}),
    ApplicationState.IN_REVIEW: frozenset({ApplicationState.AWAITING_DUES, ApplicationState.REJECTED}),
    ApplicationState.AWAITING_DUES: frozenset({ApplicationState.ADMITTED}),
    ApplicationState.ADMITTED: frozenset(),
    ApplicationState.REJECTED: frozenset(),
}


class Application(ChamberOwned, Base):
    """An enterprise's request to join. A draft reserves nothing; the enterprise's record is made at submission.

    `word_hash` is the SHA-256 of the word in the applicant's mailed link; `form_key` makes a doubled form one application.
    """

    __tablename__ = "application"

    form_key: Mapped[uuid.UUID]
    word_hash: Mapped[str] = mapped_column(sa.String(64))
    state: Mapped[ApplicationState] = mapped_column(choice(ApplicationState, "state"), default=ApplicationState.DRAFT)
    number: Mapped[str | None] = mapped_column(sa.String(20))
    language: Mapped[str] = mapped_column(sa.String(5), default="zh")
    uscc: Mapped[str] = mapped_column(sa.String(18))
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
        sa.CheckConstraint("state = 'draft' OR (number IS NOT NULL AND enterprise_id IS NOT NULL)", name="submitted_is_numbered"),
        sa.CheckConstraint("state NOT IN ('awaiting_dues', 'admitted') OR invoice_id IS NOT NULL", name="approved_is_invoiced"),
        sa.Index("ix_application_queue", "chamber_id", "state", "submitted_at"),
        sa.Index("ix_application_invoice", "chamber_id", "invoice_id"),
    )
    grade: Mapped[Grade] = belongs_to("Application", "grade_id", "Grade", viewonly=True)
    licence: Mapped[StoredFile | None] = belongs_to("Application", "licence_file_id", "StoredFile", viewonly=True)
    invoice: Mapped[Invoice | None] = belongs_to("Application", "invoice_id", "Invoice", viewonly=True)
    steps: Mapped[list["ApplicationStep"]] = has_many("Application", "ApplicationStep", "application_id", order_by="ApplicationStep.position", viewonly=True)

    @property
    def open_step(self) -> "ApplicationStep | None":
        """The step that waits for its decision."""
        return next((s for s in self.steps if s.state is StepState.OPEN), None) if self.state is ApplicationState.IN_REVIEW else None


class StepKind(Labelled):
    """Who decides a step."""

    DEPARTMENT = "department", N_("department")
    COUNCIL = "council", N_("council")


class MajorityBase(Labelled):
    """Of whom the majority is counted."""

    PRESENT = "present", N_("of those present")
    ENTITLED = "entitled", N_("of all entitled")


class ReviewRule:
    """What a step needs: a department, or a council with its quorum and majority as fractions (以上 includes the figure; `strict` excludes it)."""

    position: Mapped[int]
    kind: Mapped[StepKind] = mapped_column(choice(StepKind, "kind"))
    name_zh: Mapped[str] = mapped_column(sa.String(60))
    name_en: Mapped[str] = mapped_column(sa.String(80))
    department_id: Mapped[uuid.UUID | None]
    quorum_num: Mapped[int] = mapped_column(default=2)
    quorum_den: Mapped[int] = mapped_column(default=3)
    pass_num: Mapped[int] = mapped_column(default=2)
    pass_den: Mapped[int] = mapped_column(default=3)
    pass_base: Mapped[MajorityBase] = mapped_column(choice(MajorityBase, "pass_base"), default=MajorityBase.PRESENT)
    strict: Mapped[bool] = mapped_column(default=False)


class ChainStep(ReviewRule, ChamberOwned, Base):
    """A step of the chamber's review chain, copied to each application at submission."""

    __tablename__ = "chain_step"
    __table_args__ = (sa.UniqueConstraint("chamber_id", "position"), owned_key("department_id", "department"))
    department: Mapped[Department | None] = belongs_to("ChainStep", "department_id", "Department", viewonly=True)


class StepState(Labelled):
    """Where a step of one application stands."""

    WAITING = "waiting", N_("not yet its turn")
    OPEN = "open", N_("waiting for the decision")
    PASSED = "passed", N_("approved")
    FAILED = "failed", N_("rejected")


STEP_MOVES: dict[StepState, frozenset[StepState]] = {
    StepState.WAITING: frozenset({StepState.OPEN}),
    StepState.OPEN: frozenset({StepState.PASSED, StepState.FAILED}),
    StepState.PASSED: frozenset(),
    StepState.FAILED: frozenset(),
}


class ApplicationStep(ReviewRule, ChamberOwned, Base):
    """One step of one application, as the chain was when it was submitted."""

    __tablename__ = "application_step"

    application_id: Mapped[uuid.UUID]
    state: Mapped[StepState] = mapped_column(choice(StepState, "state"), default=StepState.WAITING)
    opened_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "application_id", "position"),
        owned_key("application_id", "application"),
        owned_key("department_id", "department"),
        sa.Index("ix_application_step_queue", "chamber_id", "state", "opened_at"),
    )
    department: Mapped[Department | None] = belongs_to("ApplicationStep", "department_id", "Department", viewonly=True)
    decision: Mapped["StepDecision | None"] = has_many("ApplicationStep", "StepDecision", "step_id", uselist=False, viewonly=True)


@append_only
class StepDecision(ChamberOwned, Base):
    """Who decided a step, when, how and why; a council's with its meeting and counts."""

    __tablename__ = "step_decision"

    step_id: Mapped[uuid.UUID]
    approved: Mapped[bool]
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    person_id: Mapped[uuid.UUID | None]
    person_name: Mapped[str] = mapped_column(sa.String(120))
    post_id: Mapped[uuid.UUID | None]
    acting: Mapped[bool] = mapped_column(default=False)
    decided_at: Mapped[dt.datetime] = mapped_column(Instant)
    meeting_on: Mapped[dt.date | None]
    entitled: Mapped[int | None]
    present: Mapped[int | None]
    in_favour: Mapped[int | None]
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "step_id"),
        owned_key("step_id", "application_step"),
        owned_key("person_id", "person"),
        owned_key("post_id", "appointment"),
        sa.CheckConstraint("approved = true OR reason <> ''", name="rejection_has_reason"),
    )


class RequiredDocument(ChamberOwned, Base):
    """A version of a document that an applicant must have read, such as the charter (章程). A new version is a new row."""

    __tablename__ = "required_document"

    title_zh: Mapped[str] = mapped_column(sa.String(120))
    title_en: Mapped[str] = mapped_column(sa.String(160))
    version: Mapped[str] = mapped_column(sa.String(40))
    body: Mapped[str] = mapped_column(sa.Text)
    published_at: Mapped[dt.datetime] = mapped_column(Instant)
    retired_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    __table_args__ = (sa.UniqueConstraint("chamber_id", "title_zh", "version"),)


@append_only
class Acknowledgement(ChamberOwned, Base):
    """The applicant has read this version and accepts it."""

    __tablename__ = "acknowledgement"

    application_id: Mapped[uuid.UUID]
    document_id: Mapped[uuid.UUID]
    acknowledged_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "application_id", "document_id"),
        owned_key("application_id", "application"),
        owned_key("document_id", "required_document"),
    )


class ApplicationAction(Labelled):
    """Acts on applications and their settings, as the audit names them."""

    BEGUN = "application.begun", N_("Application begun")
    SUBMITTED = "application.submitted", N_("Application submitted")
    STEP_APPROVED = "application.step_approved", N_("Step approved")
    REJECTED = "application.rejected", N_("Application rejected")
    APPROVED = "application.approved", N_("Application approved")
    ADMITTED = "application.admitted", N_("Admitted")
    CHAIN_CHANGED = "chain.changed", N_("Review chain changed")
    DOCUMENT_PUBLISHED = "required_document.published", N_("Document published")
    DOCUMENT_RETIRED = "required_document.retired", N_("Document retired")
