"""The forms of a page as a browser without scripts would send them: every field that is there, with what it holds."""

from html.parser import HTMLParser
from typing import Any

Fields = list[tuple[str, str]]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Fields] = []
        self.buttons: list[Fields] = []
        self._select: str | None = None
        self._chosen: str | None = None
        self._text: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        held: dict[str, Any] = dict(attributes)
        name = held.get("name")
        if tag == "form":
            self.forms.append([])
            self.buttons.append([])
        elif not self.forms:
            return
        elif tag == "select":
            self._select, self._chosen = name, None
        elif tag == "option" and self._select:
            if self._chosen is None or "selected" in held:
                self._chosen = held.get("value") or ""
        elif tag == "textarea" and name:
            self._text = (name, [])
        elif tag == "button" and name:
            self.buttons[-1].append((name, held.get("value") or ""))
        elif tag == "input" and name and (held.get("type") not in ("radio", "checkbox") or "checked" in held):
            self.forms[-1].append((name, held.get("value") or ""))

    def handle_data(self, data: str) -> None:
        if self._text:
            self._text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            self.forms[-1].append((self._select, self._chosen or ""))
            self._select = None
        elif tag == "textarea" and self._text:
            self.forms[-1].append((self._text[0], "".join(self._text[1])))
            self._text = None


def forms_of(html: str) -> list[Fields]:
    """Names and values of each form, in order; buttons left out."""
    reader = _Forms()
    reader.feed(html)
    return reader.forms


def filled(html: str, number: int = 0, **changes: Any) -> dict[str, Any]:
    """A form of the page with these fields set (`None` takes one out), ready for `post(data=...)`. A field that the page does not have is a failure."""
    found: dict[str, Any] = {}
    for name, value in forms_of(html)[number]:
        found.setdefault(name, []).append(value)
    for name, value in changes.items():
        assert f'name="{name}"' in html, f"no field {name}"
        found[name] = value
    return {name: value for name, value in found.items() if value is not None}
