"""`folds`: what belongs together stays together, whatever the order of articles."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from classifier.folds import near_duplicates, split_folds


@given(st.permutations(range(20)))
def test_folds_do_not_depend_on_the_order_of_articles(order: list[int]) -> None:
    groups = [f"g{n // 3}" for n in range(20)]
    gold = np.array([[n % 2, n % 5 == 0] for n in range(20)], dtype=np.int64)
    plain = split_folds(groups, gold, 3)
    mixed = split_folds([groups[n] for n in order], gold[order], 3)
    assert mixed.tolist() == plain[order].tolist()


def bags(*articles: str) -> sparse.csr_array:
    """Return the matrix of which words stand in which article; a word is a letter."""
    return sparse.csr_array(np.array([[float(chr(97 + k) in a) for k in range(26)] for a in articles]))


def test_an_article_that_nearly_repeats_another_is_led_by_the_first() -> None:
    # the second lacks one of 20 words (Jaccard .95), the fourth shares three of 23 with the first; the last two are empty
    leaders = near_duplicates(bags("abcdefghijklmnopqrst", "abcdefghijklmnopqrs", "uvwxyz", "rstuvw", "", ""))
    assert leaders.tolist() == [0, 0, 2, 3, 4, 5]


def test_chains_of_near_duplicates_have_one_leader() -> None:
    # each neighbour shares 19 of 21 words; the ends share 18 of 22 (.82), which is alike too
    leaders = near_duplicates(bags("abcdefghijklmnopqrst", "bcdefghijklmnopqrstu", "cdefghijklmnopqrstuv"))
    assert leaders.tolist() == [0, 0, 0]


@given(st.lists(st.text("abcdefgh", max_size=8), min_size=1, max_size=12))
def test_leaders_lead_themselves_and_come_first(articles: list[str]) -> None:
    leaders = near_duplicates(bags(*articles))
    assert all(leaders[leader] == leader <= number for number, leader in enumerate(leaders.tolist()))
