"""A list as it is now for one intake: the gate, then everybody who may be shown, in order. From the columns of this process where they can answer, else
whole from the database; the answer is the same.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from care.asking import Known, known_of
from care.nearby_help import crisis_help_for
from care.own_booking import NotByThemselves
from core.errors import Conflict
from matching.answers import attendees, missing, wishes
from matching.danger import standing_gate
from matching.explanation import notes, notes_of
from matching.faces import Shown
from matching.listing import Listing, Occasion, Relax, listing, relax_counts
from matching.live.columns_view import Disagreed, columns_view
from matching.market import Market, market_for, shown_of
from matching.models import Intake
from matching.ranking import Ranked
from matching.recorded import Version, version_of
from matching.safety import Gate, Outcome
from taxonomy.vocabulary import vocabulary

Made = TypeVar("Made")


class AnswersMissing(Conflict):
    code, detail = "answers_missing", "A few answers are still missing."


class DirectQuestions(NotByThemselves):
    code, detail = "direct_questions", "Before a list, please answer the questions about how safe you are. Help is there right now if you need it."


class PausedForSafety(NotByThemselves):
    code, detail = "paused", "Before anything else a person has to speak with you. If you are in danger, do not wait: help is there right now."


class View:
    """Everybody on one list, in order. A view that the columns give is given up for the whole list as soon as somebody shown is not as they say."""

    def __init__(self, occasion: Occasion, *, client_id: int, signed_in: bool) -> None:
        self.occasion, self._client_id, self._signed_in = occasion, client_id, signed_in
        self._columns = columns_view(occasion, client_id=client_id, signed_in=signed_in)

    @cached_property
    def _whole(self) -> tuple[Market, Listing]:
        market = market_for(self.occasion, client_id=self._client_id, signed_in=self._signed_in)
        return market, listing(self.occasion, market.candidates, vocabulary=vocabulary())

    @property
    def count(self) -> int:
        """How many are on the list."""
        return len(self._whole[1].ranked) if self._columns is None else self._columns.count

    def agreed(self, use: Callable[[], Made]) -> Made:
        """What `use` makes of this view; made anew out of the whole list where somebody who was to be shown is not as the columns said."""
        try:
            return use()
        except Disagreed:
            self._columns = None
            return use()

    def first(self, most: int) -> Sequence[Ranked]:
        """The best fitting, in order. They may be scored without reasons: whoever is to be shown is asked for by `shown`."""
        return self._whole[1].ranked[:most] if self._columns is None else self._columns.first(most)

    def shown(self, ranked: Ranked) -> Shown:
        """One of `first` as they are to be shown, by the specification. Disagreed (see `agreed`) when that is not what they were ranked by."""
        return shown_of(ranked, self.occasion, self._whole[0]) if self._columns is None else self._columns.shown(ranked)

    def page(self, start: int, limit: int) -> list[Shown]:
        """Those from position `start` on (0 is the first), as they are to be shown."""
        return self.agreed(lambda: [self.shown(each) for each in self.first(start + limit)[start:]])

    def of(self, keys: Collection[str]) -> dict[str, Shown]:
        """Those of these therapists (public ids) who are on the list."""
        if self._columns is not None:
            return self._columns.of(keys)
        market, found = self._whole
        return {each.candidate.key: shown_of(each, self.occasion, market) for each in found.ranked if each.candidate.key in keys}

    def listing_of(self, ranked: Sequence[Ranked]) -> tuple[Listing, int | None]:
        """For the record: the list, and how many are on it where it is only its beginning."""
        return (self._whole[1], None) if self._columns is None else (Listing(tuple(ranked), (), {}), self.count)

    def version_of(self, ranked: Ranked) -> Version:
        """What somebody of `first` states, for the record."""
        return version_of(ranked.candidate) if self._columns is None else self._columns.version_of(ranked)

    def waiting(self) -> list[tuple[str, str]]:
        """Keys and names of those who fit, have no place or time now, and keep a waitlist."""
        if self._columns is not None:
            return self._columns.waiting()
        market, found = self._whole
        return [(each.key, market.faces[each.key].display_name) for each in found.waiting]

    def relax(self) -> tuple[Relax, ...]:
        """Counted over the very list that is shown: accepting one delivers exactly that many."""
        if self._columns is not None:
            return self._columns.relax()
        return relax_counts(self.occasion, self._whole[0].candidates, vocabulary=vocabulary())

    def notes(self) -> list[str]:
        """What nobody on the list can give although it was asked for."""
        if self._columns is not None:
            return notes_of(self.occasion.wishes, self._columns.offers, vocabulary=vocabulary())
        return notes(self._whole[1], self.occasion.wishes, vocabulary=vocabulary())


def require_list(intake: Intake, *, now: datetime, known: Known | None = None) -> Gate:
    """The gate, if it lets a list through; otherwise `paused`, `direct_questions` (both with crisis help) or `answers_missing` by field."""
    gate, held = standing_gate(intake, known), intake.answers or {}
    if gate.stops_booking:
        help_now = {"crisis_help": crisis_help_for(held.get("place"), on=now.date())}
        if gate.outcome is Outcome.PAUSE:
            raise PausedForSafety(extra=help_now)
        raise DirectQuestions(extra=help_now | {"ask": list(gate.ask)})
    if gaps := missing(held):
        raise AnswersMissing(errors={f"answers.{name}": ["Still missing."] for name in gaps})
    return gate


def view_of(intake: Intake, gate: Gate, *, now: datetime, known: Known | None = None) -> View:
    """Everybody who may be shown to this person now."""
    # One browser's answers are a guest's, whoever else is signed in there.
    return View(occasion_of(intake, gate, now=now, known=known), client_id=intake.person_id, signed_in=intake.cookie_digest is None)


def occasion_of(intake: Intake, gate: Gate, *, now: datetime, known: Known | None = None) -> Occasion:
    """What a list is made for, with what care knows about this person."""
    held, person_id = intake.answers or {}, intake.person_id
    known = known_of(person_id, now=now) if known is None else known
    first, *others = attendees(held, gate, vocabulary=vocabulary(), person_id=person_id)
    return Occasion(
        wishes=wishes(held, vocabulary=vocabulary()),
        attendees=(replace(first, conflicts=known.conflicts), *others),
        now=now,
        seed=str(intake.public_id),
        in_care=known.in_care,
        hidden=known.hidden,
        within_days=gate.within_days,
    )
