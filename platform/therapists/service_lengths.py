"""Several lengths of one service, each with its own price; the service's own length is the default one. Dates between which it can be booked."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.money import Money
from therapists.closed import Errors
from therapists.models import Service
from therapists.schedule_models import ServiceLength
from therapists.statements import replace_rows

MOST_LENGTHS = 6
CONSULTATION_MINUTES = range(10, 31)


def as_lengths(service: Service) -> list[dict[str, Any]]:
    """The lengths beside the default one, as they were given."""
    return [{"minutes": row.minutes, "fee": Money(row.fee_amount, service.fee_currency)} for row in service.lengths]


def set_lengths(service: Service, lengths: Sequence[Mapping[str, Any]]) -> None:
    """All of them, checked before."""
    replace_rows(service.lengths, [ServiceLength(service_id=service.id, minutes=each["minutes"], fee_amount=each["fee"].amount) for each in lengths])


def length_errors(service: Service, lengths: Sequence[Mapping[str, Any]]) -> Errors:
    """What is wrong with lengths and dates, by field."""
    errors: Errors = {}
    seen = {service.minutes}
    for index, each in enumerate(lengths):
        if each["minutes"] in seen:
            errors[f"lengths.{index}.minutes"] = ["Given twice, or the usual length already."]
        if each["fee"].currency != service.fee_currency:
            errors[f"lengths.{index}.fee"] = ["In the same currency as the fee."]
        if service.kind == "consultation" and (each["fee"].amount or each["minutes"] not in CONSULTATION_MINUTES):
            errors[f"lengths.{index}"] = ["A consultation is free and lasts 10 to 30 minutes."]
        seen.add(each["minutes"])
    if service.bookable_from and service.bookable_until and service.bookable_until < service.bookable_from:
        errors["bookable_until"] = ["Not before the first date."]
    return errors
