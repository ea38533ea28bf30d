"""May this therapist treat this person: each code by itself, and that less knowledge never opens a door."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.eligibility import CODES, DETAILS, Attendee, refusals, refusals_of_all
from tests.factories.checks import ALL, OF_ADULTS, check_facts
from therapists.standing import CHECKED_WITHIN, COUNTRY_WIDE, RECHECK_EVERY, CredentialFacts, ServiceFacts, Standing, covers

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
AT = datetime(2026, 11, 24, 18, tzinfo=UTC)

CREDENTIAL = CredentialFacts(
    register="bacp",
    kind="accredited_voluntary",
    jurisdictions=("GB",),
    state="active",
    checked_at=datetime(2026, 11, 3, 12, tzinfo=UTC),
    expires_on=date(2027, 10, 31),
    supervised=False,
    restricted=False,
    zone="Europe/London",
    decided_at=datetime(2026, 11, 3, 12, tzinfo=UTC),
)
STANDING = Standing(7, (CREDENTIAL,), barred=False, units=frozenset({"individual"}), age_bands=frozenset({"adult"}), country="GB", checks=check_facts(NOW))
CLIENT = Attendee(person_id=99, place="GB-ENG", age_band="adult", paused=False)
SESSION = ServiceFacts("session", "individual", frozenset({"video"}))


def codes(standing=STANDING, attendee=CLIENT, service=SESSION, at=AT, now=NOW, new_client=True) -> list[str]:  # type: ignore[no-untyped-def]
    return [refusal.code for refusal in refusals(standing, attendee, service, at, now=now, new_client=new_client)]


def holding(**changes: object) -> Standing:
    return replace(STANDING, credentials=(replace(CREDENTIAL, **changes),))  # type: ignore[arg-type]


def test_a_current_check_for_the_place_the_age_and_the_unit_refuses_nothing() -> None:
    assert codes() == []


@pytest.mark.parametrize("state", ["unverified", "submitted", "in_review", "expired", "lapsed", "rejected", "withdrawn", "ACTIVE", ""])
def test_a_credential_that_is_not_live_does_not_count(state: str) -> None:
    assert codes(holding(state=state)) == ["verified"]


def test_from_the_end_of_an_announced_last_day_on_nobody_is_treated() -> None:
    leaving = replace(STANDING, leaves_at=AT)
    assert codes(leaving) == ["leaving"]
    assert codes(leaving, at=AT - timedelta(seconds=1)) == []
    assert codes(leaving, at=AT - timedelta(seconds=1), now=AT) == ["leaving"], "the clock alone"


def test_an_expiring_credential_still_counts() -> None:
    assert codes(holding(state="expiring")) == []


@pytest.mark.parametrize(
    "decided_at", [None, NOW + timedelta(seconds=1), NOW - CHECKED_WITHIN - timedelta(seconds=1)], ids=["never", "in the future", "long ago"]
)
def test_a_full_verification_lies_at_most_36_months_back(decided_at: datetime | None) -> None:
    assert codes(holding(decided_at=decided_at)) == ["verified"]
    assert codes(holding(decided_at=NOW - CHECKED_WITHIN)) == []


@pytest.mark.parametrize(
    ("late", "new", "in_care"),
    [(timedelta(days=-1), [], []), (timedelta(days=14), [], []), (timedelta(days=14, seconds=1), ["verified"], []), (timedelta(days=45), ["verified"], [])],
)
def test_a_late_look_turns_new_clients_away_first(late: timedelta, new: list[str], in_care: list[str]) -> None:
    overdue = holding(checked_at=NOW - RECHECK_EVERY - late)
    assert codes(overdue) == new
    assert codes(overdue, new_client=False) == in_care


@pytest.mark.parametrize("checked_at", [None, NOW + timedelta(seconds=1), NOW - RECHECK_EVERY - timedelta(days=45, seconds=1)])
def test_a_look_that_is_too_late_or_unknown_speaks_for_nobody(checked_at: datetime | None) -> None:
    assert codes(holding(checked_at=checked_at), new_client=False) == ["verified"]


def test_what_the_register_says_closes_every_door_at_once_however_fresh_our_look_is() -> None:
    for change in ({"state": "suspended"}, {"state": "lapsed"}, {"restricted": True}, {"expires_on": date(2026, 11, 21)}):
        assert codes(holding(**change))
        assert codes(holding(**change), new_client=False)


def test_an_overdue_look_does_not_hide_what_the_register_said_against_the_holder() -> None:
    assert codes(holding(state="suspended", checked_at=NOW - timedelta(days=400))) == ["verified", "not_barred"]


@pytest.mark.parametrize("kind", ["training_body", "identifier", "not_a_verifier", "", "unheard_of"])
def test_a_course_or_an_identifier_authorises_nobody(kind: str) -> None:
    assert codes(holding(kind=kind)) == ["verified"]


def test_a_credential_holds_until_the_midnight_that_ends_its_last_day() -> None:
    assert codes(holding(expires_on=None)) == ["verified"]
    assert codes(holding(expires_on=date(2026, 11, 23))) == ["verified"]
    assert codes(holding(expires_on=date(2026, 11, 24))) == []


def test_the_day_of_the_session_is_counted_in_the_zone_of_the_credential() -> None:
    evening_in_london_next_day_in_sydney = datetime(2026, 11, 24, 20, tzinfo=UTC)
    to_the_24th = holding(expires_on=date(2026, 11, 24))
    in_sydney = holding(expires_on=date(2026, 11, 24), zone="Australia/Sydney")
    assert codes(to_the_24th, at=evening_in_london_next_day_in_sydney) == []
    assert codes(in_sydney, at=evening_in_london_next_day_in_sydney) == ["verified"]
    assert codes(holding(zone="Mars/Olympus")) == ["verified"]


def test_M08_time_alone_takes_a_credential_away() -> None:
    ending = holding(expires_on=date(2026, 11, 30))
    later = datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert codes(ending) == []
    assert codes(ending, at=later, now=later) == ["verified"]
    assert codes(ending, at=AT, now=later) == ["verified"], "a start in the past does not bring an expired credential back"


def test_M09_a_credential_that_is_verified_again_gives_the_same_answer_as_before() -> None:
    assert codes(holding(state="in_review")) == ["verified"]
    assert refusals(holding(state="active"), CLIENT, SESSION, AT, now=NOW) == refusals(STANDING, CLIENT, SESSION, AT, now=NOW)


def test_a_hold_or_a_sanction_bars_everywhere() -> None:
    assert codes(replace(STANDING, barred=True)) == ["not_barred"]
    assert codes(holding(restricted=True)) == ["not_barred"]
    for state in ("suspended", "revoked", "excluded"):
        elsewhere = replace(CREDENTIAL, state=state, jurisdictions=("IE",))
        assert codes(replace(STANDING, credentials=(CREDENTIAL, elsewhere))) == ["not_barred"]


@pytest.mark.parametrize("place", ["IE", "US-CA", "GB-XXX", "", None])
def test_the_place_of_the_person_must_be_covered(place: str | None) -> None:
    assert codes(attendee=replace(CLIENT, place=place)) == ["jurisdiction"]


def test_M10_crossing_a_border_gives_the_answer_of_the_new_place() -> None:
    two = replace(STANDING, credentials=(CREDENTIAL, replace(CREDENTIAL, register="iacp", kind="voluntary", jurisdictions=("IE",))))
    assert codes(two, replace(CLIENT, place="IE")) == []
    assert codes(STANDING, replace(CLIENT, place="IE")) == ["jurisdiction"]


def test_a_british_register_covers_the_four_nations_and_a_state_licence_only_its_state() -> None:
    assert all(covers(("GB",), nation) for nation in COUNTRY_WIDE["GB"])
    assert not covers(("GB-ENG",), "GB-SCT")
    assert not covers(("US",), "US-CA")
    assert not covers(("US-CA",), "US-TX")


def test_a_live_credential_abroad_does_not_vouch_for_an_expired_one_here() -> None:
    abroad = replace(CREDENTIAL, register="rci", kind="statutory", jurisdictions=("IN",), zone="Asia/Kolkata")
    expired = replace(CREDENTIAL, expires_on=date(2026, 10, 31))
    assert codes(replace(STANDING, credentials=(abroad, expired))) == ["jurisdiction"]


def test_without_any_credential_neither_the_check_nor_the_place_is_known() -> None:
    assert codes(replace(STANDING, credentials=())) == ["verified", "jurisdiction"]


def test_supervised_practice_needs_a_service_that_allows_it_and_no_floor_of_competence() -> None:
    trainee = replace(holding(supervised=True), verified_competences=frozenset({"self_harm"}))
    allowed = replace(SESSION, supervised_allowed=True)
    assert codes(trainee) == ["scope"]
    assert codes(trainee, service=allowed) == []
    assert codes(trainee, replace(CLIENT, needs=frozenset({"self_harm"})), allowed) == ["scope"]
    both = replace(trainee, credentials=(*trainee.credentials, CREDENTIAL))
    assert codes(both) == []


def test_a_service_without_a_mode_is_not_a_service() -> None:
    assert codes(service=replace(SESSION, modes=frozenset())) == ["scope"]


@pytest.mark.parametrize("age_band", ["age_13_17", "age_65_plus", "", None])
def test_the_age_band_must_be_one_the_therapist_works_with(age_band: str | None) -> None:
    assert codes(attendee=replace(CLIENT, age_band=age_band)) == ["age_group"]


def test_without_current_checks_of_insurance_identity_and_the_like_nobody_is_treated() -> None:
    assert codes(replace(STANDING, checks=())) == ["required_checks"]
    assert all(codes(replace(STANDING, checks=tuple(each for each in STANDING.checks if each is not left))) == ["required_checks"] for left in STANDING.checks)


def test_minors_need_the_checks_for_work_with_minors() -> None:
    young = replace(CLIENT, age_band="age_13_17")
    offers = replace(STANDING, age_bands=frozenset({"age_13_17", "adult"}))
    assert codes(offers, young) == ["age_group"]
    assert codes(replace(offers, checks=check_facts(NOW, ALL)), young) == []


@pytest.mark.parametrize("unit", ["couple", "family", None])
def test_the_unit_of_the_service_must_be_one_the_therapist_sees(unit: str | None) -> None:
    assert codes(service=replace(SESSION, unit=unit)) == ["unit"]


def test_a_need_that_has_a_floor_asks_for_a_checked_competence() -> None:
    needs = replace(CLIENT, needs=frozenset({"suicidality", "self_harm"}))
    assert codes(replace(STANDING, verified_competences=frozenset({"self_harm"})), needs) == ["competence_floor"]
    assert codes(replace(STANDING, verified_competences=frozenset({"self_harm", "suicidality"})), needs) == []


def test_a_conflict_refuses_and_nobody_treats_themselves() -> None:
    assert codes(attendee=replace(CLIENT, conflicts=frozenset({7}))) == ["no_conflict"]
    assert codes(attendee=replace(CLIENT, person_id=7)) == ["no_conflict"]
    assert codes(attendee=replace(CLIENT, conflicts=frozenset({8}))) == []


@pytest.mark.parametrize("paused", [True, None])
def test_a_safety_pause_refuses_and_so_does_not_knowing(paused: bool | None) -> None:
    assert codes(attendee=replace(CLIENT, paused=paused)) == ["paused"]


def test_everybody_who_attends_is_asked_about() -> None:
    partner = replace(CLIENT, person_id=100, place="IE", age_band="age_13_17")
    found = refusals_of_all(STANDING, (CLIENT, partner), SESSION, AT, now=NOW)
    assert [refusal.code for refusal in found] == ["jurisdiction", "age_group"]
    assert refusals_of_all(STANDING, (CLIENT,), SESSION, AT, now=NOW) == []
    assert "paused" in {refusal.code for refusal in refusals_of_all(STANDING, (), SESSION, AT, now=NOW)}


def test_every_code_has_a_sentence_that_says_nothing_about_anybody_else() -> None:
    assert set(DETAILS) == set(CODES)
    assert not any(word in detail for detail in DETAILS.values() for word in ("partner", "decline", "complaint", "risk"))


PLACES = st.sampled_from(["GB-ENG", "GB-SCT", "IE", "US-CA", "US-TX"])
CREDENTIALS = st.builds(
    CredentialFacts,
    register=st.sampled_from(["bacp", "iacp", "us_state_board"]),
    kind=st.sampled_from(["statutory", "accredited_voluntary", "training_body"]),
    jurisdictions=st.lists(st.sampled_from(["GB", "GB-ENG", "IE", "US-CA", "US-TX"]), max_size=3).map(tuple),
    state=st.sampled_from(["active", "active", "expiring", "expired", "suspended"]),
    checked_at=st.one_of(st.none(), st.datetimes(datetime(2026, 8, 1), datetime(2026, 12, 1), timezones=st.just(UTC))),
    expires_on=st.one_of(st.none(), st.dates(date(2026, 11, 1), date(2027, 12, 31))),
    supervised=st.booleans(),
    restricted=st.sampled_from([False, False, False, True]),
    zone=st.sampled_from(["Europe/London", "Australia/Sydney", "America/Los_Angeles"]),
    decided_at=st.one_of(st.none(), st.just(datetime(2026, 1, 3, tzinfo=UTC))),
)
CHECKS = st.one_of(
    st.sampled_from([check_facts(NOW, ALL), check_facts(NOW, OF_ADULTS), check_facts(NOW - timedelta(days=60), ALL)]),
    st.tuples(st.frozensets(st.sampled_from(ALL)), st.dates(date(2026, 11, 1), date(2027, 12, 31))).map(
        lambda drawn: check_facts(NOW, drawn[0], until=drawn[1])
    ),
)
NEEDS = st.frozensets(st.sampled_from(["self_harm", "suicidality"]))
STANDINGS = st.builds(
    Standing,
    therapist_id=st.integers(1, 3),
    credentials=st.lists(CREDENTIALS, max_size=3).map(tuple),
    barred=st.sampled_from([False, False, True]),
    units=st.frozensets(st.sampled_from(["individual", "couple"])),
    age_bands=st.frozensets(st.sampled_from(["age_13_17", "adult"])),
    verified_competences=NEEDS,
    country=st.sampled_from(["GB", "IE", "US"]),
    checks=CHECKS,
)
ATTENDEES = st.builds(
    Attendee,
    person_id=st.integers(50, 52),
    place=PLACES,
    age_band=st.sampled_from(["age_13_17", "adult"]),
    paused=st.sampled_from([False, False, True]),
    needs=NEEDS,
    conflicts=st.frozensets(st.integers(1, 3), max_size=1),
)
SERVICES = st.builds(
    ServiceFacts,
    kind=st.just("session"),
    unit=st.sampled_from(["individual", "couple"]),
    modes=st.just(frozenset({"video"})),
    supervised_allowed=st.booleans(),
)


@given(STANDINGS, ATTENDEES, SERVICES, st.data())
def test_taking_a_fact_away_never_makes_anybody_eligible(standing: Standing, attendee: Attendee, service: ServiceFacts, data: st.DataObject) -> None:
    before = set(codes(standing, attendee, service))
    barring = {"suspended", "revoked", "excluded"}
    fewer = [
        replace(standing, units=frozenset()),
        replace(standing, age_bands=frozenset()),
        replace(standing, verified_competences=frozenset()),
        replace(standing, barred=True),
    ]
    for number, check in enumerate(standing.checks):
        rest_of_checks = standing.checks[:number] + standing.checks[number + 1 :]
        fewer.append(replace(standing, checks=rest_of_checks))
        for blank in ({"checked_at": None}, {"passed": None}, {"passed": False}, {"version": None}, {"zone": "Mars/Olympus"}):
            fewer.append(replace(standing, checks=(*rest_of_checks, replace(check, **blank))))
        if check.valid_until is not None:
            fewer.append(replace(standing, checks=(*rest_of_checks, replace(check, valid_until=None))))
    for number, credential in enumerate(standing.credentials):
        rest = standing.credentials[:number] + standing.credentials[number + 1 :]
        if not credential.restricted and credential.state not in barring:
            fewer.append(replace(standing, credentials=rest))
        for blank in ({"checked_at": None}, {"decided_at": None}, {"expires_on": None}, {"jurisdictions": ()}, {"restricted": True}, {"supervised": True}):
            fewer.append(replace(standing, credentials=(*rest, replace(credential, **blank))))
    weaker = data.draw(st.sampled_from(fewer))
    assert not before or codes(weaker, attendee, service), "somebody became eligible by knowing less"


@given(STANDINGS, ATTENDEES, SERVICES)
def test_asking_for_more_or_saying_less_about_the_person_never_makes_anybody_eligible(standing: Standing, attendee: Attendee, service: ServiceFacts) -> None:
    before = codes(standing, attendee, service)
    for harder in (
        replace(attendee, needs=attendee.needs | {"suicidality"}),
        replace(attendee, conflicts=attendee.conflicts | {standing.therapist_id}),
        replace(attendee, paused=True),
        replace(attendee, paused=None),
        replace(attendee, place=None),
        replace(attendee, age_band=None),
    ):
        assert not before or codes(standing, harder, service)


@given(STANDINGS, ATTENDEES, SERVICES, st.integers(0, 500))
def test_a_later_session_is_never_allowed_when_an_earlier_one_is_not(standing: Standing, attendee: Attendee, service: ServiceFacts, days: int) -> None:
    if codes(standing, attendee, service):
        assert codes(standing, attendee, service, at=AT + timedelta(days=days))


@given(STANDINGS, ATTENDEES, SERVICES, st.integers(0, 120))
def test_whoever_is_new_never_gets_in_where_somebody_in_care_does_not(standing: Standing, attendee: Attendee, service: ServiceFacts, days: int) -> None:
    later = NOW + timedelta(days=days)
    in_care = codes(standing, attendee, service, at=later, now=later, new_client=False)
    assert not in_care or codes(standing, attendee, service, at=later, now=later)
