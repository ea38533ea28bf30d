"""One look at a register as a verifier writes it down, and what makes such a record complete."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.errors import Conflict, Invalid
from core.zones import local_date
from taxonomy.registers import normal_number
from taxonomy.vocabulary import vocabulary
from therapists.credential_states import DECISIONS, REASONS
from therapists.facts import zone_of
from therapists.models import Credential
from therapists.name_likeness import is_same_name
from therapists.standing import COUNTRY_WIDE

# A check may be entered this long after it was made (freshness of an initial verification).
RECORDED_WITHIN = timedelta(days=120)


class ClaimChanged(Conflict):
    code, detail = "claim_changed", "The claim is no longer the one you read. Read it again."


@dataclass(frozen=True)
class RegisterCheck:
    """What the verifier read in the register, and the decision. `expires_on` is the last day, `status_text` as the register words it.

    `claim_digest` names the claim that was read; `scope` is full (everything anew) or recheck (is the entry what it was).
    """

    register_address: str
    number: str
    status_text: str
    name_found: str
    decision: str
    reason: str
    expires_on: date | None = None
    jurisdictions: tuple[str, ...] = ()
    restricted: bool = False
    supervised: bool = False
    note: str = ""
    checked_at: datetime | None = None
    claim_digest: str = ""
    scope: str = "full"


def refuse_incomplete(credential: Credential, check: RegisterCheck, jurisdictions: list[str], now: datetime) -> None:
    """ClaimChanged when the claim is not the one that was read; Invalid when an active entry lacks what a badge stands on."""
    if check.claim_digest != credential.claim_digest:
        raise ClaimChanged
    register = vocabulary().registers[credential.register]
    errors: dict[str, list[str]] = {}
    if check.decision not in DECISIONS or check.reason not in REASONS[check.decision]:
        errors["reason"] = [f"One of: {', '.join(REASONS.get(check.decision, ()))}."]
    if check.checked_at is not None and not now - RECORDED_WITHIN <= check.checked_at <= now:
        errors["checked_at"] = [f"Within the last {RECORDED_WITHIN.days} days."]
    if any(code not in register.jurisdictions for code in jurisdictions):
        errors["jurisdictions"] = ["This register does not speak for all of these."]
    if check.decision == "active":
        errors |= _missing_for_active(credential, check, jurisdictions, now)
    if errors:
        raise Invalid(errors=errors)


def _missing_for_active(credential: Credential, check: RegisterCheck, jurisdictions: list[str], now: datetime) -> dict[str, list[str]]:
    register = vocabulary().registers[credential.register]
    errors: dict[str, list[str]] = {}
    if normal_number(check.number) != normal_number(credential.number):
        errors["number"] = ["Differs from the number that was claimed."]
    # An identifier runs for ever and licenses nobody.
    if not (register.kind == "identifier" and check.expires_on is None) and _is_over(check.expires_on, credential, now):
        errors["expires_on"] = ["An active entry needs a last day that is not over."]
    if register.accepted_for_practice and not jurisdictions:
        errors["jurisdictions"] = ["Say where the entry allows to practise."]
    if not is_same_name(credential.name_on_register, check.name_found) and not check.note:
        errors["note"] = ["The names differ: say what explains it. Somebody else will have to see it as well."]
    chosen = register.credential_type(credential.credential_type)
    if chosen is not None and chosen.practice == "supervised" and not check.supervised:
        errors["supervised"] = ["Holders of this title practise under supervision."]
    return errors


def _is_over(last_day: date | None, credential: Credential, now: datetime) -> bool:
    return last_day is None or last_day < local_date(zone_of(credential), int(now.timestamp()))


def expanded(codes: Sequence[str]) -> list[str]:
    """A country that registers cover whole stands for its parts."""
    return list(dict.fromkeys(each for code in codes for each in sorted(COUNTRY_WIDE.get(code, {code}))))
