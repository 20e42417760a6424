"""`dunright simulate FILE...`: the chasing rules alone, without a database."""

import sys
from collections.abc import Iterator
from typing import BinaryIO

import click
import msgspec

from dunright.domain.scenario import ScenarioError, read_scenario
from dunright.domain.scenario_text import FoundScenario, json_scenarios, yaml_scenarios
from dunright.domain.simulation import simulate as run_scenario

SOME_SCENARIOS_WRONG = 2


@click.command(epilog="Example: dunright simulate march.json   or   dunright simulate - < scenarios.jsonl")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def simulate(files: tuple[str, ...]) -> None:
    """Run scenarios through the chasing rules, day by day, without a database.

    Each FILE holds one scenario as a JSON object, or one on each line (JSON Lines); it is YAML when its name
    ends in .yaml or .yml; - is standard input. One JSON object per scenario is written, in the order read, with
    the messages that would be sent and the decision about every invoice in every run.

    A scenario that cannot be read is named on standard error with its line; the others are still answered, and
    the exit status is 2.
    """
    output = sys.stdout.buffer
    encoder = msgspec.json.Encoder()
    is_wrong = False
    for name in files:
        # With one file its name would say nothing new.
        place = f" (in {click.format_filename(name)})" if len(files) > 1 else ""
        for found in _scenarios_of(name):
            try:
                if found.error is not None:
                    raise found.error
                answer = run_scenario(read_scenario(found.raw))
            except ScenarioError as error:
                is_wrong = True
                click.echo(f"line {found.line}: {error}{place}", err=True)
                continue
            output.write(encoder.encode(answer) + b"\n")
            output.flush()
    if is_wrong:
        sys.exit(SOME_SCENARIOS_WRONG)


def _scenarios_of(name: str) -> Iterator[FoundScenario]:
    try:
        with click.open_file(name, "rb") as opened:
            lines: BinaryIO = opened  # type: ignore[assignment]  # "rb" opens bytes; click's type says text or bytes
            is_yaml = name.lower().endswith((".yaml", ".yml"))
            yield from yaml_scenarios(lines) if is_yaml else json_scenarios(lines)
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
        yield FoundScenario(1, None, ScenarioError("scenario", "file", problem))
