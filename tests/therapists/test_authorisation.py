"""Why somebody may or may not treat people in a place: every rule by itself, the cast, and that knowing less never allows more."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import now
from core.db import db, transaction
from taxonomy.vocabulary import vocabulary
from tests.browser import Browser
from tests.factories.checks import pass_checks
from tests.factories.therapists import a_claim, a_therapist, an_unverified_therapist, verify
from tests.matching.cast import row, standing_of
from therapists.authorisation import COMPACTS, authorisation, counting, last_day
from therapists.grounds import RULES, WORDS, Authorisation
from therapists.models import Therapist
from therapists.profile import edit_profile, profile_for_edit
from therapists.profile_models import ProfileReview
from therapists.publication import publish
from therapists.standing import CredentialFacts, Standing

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
AT = datetime(2026, 11, 24, 18, tzinfo=UTC)
V = vocabulary()
STATES = [code for code in V.jurisdictions if code.startswith("US-")]


def the(key: str) -> Standing:
    return standing_of(row(key))


def asked(standing: Standing, place: str, *, mode: str = "video", at: datetime = AT, on: datetime = NOW) -> Authorisation:
    return authorisation(standing, place, [mode], at, now=on)


def places_of(standing: Standing, **more: str) -> set[str]:
    return {place for place in V.jurisdictions if asked(standing, place, **more).is_given}  # type: ignore[arg-type]


def missing(found: Authorisation) -> set[str]:
    return {fact.code for ground in found.grounds for fact in ground.facts if not fact.holds}


def entry(register: str, title: str, *places: str, **changes: object) -> CredentialFacts:
    body = V.registers[register]
    credential = CredentialFacts(
        register=register,
        kind=body.kind,
        jurisdictions=places or body.jurisdictions,
        state="active",
        checked_at=datetime(2026, 11, 3, tzinfo=UTC),
        expires_on=date(2027, 10, 31),
        supervised=False,
        restricted=False,
        zone="UTC",
        credential_type=title,
        decided_at=datetime(2026, 11, 3, tzinfo=UTC),
    )
    return replace(credential, **changes)  # type: ignore[arg-type]


def holding(*credentials: CredentialFacts, works_from: str | None = None) -> Standing:
    return Standing(7, credentials, barred=False, units=frozenset({"individual"}), age_bands=frozenset({"adult"}), works_from=works_from)


TEXAS = entry("us_state_board", "psychologist", "US-TX")
APIT = entry("psypact", "apit")
ARIZONA = entry("us_state_board", "lpc", "US-AZ")
MINNESOTA = entry("counseling_compact", "counseling_privilege", "US-MN")


def test_P06_P07_T04_may_treat_in_the_member_states_and_neither_in_california_nor_in_new_york() -> None:
    members = {code for code, place in V.jurisdictions.items() if place.psypact_member}
    assert places_of(the("T04")) == members
    assert len(members) > 40
    assert not {"US-CA", "US-NY"} & members
    assert missing(asked(the("T04"), "US-CA")) >= {"place_takes_part"}
    assert missing(asked(the("T04"), "US-NY")) >= {"place_takes_part"}


def test_P04_T04_is_not_for_california_and_T03_is_there_only() -> None:
    assert not asked(the("T04"), "US-CA").is_given
    assert places_of(the("T03")) == {"US-CA"}


def test_P17_T13_holds_a_licence_of_new_york_alone() -> None:
    assert places_of(the("T13")) == {"US-NY"}


def test_T22_may_treat_in_arizona_and_minnesota_and_not_where_the_compact_is_only_enacted() -> None:
    assert places_of(the("T22")) == {"US-AZ", "US-MN"}
    assert V.jurisdictions["US-FL"].counseling_compact_enacted
    florida = holding(ARIZONA, entry("counseling_compact", "counseling_privilege", "US-FL"))
    found = asked(florida, "US-FL")
    assert not found.is_given
    assert "place_issues" in missing(found)


@pytest.mark.parametrize(
    ("key", "places"),
    [
        ("T01", {"IN"}),
        ("T02", {"GB-ENG", "GB-SCT", "GB-WLS", "GB-NIR"}),
        ("T07", set()),
        ("T08", set()),
        ("T09", {"IE"}),
        ("T11", {"CA-ON"}),
        ("T12", {"CA-ON"}),
        ("T14", {code for code in V.jurisdictions if code.startswith("AU-")}),
        ("T17", {"GB-ENG", "GB-SCT", "GB-WLS", "GB-NIR"}),
    ],
)
def test_each_of_the_cast_may_treat_where_their_register_reaches(key: str, places: set[str]) -> None:
    assert places_of(the(key)) == places


def test_P18_T12_practises_under_supervision_which_is_shown_and_never_for_risk_work() -> None:
    found = asked(the("T12"), "CA-ON")
    assert found.is_given
    assert found.is_only_supervised
    assert "supervised" in {fact.code for ground in found.grounds for fact in ground.facts}
    assert found.allows(supervised_allowed=True, risk=False)
    assert not found.allows(supervised_allowed=True, risk=True)
    assert not found.allows(supervised_allowed=False, risk=False)
    assert asked(the("T11"), "CA-ON").allows(supervised_allowed=False, risk=True)


@pytest.mark.parametrize(
    ("standing", "code"),
    [
        (holding(APIT, works_from="US-TX"), "home_licence"),
        (holding(replace(TEXAS, expires_on=date(2026, 11, 23)), APIT, works_from="US-TX"), "home_licence"),
        (holding(replace(TEXAS, supervised=True), APIT, works_from="US-TX"), "home_licence"),
        (holding(entry("us_state_board", "lcsw", "US-TX"), APIT, works_from="US-TX"), "home_licence"),
        (holding(entry("us_state_board", "psychologist", "US-CA"), APIT, works_from="US-CA"), "home_takes_part"),
        (holding(TEXAS, APIT, works_from="US-CO"), "sits_at_home"),
        (holding(TEXAS, APIT), "sits_at_home"),
        (holding(TEXAS, replace(APIT, state="lapsed"), works_from="US-TX"), "entry_current"),
        (holding(TEXAS, replace(APIT, jurisdictions=("US-TX",)), works_from="US-TX"), "register_reaches_place"),
    ],
    ids=["no licence", "licence ends", "supervised", "not a psychologist", "home outside", "sits elsewhere", "place unknown", "lapsed", "not recorded"],
)
def test_psypact_needs_each_of_its_facts(standing: Standing, code: str) -> None:
    assert asked(holding(TEXAS, APIT, works_from="US-TX"), "US-CO").is_given
    found = asked(standing, "US-CO")
    assert not found.is_given
    assert code in missing(found)


def test_psypact_is_for_meeting_remotely() -> None:
    dan = holding(TEXAS, APIT, works_from="US-TX")
    assert [asked(dan, "US-CO", mode=mode).is_given for mode in ("video", "phone", "in_person", "hybrid")] == [True, True, False, False]
    assert asked(dan, "US-TX", mode="in_person").is_given
    assert not authorisation(dan, "US-CO", ["video", "in_person"], AT, now=NOW).is_given


@pytest.mark.parametrize("title", ["e_passport", "tap"])
def test_an_e_passport_alone_and_a_short_stay_book_nothing(title: str) -> None:
    for mode in ("video", "in_person"):
        assert not asked(holding(TEXAS, entry("psypact", title), works_from="US-TX"), "US-CO", mode=mode).is_given


def test_rules_for_short_stays_are_told_and_never_booked_on() -> None:
    found = asked(holding(TEXAS, works_from="US-TX"), "US-CA")
    assert [ground.rule for ground in found.grounds] == ["licence", "short_stay"]
    assert not found.is_given
    assert "30 days" in found.grounds[1].facts[0].words
    assert all(place.temporary == () for code, place in V.jurisdictions.items() if code != "US-CA")


@pytest.mark.parametrize(
    "credentials",
    [
        (MINNESOTA,),
        (TEXAS, MINNESOTA),
        (replace(ARIZONA, state="expired"), MINNESOTA),
        (entry("us_state_board", "lpc_associate", "US-AZ", supervised=True), MINNESOTA),
        (entry("us_state_board", "lpc", "US-CA"), MINNESOTA),
    ],
    ids=["no licence", "a psychologist", "expired", "an associate", "home has not enacted"],
)
def test_a_privilege_needs_a_live_licence_of_a_professional_counselor_at_home(credentials: tuple[CredentialFacts, ...]) -> None:
    assert asked(holding(ARIZONA, MINNESOTA), "US-MN").is_given
    assert not asked(holding(*credentials), "US-MN").is_given


def test_a_state_that_leaves_a_compact_is_closed_from_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    colorado = V.jurisdictions["US-CO"]
    facts = tuple(replace(fact, until="2026-12-31") if fact.fact == "psypact_member" else fact for fact in colorado.facts)
    leaving = replace(colorado, facts=facts)
    assert leaving.holds("psypact_member", date(2026, 12, 31))
    assert not leaving.holds("psypact_member", date(2027, 1, 1))
    joined = replace(colorado, facts=tuple(replace(fact, since="2026-12-01") for fact in colorado.facts))
    assert not joined.holds("psypact_member", date(2026, 11, 30))
    other = replace(V, jurisdictions={**V.jurisdictions, "US-CO": leaving})
    monkeypatch.setattr("therapists.authorisation.vocabulary", lambda: other)
    dan = holding(TEXAS, APIT, works_from="US-TX")
    assert asked(dan, "US-CO", at=datetime(2027, 1, 1, 6, tzinfo=UTC)).is_given, "it is still December in Colorado"
    assert not asked(dan, "US-CO", at=datetime(2027, 1, 1, 8, tzinfo=UTC)).is_given


def test_voluntary_registers_count_only_where_the_vocabulary_accepts_them() -> None:
    assert asked(holding(entry("ccpa", "ccc")), "CA-MB").is_given
    assert not asked(holding(entry("ccpa", "ccc", "CA-ON", "CA-MB")), "CA-ON").is_given, "Ontario regulates the work"
    assert asked(holding(entry("nzac", "nzac_member")), "NZ").is_given
    assert not asked(holding(entry("bacp", "mbacp", "IE")), "IE").is_given, "the accreditation does not reach beyond the United Kingdom"


def test_every_answer_gives_its_chain_in_words_with_source_and_date() -> None:
    for key, place in (("T04", "US-CO"), ("T04", "US-CA"), ("T22", "US-MN"), ("T12", "CA-ON"), ("T02", "GB-SCT")):
        for ground in asked(the(key), place).grounds:
            assert ground.rule in RULES
            for fact in ground.facts:
                assert fact.words
                assert "{" not in fact.words
                assert fact.source
                assert fact.as_of or fact.code == "sits_at_home"
    assert all(fact.code in WORDS for ground in asked(the("T04"), "US-CO").grounds for fact in ground.facts)
    assert set(COMPACTS) <= set(RULES)


def test_an_unknown_place_or_register_authorises_nothing() -> None:
    assert not authorisation(the("T04"), None, ["video"], AT, now=NOW).is_given
    assert not asked(the("T04"), "US-XX").is_given
    assert not asked(holding(replace(TEXAS, register="unheard_of")), "US-TX").is_given


def test_an_addition_ends_with_its_licence() -> None:
    early = replace(TEXAS, expires_on=date(2026, 12, 1))
    assert last_day(APIT, [APIT, early]) == date(2026, 12, 1)
    assert last_day(APIT, [APIT]) is None
    assert last_day(MINNESOTA, [TEXAS, MINNESOTA]) is None
    assert last_day(TEXAS, []) == TEXAS.expires_on
    assert counting(holding(APIT), AT, now=NOW) == []


CREDENTIALS = st.builds(
    lambda pair, places, state, expires, supervised: entry(*pair, *places, state=state, expires_on=expires, supervised=supervised),
    st.sampled_from(
        [("us_state_board", "psychologist"), ("us_state_board", "lpc"), ("psypact", "apit"), ("counseling_compact", "counseling_privilege"), ("bacp", "mbacp")]
    ),
    st.lists(st.sampled_from(["US-TX", "US-CO", "US-AZ", "US-MN", "US-FL", "US-CA", "GB-ENG"]), max_size=4, unique=True),
    st.sampled_from(["active", "active", "active", "expiring", "lapsed"]),
    st.one_of(st.none(), st.dates(date(2026, 11, 20), date(2027, 3, 1))),
    st.sampled_from([False, False, True]),
)
STANDINGS = st.builds(
    lambda credentials, works_from: holding(*credentials, works_from=works_from),
    st.lists(CREDENTIALS, max_size=4),
    st.sampled_from([None, "US-TX", "US-AZ", "US-CA"]),
)
PLACES = st.sampled_from(["US-TX", "US-CO", "US-AZ", "US-MN", "US-FL", "US-CA", "GB-ENG", "IE"])
MODES = st.sampled_from(["video", "in_person"])


@given(STANDINGS, PLACES, MODES, st.data())
def test_an_authorisation_never_grows_when_a_fact_is_removed(standing: Standing, place: str, mode: str, data: st.DataObject) -> None:
    weaker = [replace(standing, works_from=None)]
    for number, credential in enumerate(standing.credentials):
        rest = standing.credentials[:number] + standing.credentials[number + 1 :]
        weaker.append(replace(standing, credentials=rest))
        for blank in ({"checked_at": None}, {"expires_on": None}, {"jurisdictions": credential.jurisdictions[1:]}, {"state": ""}, {"credential_type": ""}):
            if "credential_type" not in blank or credential.register in COMPACTS:
                weaker.append(replace(standing, credentials=(*rest, replace(credential, **blank))))  # type: ignore[arg-type]
    less = data.draw(st.sampled_from(weaker))
    before = asked(standing, place, mode=mode)
    assert before.is_given or not asked(less, place, mode=mode).is_given
    scope = {"supervised_allowed": True, "risk": True}
    after = asked(less, place, mode=mode)
    assert not (after.is_given and after.allows(**scope)) or before.allows(**scope)


@given(STANDINGS, PLACES, MODES, st.integers(0, 200))
def test_what_is_not_allowed_today_is_not_allowed_later_without_a_new_fact(standing: Standing, place: str, mode: str, days: int) -> None:
    later = AT + timedelta(days=days)
    if not asked(standing, place, mode=mode).is_given:
        assert not asked(standing, place, mode=mode, at=later).is_given
        assert not asked(standing, place, mode=mode, at=later, on=max(NOW, later - timedelta(days=1))).is_given


def a_texan() -> Therapist:
    therapist = an_unverified_therapist(name="Dan Example", country="US", zone="America/Chicago", works_from="US-TX")
    claim = a_claim(therapist, register="us_state_board", credential_type="psychologist", number="TX 1", jurisdictions=["US-TX"])
    verify(claim, jurisdictions=("US-TX",))
    members = tuple(V.registers["psypact"].jurisdictions)
    verify(a_claim(therapist, register="psypact", credential_type="apit", number="E1"), jurisdictions=members)
    db.session.add(ProfileReview(therapist_id=therapist.person_id, approved_at=now()))
    pass_checks(therapist)
    return publish(profile_for_edit(therapist.person_id), now=now())


def test_P06_everybody_may_read_why_and_why_not(client: Callable[[], Browser]) -> None:
    with transaction():
        therapist = a_texan()
        path = f"/api/v1/therapists/{therapist.public_id}/authorisation"
    colorado = client().get(f"{path}?place=US-CO").json
    assert (colorado["may_treat_here"], colorado["supervised"]) == (True, False)
    chain = next(ground for ground in colorado["grounds"] if ground["rule"] == "psypact")
    assert chain["stands"]
    assert {fact["code"] for fact in chain["facts"]} >= {"home_licence", "home_takes_part", "place_takes_part", "sits_at_home", "way_of_meeting"}
    california = client().get(f"{path}?place=US-CA").json
    assert california["may_treat_here"] is False
    assert "California does not take part." in [fact["words"] for ground in california["grounds"] for fact in ground["facts"]]
    assert client().get(f"{path}?place=US-CO&mode=in_person").json["may_treat_here"] is False


def test_the_public_answer_shows_no_number_and_no_credential_that_is_not_current(client: Callable[[], Browser]) -> None:
    with transaction():
        therapist = a_therapist()
        a_claim(therapist, register="hcpc", credential_type="practitioner_psychologist", number="PYL123456")
        path = f"/api/v1/therapists/{therapist.public_id}/authorisation"
    answer = client().get(f"{path}?place=GB-ENG")
    assert answer.json["may_treat_here"]
    assert [ground["register"] for ground in answer.json["grounds"]] == ["bacp"]
    assert "PYL123456" not in answer.text


def test_what_cannot_be_asked_is_refused_and_who_is_not_listed_is_not_there(client: Callable[[], Browser]) -> None:
    with transaction():
        listed, hidden = a_therapist(), a_therapist(published=False)
        path, other = (f"/api/v1/therapists/{each.public_id}/authorisation" for each in (listed, hidden))
    for query in ("", "?place=US-XX", "?place=GB-ENG&mode=telepathy", "?place=GB-ENG&at=9999-01-01T00:00:00Z", "?place=GB-ENG&at=tomorrow"):
        assert client().get(path + query).status_code == 422, query
    assert client().get(f"{other}?place=GB-ENG").status_code == 404


def test_a_therapist_says_where_they_sit_in_words_of_the_vocabulary(database: None) -> None:
    with transaction():
        therapist = profile_for_edit(an_unverified_therapist().person_id)
        assert edit_profile(therapist, {"works_from": "US-TX"}, now=now()).works_from == "US-TX"
        with pytest.raises(Exception, match="cannot be used"):
            edit_profile(therapist, {"works_from": "US-XX"}, now=now())
