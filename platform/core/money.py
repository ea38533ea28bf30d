"""Money is an integer of minor units and an ISO 4217 currency. Nothing is converted, nothing is rounded. Pure."""

from dataclasses import dataclass

# Currencies whose minor unit is not a hundredth (ISO 4217); everything else here has two decimals.
ZERO_DECIMAL = frozenset({"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"})
THREE_DECIMAL = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


@dataclass(frozen=True, order=False)
class Money:
    """`amount` in minor units (pence, cents); never negative here."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError("an amount is not negative")
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
            raise ValueError("a currency is three capital letters")

    @property
    def decimals(self) -> int:
        return 0 if self.currency in ZERO_DECIMAL else 3 if self.currency in THREE_DECIMAL else 2

    def __str__(self) -> str:
        if not self.decimals:
            return f"{self.currency} {self.amount}"
        unit = 10**self.decimals
        return f"{self.currency} {self.amount // unit}.{self.amount % unit:0{self.decimals}d}"
