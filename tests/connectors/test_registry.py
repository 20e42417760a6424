import pytest

from dunright.connectors.base import Connector
from dunright.connectors.registry import CONNECTORS, connector_class
from dunright.remote.errors import Misconfigured


def test_every_connector_is_found_by_its_key():
    assert {key: connector_class(key).key for key in CONNECTORS} == {"zoho_books": "zoho_books"}
    assert all(issubclass(found, Connector) for found in CONNECTORS.values())


def test_unknown_key_says_what_there_is():
    with pytest.raises(Misconfigured) as raised:
        connector_class("quill")
    assert raised.value.sentence == "No accounting system is called “quill”; there are: zoho_books."
