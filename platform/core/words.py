"""Words that a caller's request brought along, told once to whoever was connected: on success in the request's own transaction, and also when it was refused.

Every `http.Text` field notes what it read, so that no door can forget to. Nothing here keeps, judges or logs a word.
"""

from collections.abc import Callable, Sequence

from flask import g, has_request_context

Listener = Callable[[Sequence[str]], None]
_listeners: list[Listener] = []


def when_words_arrive(listener: Listener) -> None:
    """Connected by the assembly, once."""
    if listener not in _listeners:
        _listeners.append(listener)


def note_words(text: str) -> None:
    """Called by the field that has read them."""
    if text and has_request_context():
        g.setdefault("words_brought", []).append(text)


def were_brought() -> bool:
    """Whether there is anything to tell."""
    return bool(g.get("words_brought"))


def tell_of_words() -> None:
    """Tell what was noted in this request, and forget it. Belongs inside a transaction that may write."""
    words: list[str] = g.pop("words_brought", [])
    if words:
        for listener in _listeners:
            listener(words)
