"""A company on Tuesday 24 November 2026, two hours before its run."""

from tests.web.messages import _on_the_day, northwind, signed_in  # noqa: F401  fixtures
