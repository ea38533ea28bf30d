"""The connector to the NPI registry. It is given the number only: whose number it is thought to be is not told."""

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from core.outside import NoAnswer, get
from therapists.npi_answer import answer_in
from therapists.register_answers import Answer, Unavailable

VERSION = "2.1"
# Statuses that say why there is no answer; any other is `refused`, and from 500 on `failing`.
WHY_NOT = {301: "moved", 302: "moved", 303: "moved", 307: "moved", 308: "moved", 429: "throttled"}


@dataclass(frozen=True)
class NpiRegistry:
    """`address` is where the API lives, such as ``https://npiregistry.cms.hhs.gov/api/``."""

    address: str

    def look_up(self, number: str, name: str) -> Answer:  # noqa: ARG002 this registry is asked by number
        """Found, NotFound, or Unavailable for everything else that may come: silence, HTML, a redirect, a shape that we do not know."""
        source = f"{self.address}?{urlencode({'version': VERSION, 'number': number})}"
        try:
            document = get(source, accept="application/json")
        except NoAnswer as nothing:
            return Unavailable(nothing.reason, source)
        if document.status != 200:
            return Unavailable(WHY_NOT.get(document.status, "failing" if document.status >= 500 else "refused"), source)
        try:
            said = json.loads(document.content)
        except (ValueError, RecursionError):
            return Unavailable("not_json", source)
        return answer_in(said, number=number, source=source)
