"""What a result is called on a page. Pure."""

from collections.abc import Mapping

BANDS: Mapping[str, str] = {"minimal": "minimal", "mild": "mild", "moderate": "moderate", "moderately_severe": "moderately severe", "severe": "severe"}
CHANGES: Mapping[str, str] = {
    "improved": "Clearly lower than the last time.",
    "deteriorated": "Clearly higher than the last time.",
    "unchanged": "About as the last time.",
}
