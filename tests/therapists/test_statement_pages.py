"""What a therapist does, stated by page: for whom and where, languages, ways of working, concerns, clock; and how somebody becomes a therapist here."""

from collections.abc import Callable

from werkzeug.datastructures import MultiDict

from core.db import transaction
from tests.browser import BASE_URL, Browser
from tests.factories.accounts import an_account
from tests.factories.therapists import a_therapist
from tests.form_fields import filled_in
from tests.therapists.test_practice_pages import EMAIL, MINE, at_work, press
from therapists.models import Therapist
from therapists.profile import own_profile

NewBrowser = Callable[[], Browser]
PAGE = f"{MINE}/work"


def mine(person_id: int) -> Therapist:
    with transaction():
        return own_profile(person_id)


def save(who: Browser, form: dict[str, str], **lists: list[str]) -> int:
    """With the version that the page has now, and lists of ticks."""
    version = filled_in(who.get(PAGE).text, having="version")["version"]
    sent = MultiDict({**form, "version": version, "csrf_token": who.csrf_token or ""})
    for name, values in lists.items():
        sent.setlist(name.replace("__", "."), values)
    answer = who.post(PAGE, data=sent, headers={"Origin": BASE_URL}, bare=True)
    who.last = answer.text  # type: ignore[attr-defined]
    return answer.status_code


def test_everything_that_a_therapist_states_is_stated_by_page(client: NewBrowser) -> None:
    with transaction():
        me = a_therapist(name="Nova Ash", email=EMAIL).person_id
    nova = at_work(client)
    place = {"act": "formats", "locations.1.label": "By the park", "locations.1.town": "Leeds", "locations.1.jurisdiction": "GB-ENG"}
    assert (
        save(nova, place | {"locations.1.step_free": "yes"}, units=["individual", "couple"], age_bands=["adult"], locations__1__access=["hearing_loop"]) == 303
    )
    one = mine(me)
    [park] = one.locations
    assert (one.units, park.label, park.step_free, park.access) == (["individual", "couple"], "By the park", True, ["hearing_loop"])
    stands = filled_in(nova.get(PAGE).text, having="locations.0.label")
    assert (stands["locations.0.town"], stands["locations.0.id"]) == ("Leeds", str(park.public_id))
    assert save(nova, {**stands, "act": "formats", "locations.0.town": "York"}, units=["individual"], age_bands=["adult"]) == 303
    assert [(each.public_id, each.town) for each in mine(me).locations] == [(park.public_id, "York")], "the same place, in another town"
    speaks = {"languages.0.language": "en", "languages.0.level": "native", "languages.2.language": "pl", "languages.2.level": "working"}
    assert save(nova, speaks | {"act": "languages"}) == 303
    assert {(each.language, each.level) for each in mine(me).languages} == {("en", "native"), ("pl", "working")}
    assert save(nova, {"act": "modalities"}, modalities=["cbt", "act"]) == 303
    assert save(nova, {"act": "concerns", "core.1": "depression", "core.3": "panic"}, others=["loneliness"]) == 303
    assert [(each.concern, each.core_position) for each in mine(me).concerns if each.core_position] == [("depression", 1), ("panic", 2)]
    assert save(nova, {"act": "basics", "country": "GB", "zone": "Europe/Warsaw", "places": "12", "waitlist_open": "yes"}) == 303
    assert (mine(me).zone, mine(me).places, mine(me).waitlist_open) == ("Europe/Warsaw", 12, True)
    assert save(nova, {"act": "basics", "country": "GB", "zone": "Europe/Warsaw", "places": ""}) == 303
    assert (mine(me).places, mine(me).waitlist_open) == (None, False)


def test_what_is_refused_stands_at_its_field(client: NewBrowser) -> None:
    with transaction():
        me = a_therapist(name="Nova Ash", email=EMAIL).person_id
    nova = at_work(client)
    wrong: list[tuple[dict[str, str], dict[str, list[str]], str]] = [
        ({"act": "formats", "locations.1.label": "Park"}, {"units": ["individual"]}, "formats-locations.1.town"),
        ({"act": "formats"}, {"units": ["individual", "crowd"]}, "formats-units"),
        ({"act": "languages", "languages.1.language": "en", "languages.1.level": "native", "languages.0.language": "en", "languages.0.level": "x"}, {}, ""),
        ({"act": "modalities"}, {"modalities": ["cbt", "astrology"]}, "modalities-modalities"),
        ({"act": "concerns", "core.0": "loneliness"}, {"others": ["loneliness"]}, "concerns-others"),
        ({"act": "basics", "country": "GB", "zone": "Mars/Base"}, {}, "basics-zone"),
        ({"act": "basics", "country": "GB", "zone": ""}, {}, "basics-zone"),
        ({"act": "basics", "country": "GB", "zone": "Europe/London", "places": "many"}, {}, "basics-places"),
        ({"act": "dance"}, {}, ""),
    ]
    for form, lists, field in wrong:
        assert save(nova, form, **lists) == 422, form
        page: str = nova.last  # type: ignore[attr-defined]
        assert not field or f'id="{field}-told"' in page, (form, field)
    stands = filled_in(nova.get(PAGE).text, having="version")
    assert press(nova, PAGE, **stands | {"act": "modalities", "version": "old"}).status_code == 412
    assert (mine(me).units, [each.modality for each in mine(me).modalities], mine(me).zone) == (["individual"], ["cbt"], "Europe/London")


def test_a_client_becomes_a_therapist_and_nothing_shows_yet(client: NewBrowser) -> None:
    with transaction():
        me = an_account(email=EMAIL, name="Nova Ash", zone="Europe/London").person_id
    nova = at_work(client)
    path = "/become-a-therapist"
    assert client().get(path).headers["Location"] == f"/sign-in?next={path}"
    assert f'href="{path}"' in nova.get("/").text
    asked = {"display_name": "Nova Ash", "country": "GB", "zone": "Europe/London"}
    refused = press(nova, path, **asked | {"country": "AQ"})
    assert (refused.status_code, 'id="country-told"' in refused.text) == (422, True)
    assert press(nova, path, **asked).headers["Location"] == f"/{MINE.strip('/')}"
    assert mine(me).published_at is None
    assert "Is my profile shown?" in nova.get(MINE).text
    assert press(nova, path, **asked).status_code == 409
    assert f'href="{path}"' not in nova.get("/").text
