"""A TopicModel comes in, and its folder is replaced at once: plain data, the same model the same bytes; see `storage`."""

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from classifier.decision import Decision
from classifier.drafts import alone, draft, finish, replace_together
from classifier.errors import ModelError
from classifier.model import Table, TopicModel
from classifier.plain import as_numbers, checksum, pack, to_bytes
from classifier.storage import ARRAYS, ARRAYS_FILE, CARD_FILE, FORMAT, SEAL, kernel_over, load_card
from classifier.tables import table_arrays
from classifier.topics import Topic

__all__ = ["compiled", "mend", "save"]


def save(model: TopicModel, folder: Path, beside: Mapping[str, str] | None = None) -> None:
    """Write a model into a folder, with the texts that belong `beside` it, by name.

    The model that is there is replaced when all is written, at once. The same model gives the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    blob = pack(_bytes_of(model), ARRAYS)
    card = {
        "format": FORMAT,
        "topics": [_topic_entry(t, d) for t, d in zip(model.topics, model.rule.decisions, strict=True)],
        "at_least_one": model.rule.at_least_one,
        "features": asdict(model.settings),
        "norms": asdict(model.norms),
        "longest_name": model.hints.longest,
        **model.card,
        "sha256": hashlib.sha256(blob).hexdigest(),
    }
    text = json.dumps(card, indent=1, ensure_ascii=False).removesuffix("\n}").encode() + b",\n "
    seal = b'%s: "%s"\n}\n' % (SEAL, checksum([blob, text]).encode())
    texts = {name: text.encode() for name, text in (beside or {}).items()}
    with alone(folder):
        _mend(folder)
        replace_together(folder, {ARRAYS_FILE: blob, **texts, CARD_FILE: text + seal})


def mend(folder: Path) -> None:
    """Finish a save into a folder if one was cut short when its files had begun to get their names."""
    if draft(folder / CARD_FILE).is_file():
        with alone(folder):
            _mend(folder)


def _mend(folder: Path) -> None:
    with contextlib.suppress(ModelError):
        if draft(folder / CARD_FILE).is_file() and _waits(folder):
            finish(folder, CARD_FILE)


def _waits(folder: Path) -> bool:
    """Tell whether the arrays have their name already and the card that goes with them has not."""
    try:
        load_card(str(folder), CARD_FILE)
    except ModelError:
        load_card(str(folder), draft(folder / CARD_FILE).name)
        return True
    return False


def compiled(model: TopicModel) -> TopicModel:
    """Return a model that was just trained with the kernel at work, as if it had been saved and loaded.

    Weights are rounded to single precision, as in a file. Where there is no kernel, they are rounded all the same.
    """
    arrays = {name: as_numbers(memoryview(data), ARRAYS[name]) for name, data in _bytes_of(model).items()}
    table = Table(model.table.rows, model.table.idf, arrays["weights"], model.table.bias)
    made = kernel_over(arrays, model.settings, model.hints, model.norms)
    return TopicModel(model.topics, model.hints, model.settings, table, model.rule, model.norms, model.card, made)


def _bytes_of(model: TopicModel) -> dict[str, bytes]:
    """Return all arrays of a model's file."""
    hints = "\n".join(f"{name}\t{' '.join(lists)}" for name, lists in model.hints.lists_of_name.items())
    tables = table_arrays(model.table.rows, model.hints)
    return {
        "terms": "\n".join(model.table.rows).encode(),
        "hints": hints.encode(),
        "idf": to_bytes("F64", model.table.idf),
        "weights": to_bytes("F32", model.table.weights),
        "bias": to_bytes("F64", model.table.bias),
        **{name: to_bytes(ARRAYS[name], numbers) for name, numbers in tables.items()},
    }


def _topic_entry(topic: Topic, decision: Decision) -> dict[str, Any]:
    entry = {"id": topic.id, "name": topic.name, "definition": topic.definition, "rules": list(topic.rules)}
    return entry | asdict(decision)
