"""What an answer about the right to treat is made of: grounds, each a chain of facts with its words, its source and its date. Pure."""

from dataclasses import dataclass

# (when it holds, when it does not). Placeholders are filled with what the fact is about.
WORDS: dict[str, tuple[str, str]] = {
    "entry_current": (
        "The entry at {register} was read and is current on that day.",
        "We hold no current check of an entry at {register} for that day.",
    ),
    "title_practises": ("{title} may practise.", "{title} does not allow anybody to practise."),
    "register_reaches_place": ("This entry reaches {place}.", "This entry does not reach {place}."),
    "home_licence": (
        "It is added to a current licence in {home} under a title that it can be added to.",
        "It needs a current licence under a title that it can be added to, and there is none.",
    ),
    "home_takes_part": ("{home} takes part.", "{home} does not take part."),
    "place_takes_part": ("{place} takes part.", "{place} does not take part."),
    "place_issues": ("{place} issues privileges.", "{place} issues no privileges, whatever it has enacted."),
    "sits_at_home": (
        "During sessions the therapist is in {home}, where they are licensed.",
        "It holds only while the therapist is physically in the state that licensed them, and we do not know that they are.",
    ),
    "way_of_meeting": ("It is used in this way of meeting.", "It is not for this way of meeting."),
    "not_a_short_stay": ("", "This is for up to {days} days a year. We book nothing on it, because somebody has to count the days."),
    "supervised": ("Practice is under supervision, and is shown so.", ""),
}

RULES: dict[str, str] = {
    "licence": "A statutory registration counts in the places of its law.",
    "protected_title": "A protected title counts in the places of its law.",
    "accepted_register": "Where the title is not regulated, an entry on an accepted register counts in the places that register speaks for.",
    "psypact": "Psychologists may meet people in other member states remotely, from the member state that licensed them.",
    "counseling_compact": "A privilege counts in the one state that issued it, while the home licence is live.",
    "short_stay": "Some places let visitors practise for a few days.",
}


@dataclass(frozen=True)
class Fact:
    """One link of a chain. `source` says where we have it from, `as_of` since when (ISO: a month or a day); `about` fills the words."""

    code: str
    holds: bool
    about: tuple[tuple[str, str], ...]
    source: str
    as_of: str | None

    @property
    def words(self) -> str:
        return WORDS[self.code][0 if self.holds else 1].format_map(dict(self.about))


@dataclass(frozen=True)
class Ground:
    """One way in which a credential may reach a place: it does when every fact holds. `register` and `title` are slugs of the vocabulary."""

    rule: str
    register: str
    title: str
    is_supervised: bool
    facts: tuple[Fact, ...]

    @property
    def stands(self) -> bool:
        return all(fact.holds for fact in self.facts)


@dataclass(frozen=True)
class Authorisation:
    """The answer for one place, way of meeting and day, with every ground that was looked at."""

    place: str
    grounds: tuple[Ground, ...]

    @property
    def is_given(self) -> bool:
        return any(ground.stands for ground in self.grounds)

    @property
    def is_only_supervised(self) -> bool:
        """Given, and by nothing but practice under supervision."""
        return self.is_given and all(ground.is_supervised for ground in self.grounds if ground.stands)

    def allows(self, *, supervised_allowed: bool, risk: bool) -> bool:
        """Scope: supervised practice only where the service allows it, and never for risk work. Where nothing is given, the place says it all."""
        return not self.is_only_supervised or (supervised_allowed and not risk)
