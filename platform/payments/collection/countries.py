"""In which countries a payee can have an account with the processor. Pure, from dated data; invoices of one's own need none and work everywhere."""

import json
from functools import cache
from pathlib import Path

FILE = Path(__file__).parents[1] / "data" / "account_countries.json"


@cache
def online_countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2. ValueError for anything else in the data."""
    countries = frozenset(json.loads(FILE.read_text())["online"])
    if not all(len(each) == 2 and each.isascii() and each.isupper() for each in countries):
        raise ValueError("a country is two capital letters")
    return countries
