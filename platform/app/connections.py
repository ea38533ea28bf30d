"""News that travels upward, and questions that are asked of whoever knows: who hears of what, in one visible list."""

import accounts.consent
import app.own_data
import booking.affected.after_leaving
import booking.affected.listed
import booking.after.at_desk.pages
import booking.after.late_fee
import booking.carts.heard
import booking.delivered
import booking.fee_changes.announce
import booking.freed
import booking.openings.watch_hours
import booking.own_records
import booking.paying.charge_fee
import booking.paying.charge_jobs
import booking.paying.described
import booking.paying.due
import booking.paying.earned
import booking.paying.give_back
import booking.paying.heard
import booking.paying.stands
import booking.waitlist.answer_offer
import care.after_leaving
import care.lifting
import care.nearby_help
import care.own_booking
import care.safety_question
import desk.call_backs.ask
import desk.call_backs.work
import desk.closing
import desk.leads
import matching.clear
import matching.own_booking
import matching.own_safety.hear_guest
import payments.collection.choose
import payments.gifts.heard
import payments.news
import payments.packs.heard
import payments.payouts.held_back
import payments.receipts.described
import payments.reconciler.decide
import payments.reconciler.stands
import payments.refunds.pages
import progress.fit_check.ask
import progress.forget
import therapists.collects
import therapists.delivered
import therapists.hours_changing
import therapists.leaving_news
import therapists.names
import therapists.own_records
import therapists.services
import therapists.undecided
from core import words


def connect() -> None:
    """All of it; connecting twice changes nothing."""
    words.when_words_arrive(care.safety_question.hear_caller)
    words.when_words_arrive(matching.own_safety.hear_guest.hear_guest)
    care.nearby_help.guests_are_known_by(matching.own_safety.hear_guest.guest_here)
    care.own_booking.before_own_booking(matching.own_booking.judge_own_booking)
    accounts.consent.when_withdrawn(matching.clear.forget_when_withdrawn)
    accounts.consent.when_withdrawn(progress.forget.forget_when_withdrawn)
    accounts.consent.when_withdrawn(desk.call_backs.ask.withdraw_without_consent)
    therapists.delivered.minutes_are_known_by(booking.delivered.minutes_delivered)
    therapists.leaving_news.when_leaving("announced", booking.affected.after_leaving.list_for_desk)
    therapists.leaving_news.when_leaving("told", care.after_leaving.write_of_leave)
    therapists.leaving_news.when_leaving("called_off", care.after_leaving.write_of_stay)
    therapists.leaving_news.when_leaving("called_off", booking.affected.after_leaving.keep_after_all)
    therapists.leaving_news.when_leaving("left", care.after_leaving.end_relations)
    therapists.leaving_news.when_leaving("left", booking.affected.after_leaving.call_off_the_rest)
    therapists.leaving_news.when_stopping("stopped", care.after_leaving.write_of_stop)
    therapists.leaving_news.when_stopping("stopped", booking.affected.after_leaving.bring_to_desk)
    therapists.leaving_news.when_stopping("lifted", care.after_leaving.write_of_lift)
    therapists.leaving_news.when_stopping("lifted", booking.affected.after_leaving.keep_when_lifted)
    app.own_data.connect()
    therapists.own_records.contribute("appointments", booking.own_records.appointments)
    therapists.own_records.contribute("disruptions", booking.own_records.disruptions)
    payments.news.when_paid((booking.paying.due.PURPOSE,), booking.paying.heard.hear_of_payment)
    therapists.services.before_fee_changes(booking.fee_changes.announce.require_notice)
    payments.news.when_paid((payments.packs.heard.PURPOSE,), payments.packs.heard.hear_of_payment)
    payments.news.when_paid((booking.carts.heard.PURPOSE,), booking.carts.heard.hear_of_payment)
    payments.news.when_paid((payments.gifts.heard.PURPOSE,), payments.gifts.heard.hear_of_payment)
    payments.news.when_paid(booking.paying.due.FEES, booking.paying.charge_fee.hear_of_fee)
    booking.after.late_fee.when_owed(booking.paying.charge_jobs.hear_owed)
    booking.freed.when_freed(booking.paying.give_back.hear_freed)
    # What stays once everything that goes back has been asked for is earned.
    booking.freed.when_freed(booking.paying.earned.hear_ended)
    payments.payouts.held_back.when_leaving(booking.paying.earned.what_holds_back)
    payments.receipts.described.when_describing(booking.paying.due.PURPOSE, booking.paying.described.describe_bookings)
    payments.receipts.described.when_naming_payees(therapists.names.names_of)
    payments.reconciler.stands.when_comparing(booking.paying.due.PURPOSE, booking.paying.stands.what_stays, booking.paying.stands.what_is_unpaid)
    payments.reconciler.stands.when_comparing(payments.packs.heard.PURPOSE, payments.packs.heard.what_stays)
    payments.reconciler.stands.when_comparing(payments.gifts.heard.PURPOSE, payments.gifts.heard.what_stays)
    for purpose in booking.paying.due.FEES:
        payments.reconciler.stands.when_comparing(purpose, booking.paying.stands.what_fees_stay)
        payments.receipts.described.when_describing(purpose, booking.paying.described.describe_fees)
    booking.freed.when_freed(booking.waitlist.answer_offer.hear_freed)
    booking.freed.when_freed(progress.fit_check.ask.hear_ended)
    payments.collection.choose.when_collection_changes(therapists.collects.note_collection)
    therapists.hours_changing.when_hours_change(booking.openings.watch_hours.watch_hours)
    desk.leads.lead_to("booking", f"/{booking.after.at_desk.pages.PAGE}/")
    desk.leads.lead_to("payment", f"/{payments.refunds.pages.PAGE}/")
    desk.closing.before_closing(booking.affected.listed.refuse_unresolved)
    desk.closing.before_closing(desk.call_backs.work.refuse_while_call_waits)
    desk.closing.before_closing(care.lifting.refuse_while_paused)
    desk.closing.before_closing(payments.reconciler.decide.refuse_undecided)
    desk.closing.before_closing(therapists.undecided.refuse_undecided)
