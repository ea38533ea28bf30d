"""How an intake and the questionnaire look from outside."""

from datetime import datetime
from typing import Any

from accounts.consent import current_text
from care.nearby_help import crisis_help_for
from matching.answers import missing, options_of
from matching.danger import standing_gate
from matching.intake import IDLE, PURPOSE
from matching.models import Intake
from matching.questionnaire import FIRST_SCREENS, SCREENS
from taxonomy.vocabulary import vocabulary

Json = dict[str, Any]
LONG_LIST = 30


def intake_json(intake: Intake, *, now: datetime) -> Json:
    """Ready for `schemas.IntakeSchema`."""
    gate, held = standing_gate(intake), intake.answers or {}
    gaps = missing(held)
    return {
        "id": intake.public_id,
        "started_at": intake.started_at,
        "closes_at": intake.last_active_at + IDLE if intake.cookie_digest is not None else None,
        "belongs_to_account": intake.cookie_digest is None,
        "revision": intake.revision,
        "answers": held,
        "missing": list(gaps),
        "next_screen": _next_screen(gaps),
        "gate": {"outcome": gate.outcome.value, "ask": list(gate.ask)},
        "crisis_help": crisis_help_for(held.get("place"), on=now.date()) if gate.crisis_help else None,
    }


def questions_json() -> Json:
    """The questionnaire, with the version of the consent text that comes first."""
    return {"consent_text_version": current_text(PURPOSE).version, "screens": [_screen(screen) for screen in SCREENS]}


def _screen(screen: Any) -> Json:
    return {"name": screen.name, "title": screen.title, "refinement": screen.refinement, "fields": [_question(field) for field in screen.fields]}


def _question(field: Any) -> Json:
    options = options_of(field, vocabulary())
    is_long = len(options) > LONG_LIST
    plain = {name: getattr(field, name) for name in ("name", "kind", "label", "required", "most", "longest")}
    return plain | {"options": [] if is_long else list(options), "list": field.list_name}


def _next_screen(gaps: tuple[str, ...]) -> str | None:
    return next((screen.name for screen in FIRST_SCREENS for field in screen.fields if field.name in gaps), None)
