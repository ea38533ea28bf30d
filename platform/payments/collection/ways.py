"""The two ways in which a payee collects, and when one of them works. Pure.

*online*: the payer's card is charged through us, and we pass the money on; it needs an account that the processor has verified for this payee.
*therapist_invoices*: nothing is charged here; the payee writes invoices, and our fee is kept in the books as owed by them.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Way: TypeAlias = Literal["online", "therapist_invoices"]
WAYS: tuple[Way, ...] = get_args(Way)
ACCOUNT_STATES = ("begun", "enabled", "restricted")


@dataclass(frozen=True, slots=True)
class Setup:
    """What a payee chose, and how far their account with the processor is; None where there is none."""

    way: Way | None
    account_state: str | None = None

    @property
    def works_as(self) -> Way | None:
        """How they collect today; None when nothing is set up, and then nobody new may book with them."""
        if self.way == "online" and self.account_state != "enabled":
            return None
        return self.way

    @property
    def still_needed(self) -> str | None:
        """What is missing, as a code: choose_a_way, open_account, finish_account, account_restricted."""
        if self.works_as is not None:
            return None
        if self.way is None:
            return "choose_a_way"
        return {None: "open_account", "begun": "finish_account"}.get(self.account_state, "account_restricted")
