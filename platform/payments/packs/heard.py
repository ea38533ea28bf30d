"""News of the money for a pack: it comes to life, or what was paid for it goes back. Connected to `payments.news`."""

from datetime import datetime

from payments.news import GiveBack, Kept, PaymentNews, Verdict
from payments.packs.sell import pack_paid

PURPOSE = "pack"


def hear_of_payment(news: PaymentNews, now: datetime) -> Verdict:
    """A checkout that came to nothing changes nothing: whoever asked for the pack may pay it later at the same price."""
    if news.paid is None or pack_paid(news.reference, now=now) is not None:
        return Kept()
    return GiveBack("cancelled")
