"""From a payee to the processor's pages about them, and back: transaction, call, transaction."""

import uuid

from core.clock import now as now_of_transaction
from core.configuration import setting
from core.db import transaction
from core.errors import NotFound
from payments import processor
from payments.collection.account import account_of, apply_account, begin_account, name_account
from payments.collection.choose import setup_of
from payments.collection.ways import Setup
from payments.refunds.apply import PaymentUnknown

PAGE = "payments/account"


def open_account_page(person_id: int, country: str) -> str:
    """The address of the processor's own pages, where the payee says who they are: good once, for minutes. Asked again, a new one for the same account.

    CountryNotServed, OtherCountry, ProcessorUnavailable (503), and then nothing is lost.
    """
    with transaction():
        account = begin_account(person_id, country, now=now_of_transaction())
        ours, name = str(account.public_id), account.reference
    if name is None:
        told = processor.create_account(reference=ours, country=country, idempotency_key=f"account:{ours}")
        with transaction():
            name = name_account(person_id, told)
    page = f"{setting('BASE_URL')}/{PAGE}"
    return processor.create_account_link(name, refresh_url=page, return_url=page, idempotency_key=f"account_link:{uuid.uuid4()}")


def look_at_own_account(person_id: int) -> Setup:
    """Ask the processor how the account stands now. NotFound without one; ProcessorUnavailable."""
    with transaction():
        account = account_of(person_id)
        name = account.reference if account is not None else None
    if name is None:
        raise NotFound
    read_account(name)
    with transaction():
        return setup_of(person_id)


def read_account(name: str) -> None:
    """Take over how an account stands. PaymentUnknown for one that is not ours (yet)."""
    told = processor.retrieve_account(name)
    with transaction():
        if apply_account(told, now=now_of_transaction()) is None:
            raise PaymentUnknown
