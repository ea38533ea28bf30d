"""What an operator types: roles of accounts."""

import pytest
from flask import Flask

from accounts.roles import roles_of
from core.db import transaction
from tests.factories.accounts import an_account

pytestmark = pytest.mark.usefixtures("database")


def test_an_operator_grants_and_revokes_a_role(app: Flask) -> None:
    with transaction():
        account = an_account(email="vera@example.org")
    assert app.test_cli_runner().invoke(args=["grant-role", "Vera@Example.org", "verifier"]).exit_code == 0
    with transaction():
        assert "verifier" in roles_of(account.person_id)
    assert app.test_cli_runner().invoke(args=["revoke-role", "vera@example.org", "verifier"]).exit_code == 0
    with transaction():
        assert "verifier" not in roles_of(account.person_id)


@pytest.mark.parametrize("arguments", [["nobody@example.org", "verifier"], ["open@example.org", "verifier"], ["vera@example.org", "king"]])
def test_it_refuses_who_is_not_known_or_not_confirmed_and_roles_that_do_not_exist(app: Flask, arguments: list[str]) -> None:
    with transaction():
        an_account(email="open@example.org", confirmed=False)
    assert app.test_cli_runner().invoke(args=["grant-role", *arguments]).exit_code != 0
