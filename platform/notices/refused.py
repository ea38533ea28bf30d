"""The answer that makes another attempt useless. Pure."""


class Refused(Exception):
    """The other side will not take this letter, now or later. `code` is what it answered; neither address nor text is in it."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)
