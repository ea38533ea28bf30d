"""Hints at what the rules of advertising forbid, working days, and where a video link may lead. Pure."""

from datetime import UTC, datetime

import pytest

from therapists.advertising import HINTS, hints_in, sentences_of
from therapists.video_link import VideoLinkRefused, host_of, require_video_link
from therapists.working_days import after_working_days


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("cure", "I can cure your anxiety."),
        ("cure", "Heilung in wenigen Wochen."),
        ("guarantee", "Results guaranteed!"),
        ("guarantee", "A 98% success rate speaks for itself."),
        ("guarantee", "Feel results in just three sessions."),
        ("testimonial", "My clients say that I changed their lives."),
        ("superlative", "The best couple therapist in town."),
        ("superlative", "More effective than other methods."),
        ("title", "I am a licensed psychologist."),
        ("title", "Dr Ash works here."),
        ("conversion", "Overcome unwanted same-sex attraction."),
        ("conversion", "I offer réparative therapy."),
        ("conversion", "Konversionstherapie auf Anfrage."),
    ],
)
def test_a_sentence_is_pointed_at_with_its_reason(code: str, sentence: str) -> None:
    found = hints_in(f"I work in Leeds. {sentence} You can write to me.")
    assert code in [hint.code for hint in found]
    assert {hint.sentence for hint in found} == {sentence}
    assert {hint.code for hint in found} <= set(HINTS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I work calmly and at your pace, mostly with grief and worry.",
        "Cancel up to 24 hours before.",
        "We look at what changes, and what stays.",
        "CBT and EMDR.",
    ],
)
def test_plain_words_are_left_alone(text: str) -> None:
    assert hints_in(text) == []


def test_hidden_letters_and_accents_do_not_hide_a_word() -> None:
    assert [hint.code for hint in hints_in("I gu\u200barantee it.")] == ["guarantee"]
    assert [hint.code for hint in hints_in("Je vous GUÉRIS.")] == ["cure"]


def test_a_title_that_a_checked_credential_supports_is_not_pointed_at() -> None:
    text = "I am a practitioner psychologist."
    assert [hint.words for hint in hints_in(text)] == ["psychologist"]
    assert hints_in(text, supported="Health and Care Professions Council Practitioner psychologist") == []
    assert [hint.code for hint in hints_in("Dr. Ash.", supported="Practitioner psychologist")] == ["title"], "a doctorate is on no register of ours"


def test_sentences_are_as_they_were_written() -> None:
    assert sentences_of("Dr. Ash works.\nHow? Calmly!") == ["Dr. Ash works.", "How?", "Calmly!"]


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2026-11-23T10:00", "2026-11-25T10:00"),  # Monday
        ("2026-11-26T10:00", "2026-11-30T10:00"),  # Thursday
        ("2026-11-27T10:00", "2026-12-01T10:00"),  # Friday
        ("2026-11-22T15:00", "2026-11-25T15:00"),  # Sunday
        ("2026-11-22T23:30", "2026-11-25T23:30"),
    ],
)
def test_two_working_days_skip_the_weekend(asked: str, due: str) -> None:
    at = datetime.fromisoformat(asked).replace(tzinfo=UTC)
    assert after_working_days(2, "Europe/London", at) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_the_weekend_is_that_of_the_therapists_zone() -> None:
    friday_evening = datetime(2026, 11, 27, 20, tzinfo=UTC)  # Saturday in Auckland
    assert after_working_days(2, "Pacific/Auckland", friday_evening) == datetime(2026, 12, 1, 20, tzinfo=UTC)
    assert after_working_days(2, "Europe/London", friday_evening) == datetime(2026, 12, 1, 20, tzinfo=UTC)


def test_a_video_link_leads_to_a_known_host_by_https() -> None:
    assert host_of(require_video_link("https://vimeo.com/12345")) == "vimeo.com"
    assert require_video_link("https://www.youtube.com/watch?v=abc")


@pytest.mark.parametrize(
    "address",
    [
        "http://vimeo.com/1",
        "https://vimeo.com.evil.example/1",
        "https://vimeo.com@evil.example/1",
        "https://evil.example/vimeo.com",
        "https://vimeo.com:8443/1",
        "https://vimeo.com\\@evil.example",
        "https://vimeo.com/",
        "javascript:alert(1)//vimeo.com/x",
        "https://vimeo.com/a b",
        "https://vіmeo.com/1",
        "//vimeo.com/1",
        "https://[vimeo.com/1",
    ],
)
def test_every_other_link_is_refused_by_name(address: str) -> None:
    with pytest.raises(VideoLinkRefused) as refusal:
        require_video_link(address)
    assert refusal.value.code == "video_link_refused"
