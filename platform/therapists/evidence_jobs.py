"""The end of evidence: files whose row says so, files that no decision needs any more, and files that never got a row."""

from datetime import datetime, timedelta

from sqlalchemy import select

from core import vault
from core.clock import now as now_of_transaction
from core.db import db
from core.jobs import periodic
from therapists.check_models import PracticeCheck
from therapists.evidence import mark_removed, remove_file
from therapists.evidence_models import EvidenceFile
from therapists.models import Credential

# Time to appeal; after it the proof of a claim that came to nothing is nobody's business.
KEPT_AFTER_ENDING = timedelta(days=90)
ENDED = frozenset({"withdrawn", "rejected", "unverified"})
# A full verification is repeated at least every 36 months, with evidence of its own.
KEPT_AT_MOST = timedelta(days=3 * 365 + 90)
WITHOUT_A_ROW = timedelta(days=1)


@periodic("17 3 * * *", "therapists.sweep_evidence")
def sweep_evidence() -> None:
    """Once a day: what need not be kept any longer goes, and what lies in the folder without a living row."""
    now = now_of_transaction()
    old = select(EvidenceFile, Credential.state).join(Credential, Credential.id == EvidenceFile.credential_id)
    old = old.where(EvidenceFile.removed_at.is_(None), EvidenceFile.uploaded_at < now - KEPT_AFTER_ENDING).order_by(EvidenceFile.id)
    for row, state in db.session.execute(old).all():
        if state in ENDED:
            mark_removed(row, "credential_ended", by=None, now=now)
        elif row.uploaded_at < now - KEPT_AT_MOST:
            mark_removed(row, "retention_over", by=None, now=now)
    _sweep_checks(now)
    for public_id in vault.kept_before(now - WITHOUT_A_ROW):
        known = db.session.scalars(select(EvidenceFile).where(EvidenceFile.public_id == public_id)).one_or_none()
        if known is None:
            vault.remove(public_id)
        elif known.removed_at is not None:
            remove_file.enqueue(evidence_id=known.id)


def _sweep_checks(now: datetime) -> None:
    """Proof of a check that was looked at is needed no longer once there was time to object; what nobody looked at goes in the end as well."""
    old = select(EvidenceFile, PracticeCheck).join(PracticeCheck, PracticeCheck.id == EvidenceFile.check_id)
    old = old.where(EvidenceFile.removed_at.is_(None), EvidenceFile.uploaded_at < now - KEPT_AFTER_ENDING).order_by(EvidenceFile.id)
    for row, check in db.session.execute(old).all():
        looked_at = check.checked_at is not None and row.uploaded_at <= check.checked_at < now - KEPT_AFTER_ENDING
        if looked_at or row.uploaded_at < now - KEPT_AT_MOST:
            mark_removed(row, "retention_over", by=None, now=now)
