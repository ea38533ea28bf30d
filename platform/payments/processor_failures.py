"""What the processor may answer instead of what was asked for. Ids and codes only: its messages may name people."""

from core.errors import Unavailable


class ProcessorUnavailable(Unavailable):
    """No usable answer came in time, or the line is open-circuited. 503 with Retry-After if nobody catches it.

    `maybe_done`: the request may have had its effect; only the same call with the same idempotency key, or a look-up, may follow.
    """

    code = "payments_unavailable"
    detail = "Payments cannot be reached for the moment. Nothing was lost; please try again in a minute."

    def __init__(self, reason: str, *, maybe_done: bool, retry_after: int = 30) -> None:
        super().__init__(retry_after=retry_after)
        self.reason = reason
        self.maybe_done = maybe_done


class CardDeclined(Exception):
    """The bank said no. `code` and `decline_code` are the processor's words (https://docs.stripe.com/declines/codes)."""

    def __init__(self, code: str, decline_code: str | None, payment_intent: str | None) -> None:
        super().__init__(code)
        self.code, self.decline_code, self.payment_intent = code, decline_code, payment_intent


class AuthenticationNeeded(CardDeclined):
    """The bank wants to see the person, who is not here: they must come to a checkout."""


class RequestRefused(Exception):
    """The processor will not do this: our mistake, or the object is in another state. `code` and `param` are its words, such as
    ``charge_already_refunded``, ``charge_disputed``, ``balance_insufficient``, ``payment_intent_unexpected_state``."""

    def __init__(self, code: str, param: str | None = None, status: int = 400) -> None:
        super().__init__(f"{code} {param or ''}".rstrip())
        self.code, self.param, self.status = code, param, status


class NoSuchObject(RequestRefused):
    """There is nothing under this id at the processor."""


class IdempotencyKeyReused(RequestRefused):
    """The key was used with other parameters: a defect of ours, never to be answered with a new key by itself."""


class KeyRefused(RequestRefused):
    """The secret key is not accepted, or may not do this."""


class NotSigned(Exception):
    """A webhook that is not the processor's, not fresh, or not an event. `reason`: header, signature, timestamp, body."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
