"""The texts of the hottest answer are what the schema would have written from datetimes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.openings.schemas import OpeningSchema
from booking.openings.shown import written
from core.zones import zone

ZONES = ["UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Apia", "America/St_Johns"]
MINUTE = st.integers(int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) // 60, int(datetime(2029, 1, 1, tzinfo=UTC).timestamp()) // 60)


@given(st.lists(MINUTE, max_size=12, unique=True), st.integers(5, 480), st.sampled_from(ZONES))
def test_texts_written_from_seconds_equal_the_schemas_dump(minutes: list[int], length: int, zone_name: str):
    starts = sorted(minute * 60 for minute in minutes)
    instants = [datetime.fromtimestamp(start, UTC) for start in starts]
    shown = [{"start": at, "end": at + timedelta(minutes=length), "local_start": at.astimezone(zone(zone_name)).isoformat()} for at in instants]
    assert written(starts, length, zone_name) == OpeningSchema(many=True).dump(shown)


@pytest.mark.parametrize(("day", "offsets"), [("2027-11-07", ["-04:00", "-05:00"]), ("2027-03-14", ["-05:00", "-04:00"])], ids=["A5-autumn", "A4-spring"])
def test_the_offset_changes_within_the_day_of_the_change(day: str, offsets: list[str]):
    midnight = int(datetime.fromisoformat(f"{day}T00:00+00:00").timestamp())
    said = [item["local_start"][19:] for item in written(list(range(midnight + 5 * 3600, midnight + 9 * 3600, 1800)), 30, "America/New_York")]
    assert list(dict.fromkeys(said)) == offsets
