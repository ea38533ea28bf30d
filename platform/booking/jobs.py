"""The jobs of booking, so that one import makes all of them known to the worker."""

from booking.affected.after_leaving import call_off, follow_end, follow_leave, follow_stop
from booking.after.outcome import settle, sweep_over
from booking.calendar.drift import follow_clocks, look_for_drift
from booking.disruption.carry_out import carry_out, carry_out_all, end_disrupted, sweep_disrupted
from booking.disruption.messages import bring_to_desk, tell_of_disruption
from booking.expire import ask_desk, chase, expire, sweep_lapsed
from booking.letters import tell, tell_of_clash
from booking.online.called_off import close_session, forget_arrivals, recheck_before_start
from booking.outside.jobs import refresh_due, refresh_outside
from booking.proposals.letters import end_proposal
from booking.reminders.remind import remind
from booking.series.letters import tell_series, tell_shortened
from booking.track_record.measure import measure_track_records
from booking.waitlist.jobs import offer_openings, sweep_waitlists
from booking.waitlist.still_looking import ask_waiting

__all__ = [
    "ask_desk",
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
    "measure_track_records",
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
