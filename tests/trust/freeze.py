"""Write a small model of today's format with the answers it gives: `python -m tests.trust.freeze tests/frozen/format-N`.

To be run once a format, by the version that is released with it; `tests/test_storage.py` holds every later version to the answers.
"""

import json
import sys
from pathlib import Path

from classifier.records import Article
from classifier.storage import load, save
from classifier.training import EVIDENCE_RECIPES, train
from tests.conftest import TOPICS, make_examples

_TEXTS = [
    ("", "The ferry from Le Havre docked late. Astronomers saw a ring of Saturn."),
    ("Report", "A dog won. Prices for bread rose again."),
    ("A comet", "The northern comet passes in March, said the mayor."),
    ("", "Un «ferry»… A TUG BOAT\u00ad towed the Éclair; the comèt did not pass! 漢字 and \U0001f600."),
    ("Le Havre", ""),
]


def freeze(folder: Path) -> None:
    """Train on the tests' small corpus and write the model and what it says of some texts."""
    save(train(make_examples(), TOPICS, EVIDENCE_RECIPES).model, folder)
    model, rows = load(folder), []
    for title, text in _TEXTS:
        found = model.predict(Article(text, title=title))
        answer = {"topics": list(found.topics), "scores": dict(found.scores), "probabilities": dict(found.probabilities)}
        rows.append({"title": title, "text": text, **answer})
    (folder / "expected.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    freeze(Path(sys.argv[1]))
