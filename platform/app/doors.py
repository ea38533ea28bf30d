"""What is plugged into the application, in one visible list each: the API, the pages, and the modules with jobs."""

import accounts.jobs
import accounts.own_data_page
import accounts.pages
import accounts.routes
import accounts.sign_in_page
import accounts.sign_up_page
import app.health
import app.pages
import booking.after.at_desk.pages
import booking.after.pages
import booking.after.routes
import booking.appointments.pages
import booking.calendar.pages
import booking.calendar.routes
import booking.carts.pages
import booking.carts.routes
import booking.choosing.pages
import booking.disruption.away.pages
import booking.disruption.pages
import booking.disruption.routes
import booking.earnings.pages
import booking.fee_changes.announce
import booking.fee_changes.answer
import booking.fee_changes.pages
import booking.fee_changes.routes
import booking.for_others.pages
import booking.hold_routes
import booking.jobs
import booking.online.pages
import booking.online.routes
import booking.openings.routes
import booking.outside.pages
import booking.outside.routes
import booking.packs.pages
import booking.packs.routes
import booking.pages
import booking.paying.charge_jobs
import booking.paying.pages
import booking.paying.routes
import booking.practice.appointment.pages
import booking.practice.pages
import booking.prices.pages
import booking.proposals.pages
import booking.proposals.routes
import booking.reminders.pages
import booking.reminders.routes
import booking.routes
import booking.series.pages
import booking.series.routes
import booking.waitlist.own.pages
import booking.waitlist.pages
import booking.waitlist.routes
import booking.week_routes
import booking.why_not.pages
import care.after_leaving
import care.invitation_routes
import care.invite
import care.pages
import care.passing_over_routes
import care.routes
import care.safety_pages.pages
import desk.call_backs.jobs
import desk.call_backs.pages
import desk.call_backs.routes
import desk.case_pages.pages
import desk.duty_pages.pages
import desk.jobs
import desk.routes
import desk.safety_routes
import matching.assisted.pages
import matching.assisted.routes
import matching.card_feedback.routes
import matching.directory_routes
import matching.expert_desk.desk_routes
import matching.expert_desk.pages
import matching.expert_desk.routes
import matching.finding.pages
import matching.finding.screens.pages
import matching.finding.taking.pages
import matching.guide_pages.pages
import matching.jobs
import matching.own_safety.pages
import matching.own_safety.routes
import matching.pages
import matching.rematch.pages
import matching.rematch.routes
import matching.routes
import matching.therapist_pages.pages
import notices.deliver
import notices.pages
import payments.cards.forget_calls
import payments.cards.pages
import payments.cards.routes
import payments.codes.routes
import payments.collection.routes
import payments.gifts.pages
import payments.gifts.routes
import payments.inbox.catch_up_calls
import payments.inbox.routes
import payments.jobs
import payments.ledger.routes
import payments.pages
import payments.payouts.jobs
import payments.payouts.routes
import payments.receipts.pages
import payments.receipts.routes
import payments.reconciler.jobs
import payments.reconciler.pages
import payments.reconciler.routes
import payments.refunds.pages
import payments.routes
import progress.fit_check.ask
import progress.fit_check.pages
import progress.fit_check.routes
import progress.pages
import progress.results.pages
import progress.results.routes
import taxonomy.routes
import therapists.evidence_jobs
import therapists.jobs
import therapists.leaving_jobs
import therapists.lookup_jobs
import therapists.pages
import therapists.practice_pages.about_me.pages
import therapists.practice_pages.hours.pages
import therapists.practice_pages.pages
import therapists.practice_pages.services.pages
import therapists.practice_pages.statements.pages
import therapists.routes
import therapists.verifier_pages.pages

API = (
    *accounts.routes.blueprints,
    taxonomy.routes.blueprint,
    *therapists.routes.blueprints,
    payments.collection.routes.blueprint,
    *care.routes.blueprints,
    *care.invitation_routes.blueprints,
    care.passing_over_routes.blueprint,
    *desk.routes.blueprints,
    *payments.routes.blueprints,
    payments.payouts.routes.blueprint,
    *payments.codes.routes.blueprints,
    *payments.gifts.routes.blueprints,
    payments.cards.routes.blueprint,
    *payments.ledger.routes.blueprints,
    *payments.reconciler.routes.blueprints,
    *payments.receipts.routes.blueprints,
    desk.safety_routes.blueprint,
    desk.call_backs.routes.blueprint,
    matching.directory_routes.blueprint,
    matching.routes.blueprint,
    matching.own_safety.routes.blueprint,
    matching.rematch.routes.blueprint,
    matching.card_feedback.routes.blueprint,
    matching.assisted.routes.blueprint,
    matching.expert_desk.routes.blueprint,
    matching.expert_desk.desk_routes.blueprint,
    *booking.openings.routes.blueprints,
    *booking.routes.blueprints,
    *booking.series.routes.blueprints,
    *booking.proposals.routes.blueprints,
    booking.hold_routes.holds,
    booking.paying.routes.blueprint,
    booking.carts.routes.blueprint,
    *booking.packs.routes.blueprints,
    *booking.fee_changes.routes.blueprints,
    booking.online.routes.blueprint,
    booking.after.routes.staff_bookings,
    *booking.outside.routes.blueprints,
    booking.calendar.routes.feeds,
    booking.reminders.routes.reminders,
    *booking.waitlist.routes.blueprints,
    *booking.disruption.routes.blueprints,
    booking.week_routes.blueprint,
    *progress.fit_check.routes.blueprints,
    *progress.results.routes.blueprints,
)
PAGES = (
    app.pages.blueprint,
    app.health.blueprint,
    notices.pages.blueprint,
    accounts.pages.blueprint,
    accounts.own_data_page.blueprint,
    accounts.sign_in_page.blueprint,
    accounts.sign_up_page.blueprint,
    matching.pages.blueprint,
    matching.finding.screens.pages.blueprint,
    matching.finding.pages.blueprint,
    matching.finding.taking.pages.blueprint,
    matching.therapist_pages.pages.blueprint,
    matching.own_safety.pages.blueprint,
    matching.rematch.pages.blueprint,
    matching.expert_desk.pages.blueprint,
    matching.assisted.pages.blueprint,
    matching.guide_pages.pages.blueprint,
    desk.call_backs.pages.blueprint,
    desk.case_pages.pages.blueprint,
    desk.duty_pages.pages.blueprint,
    care.safety_pages.pages.blueprint,
    therapists.pages.blueprint,
    therapists.verifier_pages.pages.blueprint,
    therapists.practice_pages.pages.blueprint,
    therapists.practice_pages.hours.pages.blueprint,
    therapists.practice_pages.services.pages.blueprint,
    therapists.practice_pages.statements.pages.blueprint,
    therapists.practice_pages.about_me.pages.blueprint,
    care.pages.blueprint,
    payments.pages.blueprint,
    payments.cards.pages.blueprint,
    payments.reconciler.pages.blueprint,
    payments.refunds.pages.blueprint,
    payments.receipts.pages.blueprint,
    payments.gifts.pages.blueprint,
    payments.inbox.routes.blueprint,
    booking.pages.blueprint,
    booking.appointments.pages.blueprint,
    booking.after.pages.blueprint,
    booking.after.at_desk.pages.blueprint,
    booking.for_others.pages.blueprint,
    booking.earnings.pages.blueprint,
    booking.prices.pages.blueprint,
    booking.practice.pages.blueprint,
    booking.practice.appointment.pages.blueprint,
    booking.choosing.pages.blueprint,
    booking.series.pages.blueprint,
    booking.proposals.pages.blueprint,
    booking.why_not.pages.blueprint,
    booking.outside.pages.blueprint,
    booking.calendar.pages.blueprint,
    booking.paying.pages.blueprint,
    booking.packs.pages.blueprint,
    booking.carts.pages.blueprint,
    booking.fee_changes.pages.blueprint,
    booking.waitlist.pages.blueprint,
    booking.waitlist.own.pages.blueprint,
    booking.disruption.pages.blueprint,
    booking.disruption.away.pages.blueprint,
    booking.online.pages.blueprint,
    booking.reminders.pages.blueprint,
    progress.fit_check.pages.blueprint,
    progress.results.pages.blueprint,
    progress.pages.blueprint,
)
# A module with jobs makes them known to the worker by being imported; a package without one here has none.
JOBS = (
    accounts.jobs,
    care.after_leaving,
    care.invite,
    booking.jobs,
    booking.fee_changes.announce,
    booking.fee_changes.answer,
    booking.paying.charge_jobs,
    desk.call_backs.jobs,
    desk.jobs,
    matching.jobs,
    notices.deliver,
    payments.jobs,
    payments.inbox.catch_up_calls,
    payments.cards.forget_calls,
    payments.payouts.jobs,
    payments.reconciler.jobs,
    progress.fit_check.ask,
    therapists.jobs,
    therapists.evidence_jobs,
    therapists.leaving_jobs,
    therapists.lookup_jobs,
)
