import pytest
from django.core import checks
from django.db import IntegrityError, transaction

from dunright.models import User


def test_django_finds_nothing_to_warn_of():
    assert checks.run_checks() == []


@pytest.mark.django_db
@pytest.mark.parametrize("again", ["ada@northwind.example", "Ada@Northwind.example"])
def test_an_address_belongs_to_one_user_however_it_is_spelt(again):
    User.objects.create(email="ada@northwind.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email=again)
    assert User.objects.count() == 1
