"""One sync by Dunright's own service, in the database that the environment names; configured as the others are."""

import json
import os
import sys
import time


def main() -> None:
    """Sync once; print rows read and changed, calls, and how long it took beyond Django's start."""
    config = json.load(sys.stdin)
    os.environ["DJANGO_SETTINGS_MODULE"] = "dunright.project.settings"
    import django  # noqa: PLC0415 - what is measured begins after it

    django.setup()
    from django.utils import timezone  # noqa: PLC0415 - needs Django set up

    from dunright.models import Organisation  # noqa: PLC0415 - the same
    from dunright.services import sync  # noqa: PLC0415 - the same

    began, cpu = time.perf_counter(), time.process_time()
    company = Organisation.objects.get(pk=config["organisation"])
    run = sync.request(company, by=None, now=timezone.now())
    done = sync.perform(run.pk, now=timezone.now())
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    if done is None or not done.is_complete:
        sys.exit(f"The sync did not come to its end: {run.last_error}")
    rows = {name: count["read"] for name, count in done.counts.items()}
    changed = sum(count["changed"] for count in done.counts.values())
    found = {"rows": rows, "changed": changed, "calls": done.calls, "seconds": seconds, "cpu": cpu}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
