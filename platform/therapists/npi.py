"""The check digit of the US National Provider Identifier: Luhn over 80840 and the ten digits. It shows a typing error, never a right to practise. Pure.

Source: CMS, "Requirements for National Provider Identifier (NPI) and NPI Check Digit".
"""

PREFIX = "80840"


def npi_is_well_formed(number: str) -> bool:
    """Ten ASCII digits, the first 1 or 2, with the right check digit."""
    if len(number) != 10 or not number.isascii() or not number.isdigit() or number[0] not in "12":
        return False
    total = 0
    for position, digit in enumerate(reversed(PREFIX + number)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
