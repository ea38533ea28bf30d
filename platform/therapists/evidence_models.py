"""Files that therapists send in proof of a credential or a required check.

The row stays when the file goes: what was seen can be told, the document is not kept longer.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasPublicId

MEDIA_TYPES = ("application/pdf", "image/jpeg", "image/png")
SCANS = ("clean", "not_scanned")
REMOVALS = ("by_owner", "credential_ended", "retention_over")


class EvidenceFile(Base, HasPublicId):
    """`sha256` and `size` are of the bytes that are kept and read (a picture is made anew first). `scan` says honestly whether a scanner has looked."""

    __tablename__ = "evidence_files"
    __table_args__ = (
        CheckConstraint("media_type IN ({})".format(", ".join(f"'{each}'" for each in MEDIA_TYPES)), name="media_type_is_known"),
        CheckConstraint("scan IN ({})".format(", ".join(f"'{each}'" for each in SCANS)), name="scan_is_known"),
        CheckConstraint("(removed_at IS NULL) = (removed_reason IS NULL)", name="removal_has_a_reason"),
        CheckConstraint("(credential_id IS NULL) <> (check_id IS NULL)", name="proves_one_thing"),
        Index(None, "credential_id"),
        Index(None, "check_id"),
        Index("uq_evidence_files_kept_once", "credential_id", "sha256", unique=True, postgresql_where=text("removed_at IS NULL")),
        Index("uq_evidence_files_check_kept_once", "check_id", "sha256", unique=True, postgresql_where=text("removed_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    credential_id: Mapped[int | None] = mapped_column(ForeignKey("credentials.id"))
    check_id: Mapped[int | None] = mapped_column(ForeignKey("practice_checks.id"))
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    uploaded_at: Mapped[datetime]
    media_type: Mapped[str]
    size: Mapped[int]  # bytes
    sha256: Mapped[bytes]
    scan: Mapped[str]
    removed_at: Mapped[datetime | None]
    removed_reason: Mapped[str | None]  # a code
