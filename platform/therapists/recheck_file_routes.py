"""The list of looks to take along to one register, as a file."""

from typing import Any

from marshmallow import fields, validate

from core import audit
from core.access import allow, caller, role
from core.clock import now
from core.csv_file import csv_file
from core.errors import Invalid
from core.http import Blueprint, Schema, as_text, attachment
from taxonomy.vocabulary import vocabulary
from therapists import rechecks
from therapists.expiry import look_due_at
from therapists.models import Credential

blueprint = Blueprint("verification_files", __name__, url_prefix="/api/v1/verification/rechecks", description="Lists of looks as files")
CSV = "text/csv; charset=utf-8"
COLUMNS = ("credential_id", "number", "name_on_register", "status_text", "expires_on", "checked_at", "due_at")


class FileOfRegisterQuery(Schema):
    register = fields.String(required=True, validate=validate.Length(1, 80))


@blueprint.get("/file")
@allow(role("verifier"), records_reads=True)
@blueprint.takes(FileOfRegisterQuery, location="query")
@blueprint.gives_file(200, CSV)
def export_rechecks(query: dict[str, Any]) -> Any:
    """The list of one register for a spreadsheet (CSV, UTF-8). That it was taken along is recorded."""
    register = vocabulary().registers.get(query["register"])
    if register is None:
        raise Invalid(errors={"register": ["Not a word of our vocabulary; see /api/v1/taxonomy."]})
    by = caller().require_person()
    found = rechecks.due_looks(register.slug, by=by, now=now())
    audit.record("therapists.rechecks_taken", subject=("register", register.slug), actor=by, lines=len(found))
    return attachment(csv_file(COLUMNS, [_line(credential) for credential in found]), f"looks-{register.slug}.csv", content_type=CSV)


def _line(credential: Credential) -> list[str]:
    assert credential.checked_at is not None, "the list holds what was looked at"
    last = rechecks.last_effective(credential)
    return [
        str(credential.public_id),
        credential.number,
        credential.name_on_register,
        last.status_text if last else "",
        credential.expires_on.isoformat() if credential.expires_on else "",
        as_text(credential.checked_at),
        as_text(look_due_at(credential.checked_at)),
    ]
