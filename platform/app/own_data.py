"""What is held about a person, part by part, in one visible list, and how it goes. A package that begins to keep something about clients adds a line."""

import accounts.erase
import accounts.own_data
import booking.erase
import booking.own_data
import care.erase
import care.own_data
import desk.erase
import desk.own_data
import matching.erase
import matching.own_data
import payments.erase
import payments.own_data
import progress.erase
import progress.own_data

# `accounts.own_data` has the account itself.
PARTS: dict[str, accounts.own_data.Contributor] = {
    "places": care.own_data.places,
    "attendance": care.own_data.attendance,
    "therapists": care.own_data.therapists,
    "safety": care.own_data.safety,
    "intakes": matching.own_data.intakes,
    "shortlists": matching.own_data.shortlists,
    "questionnaires": progress.own_data.taken,
    "fit_checks": progress.own_data.fit_checks,
    "appointments": booking.own_data.appointments,
    "series": booking.own_data.series,
    "waitlists": booking.own_data.waitlists,
    "asked": booking.own_data.asked,
    "settings": booking.own_data.settings,
    "payments": payments.own_data.paid,
    "cards": payments.own_data.cards,
    "packs": payments.own_data.packs,
    "discounts": payments.own_data.codes,
    "gifts": payments.own_data.gifts,
    "cases": desk.own_data.cases,
    "calls": desk.own_data.calls,
}
OBSTACLES: tuple[accounts.erase.FindObstacle, ...] = (
    booking.erase.appointments_ahead,
    booking.erase.fee_owed,
    payments.erase.packs_left,
    payments.erase.money_moving,
    desk.erase.open_case_of,
)
ERASERS: tuple[accounts.erase.Eraser, ...] = (
    matching.erase.erase_answers,
    progress.erase.erase_results,
    booking.erase.erase_around_appointments,
    care.erase.erase_care,
    payments.erase.take_cards_away,
    payments.erase.erase_gift_words,
    desk.erase.erase_words,
)


def connect() -> None:
    for part, held in PARTS.items():
        accounts.own_data.contribute(part, held)
    for find in OBSTACLES:
        accounts.erase.before_erasing(find)
    for erase in ERASERS:
        accounts.erase.when_erasing(erase)
