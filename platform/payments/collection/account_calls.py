"""From a payee to the processor's pages about them, and back: transaction, call, transaction."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from core.clock import now as now_of_transaction
from core.configuration import setting
from core.db import transaction
from core.errors import Conflict, NotFound
from payments import processor
from payments.collection.account import account_of, apply_account, begin_account, name_account, unnamed_account
from payments.collection.choose import setup_of
from payments.collection.ways import Setup
from payments.make_once_calls import LOOK_AROUND, Turn, begin_turn, make_once
from payments.processor_failures import NoSuchObject, ProcessorUnavailable
from payments.refunds.apply import PaymentUnknown

PAGE = "payments/account"


class AccountUnknown(Conflict):
    code = "account_unknown"
    detail = "The payment processor does not know the account that is kept for you. Nothing was changed; please write to us, so that we can look."


@dataclass(frozen=True, slots=True)
class _Call:
    """The account, and when it may have been made, as far as the processor's clock can be told from ours."""

    reference: str
    country: str
    since: datetime
    until: datetime
    turn: Turn


def open_account_page(person_id: int, country: str) -> str:
    """The address of the processor's own pages, where the payee says who they are: good once, for minutes. Asked again, a new one for the same account.

    CountryNotServed, OtherCountry, AccountUnknown, ProcessorUnavailable (503), and then nothing is lost.
    """
    with transaction():
        now = now_of_transaction()
        account = begin_account(person_id, country, now=now)
        name = account.reference
        call = (
            None
            if name is not None
            else _Call(str(account.public_id), country, account.begun_at - LOOK_AROUND, now + LOOK_AROUND, begin_turn(account, now=now))
        )
    if call is not None:
        name = _made(person_id, call)
    assert name is not None
    page = f"{setting('BASE_URL')}/{PAGE}"
    # A link that is made twice is of no consequence: each is good once, and for minutes.
    try:
        return processor.create_account_link(name, refresh_url=page, return_url=page, idempotency_key=f"account_link:{uuid.uuid4()}")
    except NoSuchObject:
        raise AccountUnknown from None


def _made(person_id: int, call: _Call) -> str:
    """What the processor calls the account, made once (`make_once_calls`). ProcessorUnavailable also while it is not known whether it was made."""
    told = make_once(
        call.turn,
        lock=lambda: unnamed_account(person_id),
        find=lambda: next((each for each in processor.accounts_between(call.since, call.until) if each.reference == call.reference), None),
        make=lambda key: processor.create_account(reference=call.reference, country=call.country, idempotency_key=key),
    )
    with transaction():
        known = account_of(person_id)
        if told is not None:
            return name_account(person_id, told)
        if known is None or known.reference is None:
            raise ProcessorUnavailable("not_known_yet", maybe_done=True)
        return known.reference


def look_at_own_account(person_id: int) -> Setup:
    """Ask the processor how the account stands now. NotFound without one; AccountUnknown, such as under another secret key; ProcessorUnavailable."""
    with transaction():
        account = account_of(person_id)
        name = account.reference if account is not None else None
    if name is None:
        raise NotFound
    try:
        read_account(name)
    except NoSuchObject:
        raise AccountUnknown from None
    with transaction():
        return setup_of(person_id)


def read_account(name: str) -> None:
    """Take over how an account stands. PaymentUnknown for one that is not ours (yet)."""
    told = processor.retrieve_account(name)
    with transaction():
        if apply_account(told, now=now_of_transaction()) is None:
            raise PaymentUnknown
