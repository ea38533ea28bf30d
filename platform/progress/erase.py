"""Questionnaires and fit checks go with the account, whoever could read them."""

from datetime import datetime

from progress.fit_check.answer import PURPOSE
from progress.forget import forget_when_withdrawn


def erase_results(person_id: int, now: datetime) -> None:
    forget_when_withdrawn(person_id, PURPOSE, now)
