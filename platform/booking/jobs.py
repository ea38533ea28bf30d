"""The jobs of booking, so that one import makes all of them known to the worker."""

from booking.after_leaving import call_off, follow_end, follow_leave, follow_stop
from booking.called_off import close_session, forget_arrivals, recheck_before_start
from booking.carry_out import carry_out, carry_out_all, end_disrupted, sweep_disrupted
from booking.disruption_messages import bring_to_desk, tell_of_disruption
from booking.drift import follow_clocks, look_for_drift
from booking.expire import chase, expire, sweep_lapsed
from booking.letters import tell, tell_of_clash
from booking.outcome import settle, sweep_over
from booking.outside_jobs import refresh_due, refresh_outside
from booking.proposal_letters import end_proposal
from booking.reminders import remind
from booking.series_letters import tell_series, tell_shortened
from booking.still_looking import ask_waiting
from booking.waitlist_jobs import offer_openings, sweep_waitlists

__all__ = [
    "ask_waiting",
    "bring_to_desk",
    "call_off",
    "carry_out",
    "carry_out_all",
    "chase",
    "close_session",
    "end_disrupted",
    "end_proposal",
    "expire",
    "follow_clocks",
    "follow_end",
    "follow_leave",
    "follow_stop",
    "forget_arrivals",
    "look_for_drift",
    "offer_openings",
    "recheck_before_start",
    "refresh_due",
    "refresh_outside",
    "remind",
    "settle",
    "sweep_disrupted",
    "sweep_lapsed",
    "sweep_over",
    "sweep_waitlists",
    "tell",
    "tell_of_clash",
    "tell_of_disruption",
    "tell_series",
    "tell_shortened",
]
