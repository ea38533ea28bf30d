"""No call to the outside while a transaction is open: a slow stranger must never hold our locks.

Ports say so themselves (`require_no_transaction`); this makes the sockets of the whole test run say it too.
"""

import socket

import pytest
from flask import Flask

from core.db import transaction

pytestmark = pytest.mark.usefixtures("database")


def test_a_socket_opened_inside_a_transaction_fails_the_test(app: Flask) -> None:
    with socket.socket() as caller, transaction(), pytest.raises(RuntimeError, match="outside"):
        caller.connect(("127.0.0.1", 9))


def test_outside_of_a_transaction_sockets_are_free() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        socket.create_connection(listener.getsockname()).close()
