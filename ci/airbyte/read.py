"""Read every stream of `manifest.yaml` with airbyte-cdk: JSON configuration on standard input, counts as last line.

Runs in a virtual environment of its own (`requirements/airbyte.txt`); `check.py` starts it.
"""

import json
import logging
import sys
from pathlib import Path

from airbyte_cdk.models import (
    AirbyteStream,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    DestinationSyncMode,
    Status,
    SyncMode,
    Type,
)
from airbyte_cdk.sources.declarative.yaml_declarative_source import YamlDeclarativeSource

MANIFEST = Path(__file__).with_name("manifest.yaml")
KEYS = {"contacts": "contact_id", "invoices": "invoice_id", "payments": "payment_id"}
LOG = logging.getLogger("airbyte")


def main() -> None:
    """Check the connection, then read all streams whole."""
    config = json.load(sys.stdin)
    catalog = ConfiguredAirbyteCatalog(streams=[_whole(name) for name in KEYS])
    source = YamlDeclarativeSource(path_to_yaml=str(MANIFEST), catalog=catalog, config=config)
    outcome = source.check(LOG, config)
    if outcome.status != Status.SUCCEEDED:
        sys.exit(f"The connection cannot be used: {outcome.message}")
    rows = dict.fromkeys(KEYS, 0)
    ids: dict[str, set[str]] = {name: set() for name in KEYS}
    for message in source.read(LOG, config, catalog):
        if message.type == Type.RECORD and message.record is not None:
            stream = message.record.stream
            rows[stream] += 1
            ids[stream].add(message.record.data[KEYS[stream]])
    sys.stdout.write("\n")
    json.dump({name: {"rows": rows[name], "different": len(ids[name])} for name in KEYS}, sys.stdout)


def _whole(name: str) -> ConfiguredAirbyteStream:
    stream = AirbyteStream(name=name, json_schema={}, supported_sync_modes=[SyncMode.full_refresh])
    return ConfiguredAirbyteStream(
        stream=stream, sync_mode=SyncMode.full_refresh, destination_sync_mode=DestinationSyncMode.overwrite
    )


if __name__ == "__main__":
    main()
