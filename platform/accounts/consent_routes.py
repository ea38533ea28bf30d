"""The API of the consent ledger."""

from typing import Any

from accounts.consent import consent_texts, consents_of, current_text, give_consent, require_current_texts, withdraw_consent
from accounts.models import Consent
from accounts.schemas import ConsentGivenSchema, ConsentPage, ConsentSchema, ConsentTextPage
from core.access import allow, anyone, caller, signed_in
from core.clock import now
from core.http import Blueprint

blueprint = Blueprint("consents", __name__, url_prefix="/api/v1", description="What people agreed to")


@blueprint.get("/consent-texts")
@allow(anyone)
@blueprint.gives(200, ConsentTextPage)
def list_consent_texts() -> dict[str, Any]:
    """The text of each purpose that is shown today."""
    return {"items": [current_text(purpose) for purpose in consent_texts()], "next": None}


@blueprint.get("/consents")
@allow(signed_in)
@blueprint.gives(200, ConsentPage)
def list_consents() -> dict[str, Any]:
    """Everything I agreed to, also what has ended."""
    return {"items": consents_of(caller().require_person()), "next": None}


@blueprint.post("/consents")
@allow(signed_in)
@blueprint.takes(ConsentGivenSchema)
@blueprint.gives(201, ConsentSchema)
def create_consent(body: dict[str, Any]) -> Consent:
    """Agree to the current text of a purpose."""
    require_current_texts({body["purpose"]: body["text_version"]})
    return give_consent(caller().require_person(), **body, now=now())


@blueprint.delete("/consents/<purpose>")
@allow(signed_in)
@blueprint.gives(204)
def delete_consent(purpose: str) -> None:
    """Withdraw. Holds at once, and the row stays in the ledger with its end."""
    withdraw_consent(caller().require_person(), purpose, now=now())
