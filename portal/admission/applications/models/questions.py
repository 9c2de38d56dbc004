"""What a chamber asks of applicants beside the form.

Attestations, further questions, papers, referees; and the answers.
"""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.files.models import StoredFile
from portal.foundation.database import JSON, Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.members.membership.models import Grade
from portal.tenancy.models import ChamberOwned, belongs_to, owned_key


class QuestionKind(Labelled):
    """How a question is answered."""

    ATTESTATION = "attestation", N_("to be attested")
    TEXT = "text", N_("a line of text")
    PARAGRAPH = "paragraph", N_("several lines of text")
    CHOICE = "choice", N_("one of several answers")
    PAPER = "paper", N_("a paper to upload")
    REFEREE = "referee", N_("a member who recommends (referee)")


class Question(ChamberOwned, Base):
    """A question of the chamber, for every grade or for one. Its words never change.

    A new wording is a new question.
    """

    __tablename__ = "question"

    kind: Mapped[QuestionKind] = mapped_column(choice(QuestionKind, "kind"))
    title_zh: Mapped[str] = mapped_column(sa.String(200))
    title_en: Mapped[str] = mapped_column(sa.String(300))
    help_zh: Mapped[str] = mapped_column(sa.String(300), default="")
    help_en: Mapped[str] = mapped_column(sa.String(300), default="")
    choices: Mapped[list[str]] = mapped_column(JSON, default=list)
    required: Mapped[bool]
    grade_id: Mapped[uuid.UUID | None]
    position: Mapped[int]
    retired_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    __table_args__ = (
        owned_key("grade_id", "grade"),
        sa.CheckConstraint("title_zh <> ''", name="has_words"),
    )
    grade: Mapped[Grade | None] = belongs_to("Question", "grade_id", "Grade", viewonly=True)

    @property
    def field(self) -> str:
        """The name under which forms, corrections and versions know it."""
        return f"q{self.id.hex}"


class Answer(ChamberOwned, Base):
    """What an applicant answered; earlier answers stand in the versions.

    A paper's answer is its file, an attestation's “yes”.
    """

    __tablename__ = "answer"

    application_id: Mapped[uuid.UUID]
    question_id: Mapped[uuid.UUID]
    words: Mapped[str] = mapped_column(sa.String(2_000), default="")
    file_id: Mapped[uuid.UUID | None]
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "application_id", "question_id"),
        owned_key("application_id", "application"),
        owned_key("question_id", "question"),
        owned_key("file_id", "stored_file"),
    )
    question: Mapped[Question] = belongs_to("Answer", "question_id", "Question", viewonly=True)
    file: Mapped[StoredFile | None] = belongs_to("Answer", "file_id", "StoredFile", viewonly=True)
