"""What a therapist's own pages show, as plain facts for their templates."""

from datetime import datetime
from typing import Any

from core.errors import DomainError
from core.forms import words_of_refusal
from taxonomy.vocabulary import vocabulary
from therapists import evidence, own_checks
from therapists.accepting import ASKED_EVERY, is_accepting
from therapists.agreement import Agreement
from therapists.check_evidence import own_check_evidence
from therapists.credential_states import AMENDABLE, LIVE, TRANSITIONS, Transition
from therapists.decision_letter import WHAT_TO_DO, WHY
from therapists.evidence import CLOSED_TO_UPLOADS, RELIED_ON
from therapists.executor import executor_of
from therapists.models import Credential, Therapist
from therapists.own_reading import own_reading
from therapists.profile import version_of
from therapists.publication import require_publishable
from therapists.required_checks import AGREEMENT
from therapists.sign_agreement import agreement_for

Facts = dict[str, Any]
STATES = {
    "unverified": "Not sent to us yet",
    "submitted": "Waits for a verifier",
    "in_review": "A verifier looks at it",
    "active": "Confirmed",
    "expiring": "Confirmed, and its date is near",
    "expired": "Its date has passed",
    "lapsed": "The register shows it as lapsed",
    "suspended": "The register shows it as suspended",
    "revoked": "The register does not list it any more",
    "rejected": "Not confirmed",
    "withdrawn": "Taken back",
}
CHECK_STATES = {
    "missing": "Missing",
    "failed": "Not passed",
    "expired": "Its date has passed",
    "overdue": "We are late with looking again",
    "ending": "Holds, and its date is near",
    "valid": "Holds",
}
CLOSES = {
    "everything": "Without it your profile shows nowhere and nobody can book you.",
    "supervised_entries": "Without it, entries that stand on supervision do not count.",
    "minors": "Without it nobody under 18 can book you.",
    "nothing": "Your present work does not need it.",
}


def overview(therapist: Therapist, *, now: datetime) -> Facts:
    """Whether the profile shows, what stands in the way, whether new clients are taken, and who acts if the therapist suddenly cannot."""
    missing = None
    try:
        require_publishable(therapist, now=now)
    except DomainError as refused:
        missing = _words(refused)
    return {
        "therapist": therapist,
        "reading": own_reading(therapist),
        "missing": missing,
        "accepting": is_accepting(therapist, now=now),
        "asked_again": therapist.accepting_said_at + ASKED_EVERY,
        "executor": executor_of(therapist.person_id),
    }


def _words(refused: DomainError) -> str:
    checks = refused.extra.get("checks", ()) if refused.extra else ()
    labels = ", ".join(vocabulary().checks.kinds[kind].label for kind in checks)
    return f"Still missing: {labels}." if labels else words_of_refusal(refused)


def credentials(therapist: Therapist) -> Facts:
    """Each claim with its state, its dates and what was sent in proof; and every register that a claim can name."""
    return {"therapist": therapist, "credentials": [_credential(each, therapist.person_id) for each in therapist.credentials], "countries": _claimable()}


def _credential(credential: Credential, person_id: int) -> Facts:
    register = vocabulary().registers.get(credential.register)
    title = register.credential_type(credential.credential_type) if register else None
    reason = credential.state_reason or ""
    return {
        "credential": credential,
        "body": register.label if register else credential.register,
        "title": title.label if title else "",
        "state": STATES[credential.state],
        "is_live": credential.state in LIVE,
        "why": WHY.get(reason, ""),
        "what_to_do": WHAT_TO_DO.get(reason, ""),
        "can_submit": Transition(credential.state, "submitted", "owner") in TRANSITIONS and credential.state not in (*LIVE, "in_review"),
        "can_withdraw": Transition(credential.state, "withdrawn", "owner") in TRANSITIONS,
        "can_amend": credential.state in AMENDABLE,
        "takes_files": credential.state not in CLOSED_TO_UPLOADS,
        "keeps_files": credential.state in RELIED_ON,
        "files": evidence.own_evidence(person_id, credential.public_id),
    }


def _claimable() -> dict[str, list[tuple[str, str]]]:
    """By country, ``register/title`` with its words."""
    found: dict[str, list[tuple[str, str]]] = {}
    for slug, register in sorted(vocabulary().registers.items(), key=lambda each: (each[1].country, each[1].label)):
        if register.kind == "not_a_verifier" or not register.is_open:
            continue
        titles = register.credential_types
        options = [(f"{slug}/{title.slug}", f"{register.label}: {title.label}") for title in titles] or [(f"{slug}/", register.label)]
        found.setdefault(register.country, []).extend(options)
    return found


def checks(therapist: Therapist, *, now: datetime) -> Facts:
    """Every required check, where it stands, what it closes, what was sent, and the agreement while it waits for a signature."""
    found = own_checks.own_checks(therapist, now=now)
    unsigned = any(each.kind.slug == AGREEMENT and each.state != "valid" for each in found)
    agreement: Agreement | None = agreement_for(therapist, now=now) if unsigned else None
    lines = [
        {
            "check": each,
            "state": CHECK_STATES[each.state],
            "closes": CLOSES[each.closes],
            "files": own_check_evidence(therapist.person_id, each.kind.slug) if each.kind.takes_proof else (),
        }
        for each in found
    ]
    return {"therapist": therapist, "checks": lines, "agreement": agreement}


def profile(therapist: Therapist) -> Facts:
    """The texts as they show, what waits to be read, and what the last reader asked to change."""
    return {"therapist": therapist, "reading": own_reading(therapist), "version": version_of(therapist), "places": vocabulary().jurisdictions}
