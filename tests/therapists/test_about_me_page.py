"""What a therapist says of themselves by page, each statement for its audience; and that what waits for a reader is not lost by saving a form again."""

from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import MultiDict

from core.db import db, transaction
from tests.browser import BASE_URL, Browser
from tests.factories.therapists import a_therapist
from tests.form_fields import filled_in
from tests.therapists.test_practice_pages import EMAIL, MINE, at_work
from tests.therapists.test_statement_pages import mine, save
from therapists.models import Therapist
from therapists.practice_pages.statements.form import words_of
from therapists.profile_changes import waiting_additions

NewBrowser = Callable[[], Browser]
PAGE = f"{MINE}/about-me"


def say(who: Browser, form: dict[str, str], **lists: list[str]) -> Any:
    """With all that the form shows now, and what is given."""
    page = who.get(PAGE).text
    having = {"identities": "identities.0.kind", "style": "led", "people": "version"}.get(form["act"], "version")
    sent = MultiDict(filled_in(page, having=having) | form | {"csrf_token": who.csrf_token or ""})
    for name, values in lists.items():
        sent.setlist(name, values)
    return who.post(PAGE, data=sent, headers={"Origin": BASE_URL}, bare=True)


def statement(at: int, kind: str, value: str, audience: str = "public", relation: str = "shares") -> dict[str, str]:
    return {f"identities.{at}.{name}": text for name, text in (("kind", kind), ("value", value), ("audience", audience), ("relation", relation))}


def identities(person_id: int) -> set[tuple[str, str, str, str]]:
    return {(row.kind, row.value, row.relation, row.audience) for row in mine(person_id).identities}


def test_a_therapist_says_of_themselves_what_they_choose_and_to_whom(client: NewBrowser) -> None:
    with transaction():
        me = a_therapist(name="Nova Ash", email=EMAIL).person_id
    nova = at_work(client)
    before = mine(me).populations
    first = statement(0, "gender", "non-binary", "asked") | statement(1, "ethnicity", "Black British", relation="experienced_with")
    assert say(nova, {"act": "identities"} | first).status_code == 303
    assert identities(me) == {("gender", "non_binary", "shares", "asked"), ("ethnicity", "Black British", "experienced_with", "public")}
    stands = filled_in(nova.get(PAGE).text, having="identities.0.kind")
    assert (stands["identities.0.value"], stands["identities.0.audience"]) == ("Non-binary", "asked")
    assert say(nova, {"act": "identities", "identities.1.kind": "", "identities.1.value": ""}).status_code == 303
    assert identities(me) == {("gender", "non_binary", "shares", "asked")}
    assert say(nova, {"act": "style", "led": "-0.5", "warmth": "1.0"}).status_code == 303
    assert (mine(me).style_led, mine(me).style_warmth, mine(me).style_past) == (-0.5, 1.0, None)
    with transaction():
        mine_now = db.session.get_one(Therapist, me)
        mine_now.style_led = 0.3
    assert 'value="0.3" selected' in nova.get(PAGE).text, "what was said more finely elsewhere stands"
    assert say(nova, {"act": "style", "warmth": ""}).status_code == 303
    assert (mine(me).style_led, mine(me).style_warmth) == (0.3, None)
    assert mine(me).populations == before, "one form leaves the others alone"
    assert say(nova, {"act": "people"}, populations=["students", "carers"], insurers=["bupa"]).status_code == 303
    assert (mine(me).populations, mine(me).insurers) == (["students", "carers"], ["bupa"])
    wrong: list[tuple[dict[str, str], dict[str, list[str]], str]] = [
        ({"act": "identities"} | statement(1, "gender", "dragon"), {}, "identities-identities.1.value"),
        ({"act": "identities"} | statement(1, "", "dragon"), {}, "identities-identities.1.kind"),
        ({"act": "identities"} | statement(1, "parent", ""), {}, "identities-identities.1.value"),
        ({"act": "identities"} | statement(1, "parent", "yes", "friends"), {}, "identities-identities.1.audience"),
        ({"act": "identities"} | statement(1, "gender", "Non-binary"), {}, "identities-identities.1.value"),
        ({"act": "style", "led": "2"}, {}, "style-led"),
        ({"act": "style", "led": "much"}, {}, "style-led"),
        ({"act": "style", "led": "nan"}, {}, "style-led"),
        ({"act": "people"}, {"populations": ["dragons"]}, "people-populations"),
        ({"act": "dance"}, {}, ""),
    ]
    for form, lists, field in wrong:
        refused = say(nova, form, **lists)
        assert refused.status_code == 422, form
        assert not field or f'id="{field}-told"' in refused.text or f'id="{field}" aria-describedby' in refused.text, (form, field)
    assert say(nova, {"act": "style", "version": "old"}).status_code == 412
    assert (identities(me), mine(me).insurers) == ({("gender", "non_binary", "shares", "asked")}, ["bupa"])


def test_what_waits_for_a_reader_stands_in_the_form_and_is_not_lost_by_saving_again(client: NewBrowser) -> None:
    with transaction():
        me = a_therapist(name="Nova Ash", email=EMAIL).person_id
    nova = at_work(client)
    assert say(nova, {"act": "identities"} | statement(0, "ethnicity", "Professor")).status_code == 303
    assert save(nova, {"act": "modalities"}, modalities=["cbt", "emdr"]) == 303
    assert save(nova, {"act": "concerns", "core.0": "Depression", "core.1": "eating disorders"}) == 303

    def waiting() -> dict[str, Any]:
        with transaction():
            return waiting_additions(me)

    assert {name: [each.get("slug") or each["value"] for each in rows] for name, rows in waiting().items()} == {
        "identities": ["Professor"],
        "modalities": ["emdr"],
        "concerns": ["eating_disorders"],
    }
    work = nova.get(f"{MINE}/work").text
    assert ("Waits to be read by a person: " + words_of("modalities")["emdr"] in work, 'value="emdr" checked' in work) == (True, True)
    assert "Waits to be read by a person: Professor" in nova.get(PAGE).text
    assert say(nova, {"act": "identities"}).status_code == 303
    stands = filled_in(work, having="core.0")
    assert save(nova, {"act": "concerns"} | {name: text for name, text in stands.items() if name.startswith("core.")}) == 303
    assert set(waiting()) == {"identities", "modalities", "concerns"}
    assert say(nova, {"act": "identities", "identities.0.kind": "", "identities.0.value": ""}).status_code == 303
    assert set(waiting()) == {"modalities", "concerns"}
