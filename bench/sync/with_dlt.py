"""The same lists by dlt, merged by id into a database; JSON on standard input as the others.

Runs in a virtual environment of its own (requirements/dlt.txt).
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import dlt
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import PageNumberPaginator

LISTS = {
    "contacts": ("contacts", "contacts", "contact_id"),
    "contact_persons": ("contacts/contactpersons", "contact_persons", "contact_person_id"),
    "invoices": ("invoices", "invoices", "invoice_id"),
    "customerpayments": ("customerpayments", "customerpayments", "payment_id"),
}


def main() -> None:
    """Load every list once; print the rows."""
    config: dict[str, Any] = json.load(sys.stdin)
    address = config["database"]
    if address.startswith("postgresql"):
        # dlt wants a password; the bench's server asks for none.
        os.environ.setdefault("CREDENTIALS__PASSWORD", "none")
        destination = dlt.destinations.postgres(address)
    else:
        destination = dlt.destinations.sqlalchemy(f"sqlite:///{address}")
    with tempfile.TemporaryDirectory(prefix="bench-dlt-") as folder:
        os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
        began, cpu = time.perf_counter(), time.process_time()
        pipeline = dlt.pipeline("bench", destination=destination, dataset_name="bench", pipelines_dir=folder)
        pipeline.run([resource(config, name) for name in LISTS])
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        rows = {name: pipeline.last_trace.last_normalize_info.row_counts.get(name, 0) for name in LISTS}
    sys.stdout.write("\n" + json.dumps({"rows": rows, "seconds": seconds, "cpu": cpu}) + "\n")


def resource(config: dict[str, Any], name: str) -> Any:
    """One list, as dlt's own documentation reads lists with page numbers."""
    path, key, primary_key = LISTS[name]
    client = RESTClient(
        base_url=f"{config['api_url']}/books/v3/",
        auth=BearerTokenAuth(config["access_token"]),
        paginator=PageNumberPaginator(base_page=1, total_path=None),
        data_selector=key,
    )
    params = {"organization_id": config["organization_id"], "per_page": 200}

    @dlt.resource(name=name, primary_key=primary_key, write_disposition="merge", max_table_nesting=0)
    def read() -> Iterator[Any]:
        yield from client.paginate(path, params=params)

    return read()


if __name__ == "__main__":
    main()
