"""What a therapist is told when somebody has decided about a credential of theirs: what, why, and what to do. Monthly looks that change nothing are silent."""

from datetime import datetime

from accounts.people import recipient_of
from notices.outbox import send
from taxonomy.vocabulary import vocabulary
from therapists.credential_states import LIVE
from therapists.models import Credential, VerificationRecord

WHY = {
    "not_found": "The register shows no such entry.",
    "name_differs": "The register shows another name under this number.",
    "number_differs": "The register shows another number.",
    "not_practising": "The register shows an entry that is not for practice.",
    "evidence_missing": "What you sent does not show it.",
    "not_accepted_for_practice": "It does not allow anybody to practise.",
    "register_says_suspended": "The register shows it as suspended.",
    "under_investigation": "The register says that it is being looked into.",
    "sanctioned": "The register shows a sanction.",
    "register_says_lapsed": "The register shows it as lapsed.",
    "not_renewed": "The register shows no renewal.",
    "expired": "The register shows a last day that is over.",
    "register_says_removed": "The register does not list it any more.",
}
CORRECT = "Please correct number and name in your profile as the register prints them, and submit it again."
WHAT_TO_DO = {
    "not_found": CORRECT,
    "name_differs": "If your name has changed, please send proof of it and submit the claim again. Otherwise correct the name as the register prints it.",
    "number_differs": CORRECT,
    "not_practising": "Once the register shows an entry for practice, please submit it again.",
    "evidence_missing": "Please send a document that shows it, and submit it again.",
    "not_accepted_for_practice": "Please add the entry in a register that allows you to practise, if you have one.",
}
OF_DECISION = {
    "suspended": "Once the register shows it as before, please submit it again.",
    "lapsed": "Once it has been renewed there, please submit it again.",
    "revoked": "If the register has made a mistake, please have it corrected there, and submit it again.",
}


def tell_decision(credential: Credential, record: VerificationRecord, *, before: str, now: datetime) -> None:
    """Write to the therapist, whose profile is loaded. Nothing is sent when a live credential stays live."""
    recipient = recipient_of(credential.therapist_id)
    if recipient is None or (record.decision == "active" and before in LIVE):
        return
    register = vocabulary().registers.get(credential.register)
    facts = {
        "name": credential.therapist.display_name,
        "body": register.label if register else credential.register,
        "decision": record.decision,
        "reason": WHY.get(record.reason, ""),
        "what_to_do": OF_DECISION.get(record.decision) or WHAT_TO_DO.get(record.reason, ""),
    }
    once = f"credential-decided:{record.id}"
    send(recipient, kind="credential_decided", template="therapists/credential_decided", facts=facts, once=once, now=now, person_id=credential.therapist_id)
