"""Programs that start at once bring the tables up to date one after another."""

import threading
import time

import pytest
from django.db import connection

from dunright.management import common


@pytest.mark.django_db(transaction=True)
def test_one_at_a_time(monkeypatch):
    at_work, most = [], []

    def migrate(*_, **__):
        at_work.append(1)
        most.append(len(at_work))
        time.sleep(0.05)
        at_work.pop()

    def start():
        try:
            common.prepare_database()
        finally:
            connection.close()

    monkeypatch.setattr(common, "call_command", migrate)
    programs = [threading.Thread(target=start) for _ in range(4)]
    for program in programs:
        program.start()
    for program in programs:
        program.join()
    assert most == [1, 1, 1, 1]
