"""What is asked, on which screen, and which answers are possible: one closed definition. Pure; served by the API as it stands here.

A first list after at most nine screens; everything else is asked beside the list and only refines it. Nothing asks who the person is in ways that
could be used to sort them (their own ethnicity, faith or orientation): such things can only be wished for in a therapist.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from matching.safety import ANSWERS, DIRECT_QUESTIONS, QUESTIONS

Kind: TypeAlias = Literal[
    "choice", "choices", "slug", "slugs", "flag", "text", "name", "number", "money", "windows", "wishes", "identity_wishes", "emphasis", "zone"
]


@dataclass(frozen=True)
class Field:
    """One question. `options` lists the possible values; `list_name` names a list of the vocabulary instead. `most` bounds lists, `longest` texts.

    `required` fields must be there before the first list.
    """

    name: str
    kind: Kind
    label: str
    required: bool = False
    options: tuple[str, ...] = ()
    list_name: str | None = None
    most: int = 10
    longest: int = 2000


@dataclass(frozen=True)
class Screen:
    """One page of questions. Refinements come after the first list and can be left out."""

    name: str
    title: str
    fields: tuple[Field, ...] = ()
    refinement: bool = False


FOR_WHOM = ("self", "couple", "family", "child", "someone_else")
UNIT_OF = {"self": "individual", "couple": "couple", "family": "family"}
STRENGTHS = ("must", "strong", "nice")

_SAFETY = (
    *(Field(name, "choice", question, required=True, options=ANSWERS) for name, question in QUESTIONS.items()),
    *(Field(name, "choice", question, options=ANSWERS) for name, question in DIRECT_QUESTIONS.items()),
)

FIRST_SCREENS = (
    Screen("consent", "May we use your answers to find therapists for you?"),
    Screen("for_whom", "Who is this for?", (Field("for_whom", "choice", "Who is this for?", required=True, options=FOR_WHOM),)),
    Screen(
        "place",
        "Where will you be during sessions, and how old are you?",
        (
            Field("place", "slug", "Where will you physically be?", required=True, list_name="jurisdictions"),
            Field("zone", "zone", "Your time zone"),
            Field("age_band", "choice", "Your age", required=True, list_name="age_bands"),
            Field("others_places", "slugs", "Where the others will be, if somewhere else", list_name="jurisdictions", most=6),
            Field("all_adults", "flag", "Is everybody who takes part an adult?"),
        ),
    ),
    Screen("safety", "Three plain questions first", _SAFETY),
    Screen(
        "main_concern",
        "What is it mainly about?",
        (
            Field("main_concern", "slug", "What is it mainly about?", required=True, list_name="concerns"),
            Field("about_whom", "choice", "Who is it about?", list_name="about_whom"),
            Field("goals", "slugs", "What would you like to be different?", list_name="goals", most=5),
            Field("words", "text", "In your own words, if you like"),
            Field("not_offered_read", "flag", "I have read what nobody offers here, and would like to see who may support me as I am"),
        ),
    ),
    Screen(
        "musts",
        "What matters to you in a therapist?",
        (
            Field("languages", "wishes", "Languages", list_name="languages", most=5),
            Field("identity", "identity_wishes", "Who they are", most=8),
            Field("modalities", "wishes", "A kind of therapy, if you have one in mind", list_name="modalities", most=5),
            Field("access", "wishes", "What you need to be able to take part", list_name="access", most=8),
        ),
    ),
    Screen(
        "format_and_times",
        "How and when?",
        (
            Field("modes", "choices", "Which formats are possible?", list_name="modes"),
            Field("modes_strength", "choice", "How much does that matter?", options=STRENGTHS),
            Field("town", "text", "Your town, for sessions in person", longest=80),
            Field("hours", "windows", "Times that are possible", most=42),
            Field("hours_strength", "choice", "How much does that matter?", options=STRENGTHS),
        ),
    ),
    Screen(
        "price",
        "What may it cost?",
        (
            Field("ceiling", "money", "The most a session may cost"),
            Field("ceiling_firm", "flag", "Is that a firm limit?"),
            Field("concession", "flag", "Do you need a lower fee?"),
            Field("insurer", "name", "Your insurance, if you want to use it", longest=40),
        ),
    ),
    Screen("check", "Are these answers right?", (Field("confirmed", "flag", "These answers are right", required=True),)),
)

REFINEMENTS = (
    Screen(
        "more_concerns",
        "Anything else it is about?",
        (
            Field("other_concerns", "slugs", "Other things, up to three", list_name="concerns", most=3),
            Field("duration", "choice", "For how long?", options=("weeks", "months", "years", "always")),
            Field("affects", "choices", "What does it get in the way of?", options=("work", "relationships", "sleep", "body", "everything")),
            Field("triggers", "text", "What sets it off?"),
        ),
        refinement=True,
    ),
    Screen(
        "history",
        "What have you tried?",
        (
            Field("prior_therapy", "choice", "Have you been in therapy before?", options=ANSWERS),
            Field("what_helped", "text", "What helped?"),
            Field("what_did_not", "text", "What did not?"),
            Field("diagnosis", "text", "A diagnosis, if you know of one"),
            Field("medication", "choice", "Do you take medication for it?", options=ANSWERS),
            Field("current_provider", "choice", "Is somebody helping you now?", options=ANSWERS),
        ),
        refinement=True,
    ),
    Screen(
        "style",
        "How should a therapist work with you?",
        (
            Field("led", "number", "From letting me lead (-1) to leading me (+1)"),
            Field("intensity", "number", "From keeping feelings at a distance (-1) to going into them (+1)"),
            Field("past", "number", "From the present (-1) to the past (+1)"),
            Field("warmth", "number", "From challenge (-1) to warmth (+1)"),
            Field("homework", "choice", "Tasks between sessions?", options=("yes", "no", "either")),
            Field("pace", "choice", "Which pace?", options=("slow", "steady", "fast", "either")),
        ),
        refinement=True,
    ),
    Screen(
        "course",
        "How often and for how long?",
        (
            Field("frequency", "choice", "How often?", list_name="frequencies"),
            Field("course_length", "choice", "For how long?", list_name="durations"),
        ),
        refinement=True,
    ),
    Screen(
        "contact",
        "How may we reach you?",
        (
            Field("voicemail_safe", "choice", "Is it safe to leave a voice message?", options=ANSWERS),
            Field("share_with_therapist", "choice", "May a therapist you choose read your answers?", options=("yes", "no", "ask_me")),
        ),
        refinement=True,
    ),
    Screen("emphasis", "What should count more, or not at all?", (Field("emphasis", "emphasis", "What should count more, or not at all?"),), refinement=True),
)

SCREENS = FIRST_SCREENS + REFINEMENTS
SCREEN_BY_NAME = {screen.name: screen for screen in SCREENS}
# Kept with care even beyond the other answers: in the person's own words, never used for ranking.
OWN_WORDS = frozenset(field.name for screen in SCREENS for field in screen.fields if field.kind == "text" and field.name != "town")
