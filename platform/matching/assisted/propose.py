"""A guide suggests: one to five of those who are on the list now, each with reasons. The person hears of it by mail where we have an address."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.address import normal_address
from accounts.people import recipient_of
from core import audit
from core.db import db
from core.errors import Invalid
from desk.cases import add_step
from desk.forget_facts import ASKED
from matching.assisted.look import KINDS, Looked, look
from matching.assisted.models import AssistedShortlist
from matching.assisted.reasons import promise_in
from matching.reopen import LIFETIME, link_back
from matching.reopen import PAGE as COME_BACK
from matching.weights import WEIGHTS
from notices.outbox import send
from notices.recipient import Recipient
from taxonomy.vocabulary import vocabulary

Json = dict[str, Any]
PAGE = "suggested"


def propose(case_id: uuid.UUID, cards: Sequence[Json], *, by: int, now: datetime) -> AssistedShortlist:
    """Keep the suggestion; it takes the place of an older one. `cards` as `schemas.SuggestedListSchema` has read them.

    Invalid by field for somebody who is not on the list now, who comes twice, or a note that promises something. Otherwise refuses as `look.look`.
    """
    found = look(case_id, by=by, now=now)
    _refuse_wrong(cards, set(found.view.of({str(each["therapist_id"]) for each in cards})))
    assisted = AssistedShortlist(
        public_id=uuid.uuid4(),
        intake_id=found.intake.id,
        proposed_by=by,
        proposed_at=now,
        revision=found.intake.revision,
        weights_version=WEIGHTS.version,
        taxonomy_version=vocabulary().version,
    )
    assisted.proposed = [{"key": str(each["therapist_id"]), "reasons": list(each["reasons"]), "note": each.get("note")} for each in cards]
    db.session.add(assisted)
    db.session.flush()
    if found.case.state != "closed":
        add_step(case_id, action="suggested", by=by, kinds=KINDS, now=now)
    audit.record("matching.assisted_proposed", subject=("intake", found.intake.public_id), actor=by, count=len(cards))
    _tell(found, assisted, now=now)
    return assisted


def _refuse_wrong(cards: Sequence[Json], listed: set[str]) -> None:
    errors: dict[str, list[str]] = {}
    seen: set[str] = set()
    for number, card in enumerate(cards):
        key = str(card["therapist_id"])
        if key not in listed:
            errors[f"cards.{number}.therapist_id"] = ["Not on the list for this person now."]
        elif key in seen:
            errors[f"cards.{number}.therapist_id"] = ["Suggested twice."]
        seen.add(key)
        if card.get("note") and (promise := promise_in(card["note"])) is not None:
            errors[f"cards.{number}.note"] = [f"Promise nothing: {promise!r}."]
    if errors:
        raise Invalid(errors=errors)


def _tell(found: Looked, assisted: AssistedShortlist, *, now: datetime) -> None:
    """Whoever has an account reads of it there. A guest who left an address gets a link for one use to where their answers are, without which they would not
    find back; without an address they see it when they come back themselves.
    """
    intake, once = found.intake, f"assisted:{assisted.public_id}"
    if (to := recipient_of(intake.person_id)) is not None:
        send(to, kind="matching.assisted", template="matching/suggested", facts={"page": PAGE}, once=once, now=now, person_id=intake.person_id)
    elif intake.cookie_digest is not None and (address := _address_of(found)) is not None:
        facts = {"page": COME_BACK, "token": link_back(intake, now=now), "days": LIFETIME.days, "then": PAGE}
        send(Recipient(address, "en", "UTC"), kind="matching.assisted", template="matching/suggested_guest", facts=facts, once=once, now=now)


def _address_of(found: Looked) -> str | None:
    """Where links to these answers may go, else where they asked to be answered by mail and said that a message may be left."""
    if found.intake.return_to is not None:
        return str(found.intake.return_to["address"])
    wish = (found.case.facts or {}).get(ASKED) or {}
    return normal_address(str(wish["contact"])) if wish.get("reach_by") == "mail" and wish.get("message_is_safe") else None
