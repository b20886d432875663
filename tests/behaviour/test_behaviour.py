"""The shipped model on made-up cases: what must not change an answer, and what must."""

import pytest

from classifier import TopicModel
from classifier.behaviour import Capability, behave, cases
from classifier.labels import load_behaviour
from tests.conftest import ROOT

# Pass rates that the shipped model has reached. They are raised when it gets better, and never lowered.
FLOORS: dict[str, float] = {
    "hyphens": 0.92,
    "capitals": 0.92,
    "order of paragraphs": 0.96,
    "furniture round it": 0.92,
    "matter about nothing": 0.92,
    "one paragraph": 0.92,
    "format characters": 0.92,
    "spelling": 1.00,
    "another name": 1.00,
    "a mention in passing adds nothing": 0.93,
    "a sentence on a second topic adds it": 0.88,
    "a second topic in passing adds nothing": 0.88,
}


@pytest.fixture(scope="module")
def capabilities(shipped: TopicModel) -> dict[str, Capability]:
    texts, neutral = load_behaviour(ROOT / "labels" / "behaviour.toml", shipped.topics)
    return {capability.name: capability for capability in behave(shipped, texts, neutral)}


@pytest.mark.parametrize("name", FLOORS)
def test_a_capability_keeps_the_pass_rate_it_has_reached(capabilities: dict[str, Capability], name: str) -> None:
    capability = capabilities[name]
    assert capability.passed / capability.cases >= FLOORS[name], capability.failures


def test_every_capability_has_a_floor(capabilities: dict[str, Capability]) -> None:
    assert set(capabilities) == set(FLOORS)


def test_there_are_a_few_hundred_cases_and_each_changes_something(shipped: TopicModel) -> None:
    texts, neutral = load_behaviour(ROOT / "labels" / "behaviour.toml", shipped.topics)
    made = list(cases(texts, neutral))
    assert len(made) >= 300
    assert all(case.after != case.before for case in made if case.capability.startswith(("a sentence", "order", "matter")))
