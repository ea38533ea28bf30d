"""Which movements follow from a decision about a difference. Pure; amounts are minor units, signed as the flows they make up for."""

from collections.abc import Iterable

from payments.ledger import rules
from payments.ledger.accounts import Movement, Side

Drift = Iterable[list[str | int]]


def balance_against(drift: Drift, counter: Side) -> list[Movement]:
    """Bring the account `balance` to what the processor has, at the cost or gain of `counter`; a fee is always the processor's."""
    movements = []
    for kind, currency, amount in drift:
        side = rules.PROCESSOR_FEE if kind == "fee" else counter
        movements += rules.corrected(rules.BALANCE, side, int(amount), str(currency))
    return movements


def shared(payee_id: int, theirs: int, ours: int, currency: str) -> list[Movement]:
    """`theirs` more (or less) on the balance is the payee's, `ours` our fee."""
    payee: Side = ("therapist", payee_id)
    return rules.corrected(rules.BALANCE, payee, theirs, currency) + rules.corrected(rules.BALANCE, rules.PLATFORM, ours, currency)


def ahead(amount: int, currency: str) -> list[Movement]:
    """The same of what was paid ahead: it is nobody's yet."""
    return rules.corrected(rules.BALANCE, rules.PREPAID, amount, currency)


def fees_of(drift: Drift) -> list[Movement]:
    """Only what the processor took for its work."""
    return balance_against([each for each in drift if each[0] == "fee"], rules.PROCESSOR_FEE)


def gone_back(amount: int, currency: str) -> list[Movement]:
    """Money that was nobody's is promised back to whoever paid it."""
    return rules.corrected(rules.BALANCE, rules.REFUND, amount, currency)
