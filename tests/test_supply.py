"""What is installed: bounds, pins and the sets that are tested agree."""

import re
import tomllib

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAMED = [*PROJECT["dependencies"], *(line for extra in PROJECT["optional-dependencies"].values() for line in extra)]


def pins(which: str) -> dict[str, str]:
    lines = (ROOT / ".ci" / f"constraints-{which}.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))


def test_the_lowest_versions_tested_are_the_lowest_allowed() -> None:
    bounds = dict(line.split(">=") for line in NAMED if ">=" in line)
    lowest = pins("lowest")
    assert bounds.keys() == lowest.keys()
    for name, bound in bounds.items():  # the first of that number with wheels, so 1.11 may be 1.11.2
        assert parts(lowest[name])[: len(parts(bound))] == parts(bound), name


def test_everything_named_is_pinned_for_development_and_no_older_than_allowed() -> None:
    newest = pins("newest")
    for line in NAMED:
        name, _, bound = line.partition(">=")
        if not name.startswith("topic-classifier"):
            assert parts(newest[name]) >= parts(bound or "0"), name
