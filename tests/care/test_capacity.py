"""Places for new clients, and the care relation that takes and frees them."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from care.capacity import NotAccepting, places_taken, require_places, reserve_places, takes_new_clients
from care.models import CareRelation
from care.relation import accept_care, begin_care, end_care, give_up_request, relation_between, request_care
from core.clock import FixedClock, now
from core.db import db, transaction
from core.errors import NotFound
from tests.factories.accounts import a_person
from tests.factories.therapists import a_therapist
from therapists.profile import edit_profile, profile_for_edit
from therapists.publication import unpublish


def ask(therapist_id: int, client_id: int) -> CareRelation:
    require_places(therapist_id, [client_id])
    return request_care(therapist_id, client_id, unit="individual", origin="match", now=now())


def takes(therapist_id: int) -> bool:
    return takes_new_clients([therapist_id])[therapist_id]


def test_M15_the_last_place_is_taken_and_given_back(database: None) -> None:
    with transaction():
        therapist_id, first, second = a_therapist(places=1).person_id, a_person().id, a_person().id
        ask(therapist_id, first)
        assert not takes(therapist_id)
        with pytest.raises(NotAccepting):
            ask(therapist_id, second)
        give_up_request(therapist_id, first, reason="declined", now=now())
        assert takes(therapist_id)
        ask(therapist_id, second)


def test_whoever_has_a_relation_needs_no_place(database: None) -> None:
    with transaction():
        therapist_id, client = a_therapist(places=1).person_id, a_person().id
        ask(therapist_id, client)
        require_places(therapist_id, [client])
        edit_profile(profile_for_edit(therapist_id), {"accepting": False}, now=now())
        require_places(therapist_id, [client])
        end_care(therapist_id, client, reason="finished", now=now())
        with pytest.raises(NotAccepting):
            require_places(therapist_id, [client])


def ask_together(therapist_id: int, *client_ids: int) -> None:
    require_places(therapist_id, client_ids)
    begin_care(therapist_id, client_ids, unit="couple", origin="match", accepted=False, now=now())


def test_a_couple_takes_one_place_until_both_have_ended(database: None) -> None:
    with transaction():
        therapist_id, one, two, third = a_therapist(places=1).person_id, a_person().id, a_person().id, a_person().id
        ask_together(therapist_id, one, two)
        assert places_taken([therapist_id]) == {therapist_id: 1}
        with pytest.raises(NotAccepting):
            ask(therapist_id, third)
        give_up_request(therapist_id, one, reason="withdrawn", now=now())
        assert places_taken([therapist_id]) == {therapist_id: 1}
        give_up_request(therapist_id, two, reason="withdrawn", now=now())
        ask(therapist_id, third)


def test_a_partner_who_comes_along_later_shares_the_place_and_a_stranger_does_not(database: None) -> None:
    with transaction():
        therapist_id, one, partner, stranger = a_therapist(places=1).person_id, a_person().id, a_person().id, a_person().id
        ask(therapist_id, one)
        ask_together(therapist_id, one, partner)
        assert places_taken([therapist_id]) == {therapist_id: 1}
        with pytest.raises(NotAccepting):
            ask_together(therapist_id, stranger)
        end_care(therapist_id, one, reason="finished", now=now())
        end_care(therapist_id, partner, reason="finished", now=now())
        # Whoever begins anew alone has a place of their own.
        ask(therapist_id, one)
        with pytest.raises(NotAccepting):
            ask(therapist_id, partner)


def test_what_is_kept_for_a_couple_is_one_place(database: None) -> None:
    with transaction():
        therapist_id, one, two, third = a_therapist(places=2).person_id, a_person().id, a_person().id, a_person().id
        require_places(therapist_id, [one, two])
        reserve_places(therapist_id, [one, two], until=now() + timedelta(minutes=10))
        assert places_taken([therapist_id]) == {therapist_id: 1}
        assert places_taken([therapist_id], but_of=[one]) == {therapist_id: 1}
        assert places_taken([therapist_id], but_of=[one, two]) == {}
        ask(therapist_id, third)
        with pytest.raises(NotAccepting):
            require_places(therapist_id, [a_person().id])
        ask_together(therapist_id, one, two)
        assert places_taken([therapist_id]) == {therapist_id: 2}


def test_accepting_published_and_places_are_all_needed(database: None) -> None:
    with transaction():
        full, closed, hidden, free = a_therapist(places=0), a_therapist(accepting=False), a_therapist(), a_therapist()
        unpublish(profile_for_edit(hidden.person_id), now=now())
        answer = takes_new_clients([each.person_id for each in (full, closed, hidden, free)] + [1 << 40])
    assert list(answer.values()) == [False, False, False, True, False]
    assert takes_new_clients([]) == {}


def test_a_relation_runs_from_requested_to_ended_and_begins_anew(database: None, clock: FixedClock) -> None:
    with transaction():
        therapist_id, client = a_therapist().person_id, a_person().id
        assert relation_between(therapist_id, client) is None
        assert ask(therapist_id, client).state == "requested"
        assert accept_care(therapist_id, client, now=now()).state == "trial"
        assert ask(therapist_id, client).state == "trial", "asking again keeps what there is"
        give_up_request(therapist_id, client, reason="withdrawn", now=now())
        assert relation_between(therapist_id, client).state == "trial", "more than a request is not given up by one"  # type: ignore[union-attr]
        ended = end_care(therapist_id, client, reason="finished", now=now())
        assert (ended.state, ended.end_reason) == ("ended", "finished")
        clock.advance(days=1)
        assert end_care(therapist_id, client, reason="again", now=now()).changed_at == now() - timedelta(days=1)
        again = ask(therapist_id, client)
        assert (again.state, again.end_reason, again.opened_at) == ("requested", None, now())
        assert db.session.scalar(select(func.count()).select_from(CareRelation)) == 1


def test_nothing_is_accepted_or_ended_that_was_not_asked_for(database: None) -> None:
    with transaction():
        therapist_id, client = a_therapist().person_id, a_person().id
        for act in (lambda: accept_care(therapist_id, client, now=now()), lambda: end_care(therapist_id, client, reason="x", now=now())):
            with pytest.raises(NotFound):
                act()
        give_up_request(therapist_id, client, reason="expired", now=now())


@pytest.mark.races
def test_P37_many_who_ask_for_the_last_places_at_once_get_exactly_those(committed_app: Flask) -> None:
    callers, places = 6, 2
    with committed_app.app_context(), transaction():
        therapist_id, people = a_therapist(places=places).person_id, [a_person().id for _ in range(callers)]
    ready, outcomes = threading.Barrier(callers), []

    def ask_at_once(client_id: int) -> None:
        with committed_app.app_context():
            ready.wait()
            try:
                with transaction():
                    ask(therapist_id, client_id)
                outcomes.append("placed")
            except NotAccepting:
                outcomes.append("full")

    threads = [threading.Thread(target=ask_at_once, args=(client_id,)) for client_id in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["full"] * (callers - places) + ["placed"] * places
    with committed_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(CareRelation)) == places
