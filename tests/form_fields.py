"""What a browser would send of a form on a page, if nothing were typed."""

from html.parser import HTMLParser


def filled_in(page: str, *, having: str) -> dict[str, str]:
    """The fields of the first form that has a field of this name, as they stand; of several ticks of one name the last."""
    forms = _Forms(page).forms
    return next(form for form in forms if having in form)


class _Forms(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.open: dict[str, str] | None = None
        self.chosen: tuple[str, bool] = ("", False)
        self.area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        name = facts.get("name", "")
        if tag == "form":
            self.open = {}
            self.forms.append(self.open)
        if self.open is None or (tag == "input" and facts.get("type") in ("checkbox", "radio") and "checked" not in facts):
            return
        if tag == "input" and name:
            self.open[name] = facts.get("value", "")
        elif tag == "textarea":
            self.open[name], self.area = "", name
        elif tag == "select":
            self.chosen = (name, False)
        elif tag == "option" and not self.chosen[1] and (self.chosen[0] not in self.open or "selected" in facts):
            self.open[self.chosen[0]], self.chosen = facts.get("value", ""), (self.chosen[0], "selected" in facts)

    def handle_data(self, data: str) -> None:
        if self.area and self.open is not None:
            self.open[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        if tag == "textarea":
            self.area = ""
