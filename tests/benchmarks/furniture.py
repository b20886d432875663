"""What does page furniture cost? Reads the test pages and, if there is one, a file of labelled articles.

    python -m tests.benchmarks.furniture [DATA.jsonl] [--model DIR]

For every layout of `tests/pages` it prints recall and precision of the article's blocks and characters. Rows of DATA have
`text` and `topics`. Furniture of the pages is put above, between the paragraphs of and below each article, the pages taking
turns; macro-F1 is that of the articles as they are, wrapped, and wrapped with nothing set aside. All is measured twice:
with the layouts on which the rules were made, and with those that were held out; the table has fresh layouts besides. Last stands the time of `article_spans`.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from classifier import Article, TopicModel, load
from classifier.furniture import article_spans
from tests.benchmarks.training import f1, read
from tests.pages import HELD_OUT, Count, Page, judge, read_pages

ROOT = Path(__file__).resolve().parent.parent.parent
_FIRST = 5  # lines: title, blank line, and the first paragraphs


def wrapped(text: str, page: Page) -> str:
    """Return a text with a page's furniture round it; what stands inside the page's article comes behind the first lines."""
    lines = [(page.text[start:end], own) for start, end, own in page.blocks]
    own = [number for number, (_, is_own) in enumerate(lines) if is_own]
    above, inside, below = lines[: own[0]], lines[own[0] : own[-1]], lines[own[-1] + 1 :]
    furniture = ["\n".join(line for line, is_own in part if not is_own) for part in (above, inside, below)]
    paragraphs = text.strip().split("\n")
    parts = [furniture[0], "\n".join(paragraphs[:_FIRST]), furniture[1], "\n".join(paragraphs[_FIRST:]), furniture[2]]
    return "\n\n".join(part for part in parts if part)


def table(pages: Sequence[Page]) -> None:
    print("| layout | pages | blocks: recall | precision | characters: recall | precision |\n|---|--:|--:|--:|--:|--:|")
    development, held_out = ([page for page in pages if (page.layout in HELD_OUT) == held] for held in (False, True))
    for group, part in (("development", development), ("held out", held_out), ("fresh", read_pages("fresh"))):
        for layout in sorted({page.layout for page in part}):
            row(layout, [page for page in part if page.layout == layout])
        row(f"**{group}**", part)


def row(name: str, pages: Sequence[Page]) -> None:
    judged = [judge(page) for page in pages]
    blocks, characters = (sum((counts[k] for counts in judged), Count()) for k in (0, 1))
    figures = (blocks.recall, blocks.precision, characters.recall, characters.precision)
    print(f"| {name} | {len(pages)} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |")


def macro(model: TopicModel, articles: Sequence[Article], gold: list[list[str]], *, whole_text: bool = False) -> float:
    said = [list(prediction.topics) for prediction in model.predict_many(articles, whole_text=whole_text)]
    return f1(gold, said, model.topics.ids)[1] / 100


def cost(model: TopicModel, data: Path, pages: Sequence[Page]) -> None:
    texts, gold = read(data)
    print(f"\n| {len(texts)} articles of {data.name} | macro-F1 |\n|---|--:|")
    print(f"| plain | {macro(model, [Article(text) for text in texts], gold):.3f} |")
    for group, held_out in (("development", False), ("held out", True)):
        part = [page for page in pages if (page.layout in HELD_OUT) == held_out]
        articles = [Article(wrapped(text, part[number % len(part)])) for number, text in enumerate(texts)]
        print(f"| wrapped, {group} pages | {macro(model, articles, gold):.3f} |")
        print(f"| wrapped, {group} pages, whole text | {macro(model, articles, gold, whole_text=True):.3f} |")


def speed(groups: dict[str, Sequence[str]]) -> None:
    """Print the mean time of `article_spans` in microseconds of the processor, the least of nine rounds."""
    print("\n| texts | number | characters | µs a text |\n|---|--:|--:|--:|")
    for name, texts in groups.items():
        if texts:
            characters = sum(map(len, texts)) / len(texts)
            print(f"| {name} | {len(texts)} | {characters:.0f} | {min(_round(texts) for _ in range(9)):.1f} |")


def _round(texts: Sequence[str]) -> float:
    start = time.process_time()
    for text in texts:
        article_spans(text)
    return 1e6 * (time.process_time() - start) / len(texts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "news")
    options = parser.parse_args()
    pages = read_pages()
    table(pages)
    if options.data:
        cost(load(options.model), options.data, pages)
    texts = read(options.data)[0] if options.data else []
    clean = [text for text in texts if article_spans(text) == [(0, len(text))]]
    wrapped_up = [text for text in texts if article_spans(text) != [(0, len(text))]]
    speed({"test pages": [page.text for page in pages], "data": texts, "nothing aside": clean, "furniture": wrapped_up})


if __name__ == "__main__":
    main()
