"""`agreement`: two readings compared, with numbers worked out by hand or by scikit-learn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from classifier.agreement import agreement, cohen_kappa, krippendorff_alpha, masi_distance
from classifier.errors import LabelsError
from classifier.records import Annotation
from tests.conftest import TOPICS

A, B, AB, ABC, BD, NONE = (frozenset(s) for s in ("a", "b", "ab", "abc", "bd", ""))


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2).filter(lambda rows: any(a != b for a, b in rows)))
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[bool, bool]]) -> None:
    assert cohen_kappa(pairs) == pytest.approx(cohen_kappa_score([a for a, _ in pairs], [b for _, b in pairs]))


def test_full_agreement_is_one() -> None:
    assert cohen_kappa([(True, True), (True, True)]) == cohen_kappa([]) == 1.0


def test_masi_weighs_overlap_by_containment() -> None:
    # contained: 1 - 1/2 · 2/3; overlapping: 1 - 1/3 · 1/3 (union a, b, d; common b)
    assert masi_distance(A, AB) == pytest.approx(1 - 1 / 2 * 2 / 3)
    assert masi_distance(AB, BD) == pytest.approx(1 - 1 / 3 * 1 / 3)
    assert masi_distance(A, B) == masi_distance(A, NONE) == masi_distance(NONE, ABC) == 1.0
    assert masi_distance(NONE, NONE) == masi_distance(ABC, ABC) == 0.0


def test_alpha_by_hand() -> None:
    # values: a 2, b 1, none 1, so n = 4. Observed: (0 + 1) / 2. Expected: ordered pairs of unlike values
    # 2·1 + 2·1 (a, b) + 2·2·1 (a, none) + 2·1 (b, none) = 4 + 4 + 2 = 10 of 4·3 = 12. alpha = 1 - 0.5 / (10/12) = 0.4
    assert krippendorff_alpha([(A, A), (B, NONE)]) == pytest.approx(0.4)


def test_sentences_are_compared_where_both_gave_the_topic() -> None:
    first = [Annotation("x", "", {"sea": (0, 1)}), Annotation("y", "", {"sky": (2,)}), Annotation("z", "", {})]
    second = [Annotation("x", "", {"sea": (0,)}), Annotation("y", "", {}), Annotation("z", "", {})]
    found = agreement(first, second, TOPICS, {"x": 4, "y": 3, "z": 2})
    sea, sky = found.topics
    assert (sea.both, sea.one, sea.kappa, sea.positive) == (1, 0, 1.0, 1.0)
    # sentences of x: (yes, yes), (yes, no), (no, no) twice. observed 3/4, expected 1/2·1/4 + 1/2·3/4 = 1/2
    assert sea.sentence_kappa == pytest.approx(0.5)
    assert (sky.both, sky.one) == (0, 1)
    assert sky.kappa == pytest.approx(0.0)
    assert found.exact == pytest.approx(2 / 3)


def test_readings_of_different_articles_are_an_error() -> None:
    with pytest.raises(LabelsError, match="different articles"):
        agreement([Annotation("x", "", {})], [Annotation("y", "", {})], TOPICS, {})
