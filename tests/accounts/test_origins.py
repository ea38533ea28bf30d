"""Behind a router the origin that throttles count is the caller's, and nobody chooses their own."""

from dataclasses import replace

import pytest

from accounts.throttle import origin_of
from app.assembly import create_app
from core import jobs
from tests.conftest import settings_for


@pytest.mark.parametrize(
    ("proxies", "sent", "seen"),
    [
        (0, "198.51.100.7", "127.0.0.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.1, 198.51.100.7", "198.51.100.7"),  # the first one is what the caller made up
        (2, "203.0.113.1, 198.51.100.7, 192.0.2.1", "198.51.100.7"),
        (1, "nonsense\u00e9", "unknown"),
    ],
)
def test_15_3_4_the_origin_is_what_the_nearest_routers_say(template_database: str, monkeypatch: pytest.MonkeyPatch, proxies: int, sent: str, seen: str) -> None:
    monkeypatch.setattr(jobs, "_application", jobs._application)  # put back afterwards
    application = create_app(replace(settings_for(template_database), proxies=proxies))
    origins: list[str] = []

    def look(environ, start_response):  # type: ignore[no-untyped-def]
        origins.append(origin_of(environ["REMOTE_ADDR"]))
        start_response("204 No Content", [])
        return []

    application.wsgi_app.app = look  # type: ignore[attr-defined]
    application.test_client().get("/", headers={"X-Forwarded-For": sent}, environ_base={"REMOTE_ADDR": "127.0.0.1"})
    assert origins == [seen]
