"""The turning points of a standing, held against the rules themselves: between two neighbouring points no refusal comes or goes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from care.eligibility import Attendee, refusals
from tests.factories.checks import check_facts
from therapists.standing import CheckFacts, CredentialFacts, ServiceFacts, Standing
from therapists.standing_clock import turning_points

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SERVICE = ServiceFacts("session", "individual", frozenset({"video"}), supervised_allowed=True)
days_ago = st.integers(-3, 60).map(lambda days: NOW - timedelta(days=days, minutes=17 * days))
last_days = st.one_of(st.none(), st.integers(-2, 40).map(lambda days: (NOW + timedelta(days=days)).date()))
zones = st.sampled_from(["Europe/London", "America/Los_Angeles", "America/Santiago", "Pacific/Kiritimati"])


@st.composite
def credentials(draw: st.DrawFn) -> CredentialFacts:
    register, kind, title, place = draw(
        st.sampled_from(
            [
                ("bacp", "accredited_voluntary", "mbacp", "GB"),
                ("hcpc", "statutory", "practitioner_psychologist", "GB"),
                ("us_state_board", "statutory", "psychologist", "US-TX"),
                ("psypact", "statutory", "apit", "US-CO"),
            ]
        )
    )
    return CredentialFacts(
        register=register,
        kind=kind,
        jurisdictions=(place,),
        state=draw(st.sampled_from(["active", "active", "active", "expiring", "suspended"])),
        checked_at=draw(st.one_of(st.none(), days_ago, days_ago)),
        expires_on=draw(last_days),
        supervised=draw(st.integers(0, 4)) == 0,
        restricted=False,
        zone=draw(zones),
        credential_type=title,
        decided_at=draw(st.one_of(days_ago, st.integers(-40, 40).map(lambda days: NOW - timedelta(days=3 * 365 + days)))),
    )


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    def changed(check: CheckFacts) -> CheckFacts:
        # Most hold, so that one that does not is seen.
        if draw(st.integers(0, 2)):
            return check
        return replace(check, checked_at=draw(days_ago), valid_until=draw(last_days), zone=draw(zones))

    return Standing(
        1,
        tuple(draw(st.lists(credentials(), min_size=1, max_size=2))),
        barred=False,
        units=frozenset({"individual"}),
        age_bands=frozenset({"adult", "age_13_17"}),
        country="GB",
        checks=tuple(changed(check) for check in check_facts(NOW)),
        leaves_at=draw(st.one_of(st.none(), st.integers(-2, 30).map(lambda days: NOW + timedelta(days=days)))),
        works_from=draw(st.sampled_from([None, "US-TX"])),
    )


@settings(max_examples=60)
@given(standings(), st.sampled_from(["GB-ENG", "US-CO", "US-TX"]), st.sampled_from(["adult", "adult", "age_13_17"]), st.integers(0, 40), st.booleans())
def test_between_two_turning_points_no_refusal_comes_or_goes(standing: Standing, place: str, band: str, days: int, new_client: bool) -> None:
    person, other = Attendee(None, place=place, age_band=band, paused=False), NOW + timedelta(days=days)

    def said(at: datetime, now: datetime) -> list[str]:
        return [each.code for each in refusals(standing, person, SERVICE, at, now=now, new_client=new_client)]

    points = [NOW - timedelta(days=90), *turning_points(standing), NOW + timedelta(days=1500)]
    for begin, end in pairwise(sorted(set(points))):
        first, last = begin, end - MICROSECOND
        middle = first + (last - first) / 2
        assert said(first, NOW) == said(middle, NOW) == said(last, NOW), "as the start of a session"
        assert said(other, first) == said(other, middle) == said(other, last), "as the present"


def test_a_turning_point_is_where_something_turns() -> None:
    """Against a list of points that is right because it is endless."""
    credential = CredentialFacts(
        "bacp",
        "accredited_voluntary",
        ("GB",),
        "active",
        checked_at=NOW - timedelta(days=3),
        expires_on=(NOW + timedelta(days=20)).date(),
        supervised=False,
        restricted=False,
        zone="Europe/London",
        credential_type="mbacp",
        decided_at=NOW - timedelta(days=19),
    )
    standing = Standing(1, (credential,), barred=False, units=frozenset({"individual"}), age_bands=frozenset({"adult"}), country="GB", checks=check_facts(NOW))
    person = Attendee(None, place="GB-ENG", age_band="adult", paused=False)
    points = turning_points(standing)
    assert len(points) < 40
    midnight = datetime(2026, 12, 13, tzinfo=UTC)
    assert midnight in points
    for at, refused in ((midnight - MICROSECOND, False), (midnight, True)):
        assert bool(refusals(standing, person, SERVICE, at, now=NOW)) is refused
    late = NOW - timedelta(days=3) + timedelta(days=45)
    for now, refused in ((late, False), (late + MICROSECOND, True)):
        still = replace(standing, credentials=(replace(credential, expires_on=datetime(2027, 12, 1, tzinfo=UTC).date()),))
        assert late + MICROSECOND in turning_points(still)
        assert ("verified" in [each.code for each in refusals(still, person, SERVICE, now, now=now)]) is refused
