"""Every cut of the mail dialogue, plain, by STARTTLS and by TLS: is each classified right, and nothing sent by itself?

    .venv/bin/python ci/crash/dialogue.py [EVERY]

EVERY: make only each so-manieth cut. Prints the totals by what the client made of it.
"""

import logging
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.mail import certificates, cut_dialogues, cuts  # noqa: E402  the folders of the checkout come first


def main() -> int:
    """Make the cuts; return how the program ends."""
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    logging.disable(logging.CRITICAL)
    wanted = list(cuts.all_cuts())[::every]
    began, outcomes, by_security, wrong = time.monotonic(), Counter(), Counter(), []
    with tempfile.TemporaryDirectory() as folder:
        file, tls = certificates.made(Path(folder))
        with cuts.running(tls) as server:
            for cut in wanted:
                result = cut_dialogues.dialogue(server, cut, file)
                outcomes[result.outcome] += 1
                by_security[cut.security] += 1
                if not result.is_right:
                    wrong.append(result)
                    print(f"WRONG {result.cut}: {', '.join(result.faults)}", flush=True)
    print(f"{len(wanted)} cuts in {time.monotonic() - began:.0f} s, {len(wrong)} classified wrong")
    print(
        "by what the client made of it:",
        ", ".join(f"{name} {count}" for name, count in sorted(outcomes.items())),
    )
    print("by security:", ", ".join(f"{name} {count}" for name, count in sorted(by_security.items())))
    print("sent again by itself: 0" if not wrong else "see above")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
