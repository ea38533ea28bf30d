"""A service as a plain form: its terms as texts, and back into the body that the API takes."""

from collections.abc import Mapping
from typing import Any

from core.errors import Invalid
from core.forms import whole_number
from core.money import Money, of_units
from therapists.models import Service
from therapists.representations import OwnServiceSchema, service_json
from therapists.schemas import ServiceTermsSchema

Body = dict[str, Any]
MINUTES_OF = {"minutes": 1, "hours": 60, "days": 1440}
LENGTHS, CONCESSIONS = 6, 5
NUMBERS = (
    "minutes",
    "buffer_before",
    "buffer_after",
    "window_days",
    "cancel_free_hours",
    "late_fee_percent",
    "moves_allowed",
    "move_until_hours",
    "series_most",
)
# Left empty they are taken away.
CAN_BE_NONE = (
    "step_minutes",
    "seats",
    "day_sessions",
    "day_minutes",
    "week_sessions",
    "week_minutes",
    "client_week_sessions",
    "client_gap_days",
    "bookable_from",
    "bookable_until",
    "place",
    "schedule",
)
DATES_AND_NAMES = ("bookable_from", "bookable_until", "place", "schedule")
CHOSEN = ("unit", "mode", "booking_mode", "align")
AMOUNT = "Write an amount such as 70 or 70.50, and choose its currency."
NEEDED = "Fill this in."


def usual_terms() -> Body:
    """What a service has whose therapist says nothing else, as the table of services knows it."""
    stated = {name: column.server_default.arg for name, column in Service.__table__.columns.items() if column.server_default is not None}
    texts = {name: getattr(arg, "text", arg) for name, arg in stated.items()}
    terms: Body = {name: int(text) if text.isdecimal() else text for name, text in texts.items() if name in ServiceTermsSchema().fields}
    return {**terms, "request_blocks": texts["request_blocks"] == "true", "kind": "session", "booking_mode": "request", "lengths": [], "concessions": []}


def terms_of(service: Service) -> Body:
    """What stands, as the API would take it. Needs all that `services.service_of` loads."""
    shown: Body = OwnServiceSchema().dump(service_json(service))
    known = (*ServiceTermsSchema().fields, "kind", "unit", "mode", "minutes", "fee", "booking_mode")
    return {name: value for name, value in shown.items() if name in known} | {"place": shown["place"] and shown["place"]["id"]}


def as_texts(terms: Mapping[str, Any]) -> dict[str, str]:
    """Terms as the fields of the form hold them."""
    texts = {name: "" if value is None else str(value) for name, value in terms.items() if not isinstance(value, list | dict | bool)}
    unit = next(unit for unit in ("days", "hours", "minutes") if terms["lead_minutes"] % MINUTES_OF[unit] == 0 and (terms["lead_minutes"] or unit == "hours"))
    texts |= {"lead_minutes": str(terms["lead_minutes"] // MINUTES_OF[unit]), "lead_unit": unit, "request_blocks": "yes" if terms["request_blocks"] else ""}
    if fee := terms.get("fee"):
        texts |= {"fee": _units(fee), "currency": fee["currency"]}
    for at, each in enumerate(terms["lengths"]):
        texts |= {f"lengths.{at}.minutes": str(each["minutes"]), f"lengths.{at}.fee": _units(each["fee"])}
    for at, each in enumerate(terms["concessions"]):
        texts |= {f"concessions.{at}.fee": _units(each["fee"]), **{f"concessions.{at}.{name}": each[name] for name in ("name", "rule", "evidence")}}
    return texts


def terms_filled_in(sent: Mapping[str, str]) -> tuple[Body, dict[str, str]]:
    """What was filled in, as the API takes it, and where in the form the rows of its lists stand. Invalid for what can be no amount, and for what is
    empty and cannot be.
    """
    errors: dict[str, list[str]] = {}
    body: Body = {name: _text(sent, name) for name in CHOSEN if _text(sent, name)}
    body |= {name: whole_number(_text(sent, name)) for name in (*NUMBERS, "lead_minutes") if _text(sent, name)}
    body |= {name: _or_none(sent, name) for name in CAN_BE_NONE}
    body["request_blocks"] = _text(sent, "request_blocks") == "yes"
    if isinstance(body.get("lead_minutes"), int):
        body["lead_minutes"] *= MINUTES_OF.get(_text(sent, "lead_unit"), 1)
    body["fee"] = _fee(sent, "fee", errors)
    places: dict[str, str] = {}
    body["lengths"] = [
        {"minutes": whole_number(_text(sent, f"lengths.{at}.minutes")), "fee": _fee(sent, f"lengths.{at}.fee", errors)}
        for at in _rows(sent, "lengths", LENGTHS, places)
    ]
    body["concessions"] = [
        {name: _text(sent, f"concessions.{at}.{name}") for name in ("name", "rule", "evidence")} | {"fee": _fee(sent, f"concessions.{at}.fee", errors)}
        for at in _rows(sent, "concessions", CONCESSIONS, places)
    ]
    errors |= {name: [NEEDED] for name in (*NUMBERS, "lead_minutes") if not _text(sent, name)}
    if errors:
        raise Invalid(errors=errors)
    return body, places


def _rows(sent: Mapping[str, str], name: str, most: int, places: dict[str, str]) -> list[int]:
    """The rows of a list in which something stands; an error about the n-th of them belongs to where it stands."""
    filled = [at for at in range(most) if any(_text(sent, f"{name}.{at}.{part}") for part in ("minutes", "name", "fee", "rule"))]
    for index, at in enumerate(filled):
        places[f"{name}.{index}"] = f"{name}.{at}.{'minutes' if name == 'lengths' else 'name'}"
        places |= {f"{name}.{index}.{part}": f"{name}.{at}.{part}" for part in ("minutes", "fee", "name", "rule", "evidence")}
    return filled


def _fee(sent: Mapping[str, str], name: str, errors: dict[str, list[str]]) -> Body:
    try:
        money = of_units(_text(sent, name), _text(sent, "currency"))
    except ValueError:
        errors[name] = [AMOUNT]
        return {}
    return {"amount": money.amount, "currency": money.currency}


def _units(fee: Mapping[str, Any]) -> str:
    return str(Money(fee["amount"], fee["currency"])).partition(" ")[2]


def _or_none(sent: Mapping[str, str], name: str) -> int | str | None:
    text = _text(sent, name)
    return None if not text else text if name in DATES_AND_NAMES else whole_number(text)


def _text(sent: Mapping[str, str], name: str) -> str:
    return sent.get(name, "").strip()
