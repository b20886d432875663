"""`report`, `card`, `page`, `plots`, `mistakes`, `slices`, `trials`: one record, said the same in every form."""

import csv
import dataclasses
import itertools
import json
import math
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import matplotlib as mpl
import pytest

from classifier import plots
from classifier.assess import assess_model, assess_training
from classifier.card import model_card
from classifier.curves import curves
from classifier.decision import Decision, Rule, Sigmoid
from classifier.features import FeatureSettings, HintLists
from classifier.looks import STYLE
from classifier.model import Norms, Table, TopicModel
from classifier.page import html_report
from classifier.records import Article, Example
from classifier.report import REPORT_VERSION, ErrorCase, Report, csv_per_topic, errors_jsonl, json_report
from classifier.topics import Topics
from classifier.training import Training
from classifier.trials import with_trials
from tests.conftest import ROOT, SEA, TOPICS

SCHEMA = json.loads((ROOT / "classifier" / "report.schema.json").read_text(encoding="utf-8"))
VOID = {"meta", "link"}
SECTIONS = 13


class Page(HTMLParser):
    """Reads a page and keeps what tests ask for; raises if an element is closed that is not open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def html(report: Report) -> str:
    return html_report(report, name="toy <model>")


# -------------------------------------------------------------------------------------------------------------------- JSON


def test_the_record_is_of_the_form_that_its_schema_has(report: Report) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    record = json.loads(json_report(report))
    jsonschema.validate(record, SCHEMA)
    assert record["report"] == REPORT_VERSION == SCHEMA["properties"]["report"]["const"]
    assert all(
        record[part] for part in ("curves", "learning", "splits", "terms", "behaviour", "agreement", "recipe", "slices")
    )
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**record, "report": REPORT_VERSION + 1}, SCHEMA)


def test_csv_has_the_numbers_of_the_record(report: Report) -> None:
    rows = list(csv.DictReader(csv_per_topic(report).splitlines()))
    assert len(rows) == len(report.systems) * len(TOPICS)
    first, sea = rows[0], report.systems[0][1].topics[0]
    assert (first["system"], first["topic"], int(first["positives"])) == ("this model", "sea", sea.positives)
    assert [float(first[name]) for name in ("recall_low", "recall", "recall_high")] == pytest.approx(
        [sea.recall.low, sea.recall.value, sea.recall.high], abs=1e-4
    )
    assert float(first["threshold"]) == pytest.approx(report.thresholds["sea"], abs=1e-4)
    assert rows[-1]["threshold"] == rows[-1]["average_precision"] == ""


def test_the_model_card_has_the_figures_of_the_report(report: Report) -> None:
    card = model_card(report, name="toy")
    for split in report.splits:
        assert f"| {split.name} | {split.evaluation.articles} | {split.evaluation.macro_f1.value:.3f} " in card
    for point in report.learning:
        assert f"| {point.articles} | {point.macro_f1.value:.3f} " in card
    assert "report.html" in card


def test_the_model_card_of_a_users_own_articles_says_nothing_of_this_projects_codebook(report: Report) -> None:
    case = ErrorCase("a9", "", report.systems[0][1].topics[0].topic, "missed", 0.25, "")
    own = model_card(dataclasses.replace(report, provenance={"data": "0"}, errors=(case,)), name="toy")
    assert "labels/README.md" not in own
    assert "English" not in own
    assert "«a9»\n" in own  # whoever scores whole articles has no sentence to show
    assert "labels/README.md" in model_card(dataclasses.replace(report, provenance={"corpus": "0"}), name="toy")


# ----------------------------------------------------------------------------------------------------------------- figures


def test_two_readers_are_a_row_beside_the_model(report: Report) -> None:
    name, readers = report.systems[-1]
    assert name == "one reader by the other"
    # the second reader has what the first has and one more: of n positives F1 is 2n / (2n + 1)
    both = 2 * report.systems[0][1].topics[0].positives
    assert readers.topics[0].f1.value == pytest.approx(both / (both + 1))
    assert report.agreement is not None
    assert report.agreement.topics[0].one == 1


def test_learning_ends_with_the_figures_of_cross_validation(report: Report) -> None:
    assert [point.articles for point in report.learning][-1] == round(144 * 4 / 5)
    assert (report.learning[-1].macro_f1, report.learning[-1].micro_f1) == (
        report.systems[0][1].macro_f1,
        report.systems[0][1].micro_f1,
    )
    taught = [point.articles for point in report.learning]
    assert taught == sorted(taught)


def test_articles_parted_otherwise_stand_beside_cross_validation_on_the_same(report: Report) -> None:
    forward, genres = report.splits
    assert (forward.name, genres.name) == ("forward in time", "one genre left out")
    assert forward.evaluation.articles == forward.usual.articles < 144
    assert genres.usual == report.systems[0][1]


def test_parts_add_up_and_years_with_little_are_taken_together(report: Report) -> None:
    for parts in report.slices.values():
        assert sum(part.articles for part in parts) == 144
        assert sum(part.carried for part in parts) == sum(t.positives for t in report.systems[0][1].topics)
    years = [part.part for part in report.slices["year"]]
    assert years[0].startswith("2001–")
    assert years == sorted(years)


def test_a_report_without_dates_genres_or_enough_articles_says_what_is_absent(
    examples: list[Example], training: Training
) -> None:
    bare = [dataclasses.replace(e, article=dataclasses.replace(e.article, date="", extra={})) for e in examples]
    report = with_trials(assess_training(bare, training), bare, training, jobs=1)
    assert set(report.absent) == {"year", "genre", "learning", "forward in time", "one genre left out"}
    assert set(report.slices) == {"length"}
    page = Page(html_report(report, name="bare"))
    for reason in report.absent.values():
        assert reason in page.text
    jsonschema.validate(json.loads(json_report(report)), SCHEMA)


def test_without_further_fits_the_page_says_that_they_were_left_out(examples: list[Example], training: Training) -> None:
    page = Page(html_report(assess_training(examples, training), name="quick"))
    assert page.text.count("It takes further training, and was left out.") == 2


# ---------------------------------------------------------------------------------------------------------------- mistakes


def test_a_mistake_shows_the_deciding_sentence_between_its_neighbours(training: Training) -> None:
    text = "It rained. The ferry from Le Havre docked late. A dog won. The mayor praised the choir."
    article = Article(text, "Report", "x", extra={"topics": []})
    (case,) = assess_model(training.model, [article], [training.model.predict(article)], "one").errors
    assert (case.kind, case.topic) == ("false alarm", "sea")
    assert (case.before, case.sentence, case.after) == ("It rained.", "The ferry from Le Havre docked late.", "A dog won.")


def test_what_was_missed_shows_its_best_sentence_though_the_prediction_names_none(training: Training) -> None:
    text = "It rained. A dog won. The old tug waited. The mayor praised the choir."
    article = Article(text, "", "x", extra={"topics": ["sea"]})
    prediction = training.model.predict(article)
    assert not prediction.topics
    (case,) = assess_model(training.model, [article], [dataclasses.replace(prediction, evidence=())], "one").errors
    best = training.model.explain(article, "sea").sentences[0]
    assert (case.kind, case.sentence) == ("missed", best.text)


def test_gold_is_suspect_where_two_readers_disagreed(taught: tuple[list[Example], Training]) -> None:
    examples, training = taught
    first = [example.annotation for example in examples]
    second = [dataclasses.replace(annotation, evidence={}) for annotation in first]
    cases = assess_training(examples, training, (first, second)).errors
    assert {case.kind for case in cases} == {"false alarm", "missed"}
    assert all(("the two readers disagreed" in case.suspect) == (case.kind == "missed") for case in cases)
    assert not any("readers" in case.suspect for case in assess_training(examples, training).errors)
    doubted = {case.id for case in cases if "the model is sure of the opposite" in case.suspect}
    assert doubted & {f"d{n:03d}" for n in range(144) if n % 48 in {0, 2}}  # where gold was made wrong
    written = [json.loads(line) for line in errors_jsonl(assess_training(examples, training)).splitlines()]
    assert {row["id"] for row in written if row["suspect"]} == doubted


def test_terms_are_ranked_by_how_far_they_move_scores_and_common_words_are_none() -> None:
    rows = {"ferry": 0, "the": 1, "of the": 2, "the tug": 3, "rose": 4, "@sea/craft": 5}
    table = Table(rows, [3.0, 1.2, 4.0, 5.0, 3.0, 0.2], [1.0, 9.0, 9.0, 2.0, -1.0, 0.7], [0.0])
    rule = Rule((Decision(0.0, None, None, Sigmoid(1.0, 1.0, 0.0)),))
    topics = Topics([SEA])
    model = TopicModel(topics, HintLists.of_topics(topics), FeatureSettings(), table, rule, Norms(common_idf=1.5), {})
    article = Article("It rained.", id="x", extra={"topics": ["sea"]})
    (terms,) = assess_model(model, [article], [model.predict(article)], "one").terms
    # ferry: idf 3 is a share of e^-2 = .135 of passages, 3·√(.135·.865) = 1.026; "the tug": 5·√(e^-4·(1 - e^-4))·2 = 1.341;
    # "the" is common; "of the" is not, since "of" is no term that is known to be; the hint adds .2·.7
    of_the = 9 * 4 * math.sqrt(math.exp(-3) * (1 - math.exp(-3)))
    assert [term for term, _ in (*terms.words, *terms.against, *terms.names)] == [
        *("of the", "the tug", "ferry"),
        *("rose", "@sea/craft"),
    ]
    moves = [number for _, number in (*terms.words, *terms.against, *terms.names)]
    assert moves == pytest.approx([of_the, 1.341, 1.026, 1.026, 0.14], abs=1e-3)


# -------------------------------------------------------------------------------------------------------------------- page


def test_the_page_is_well_formed_and_by_itself(html: str) -> None:
    page = Page(html)
    assert not page.all("script")
    assert not re.search(r"https?://|@import|<img|<iframe", html)
    assert set(re.findall(r"url\((.)", html)) <= {"#"}
    assert {link["href"] for link in page.all("link")} == {"data:,"}
    ids = Counter(a["id"] for _, a in page.elements if "id" in a)
    assert max(ids.values()) == 1
    assert {a["href"] for a in page.all("a")} <= {f"#{name}" for name in ids}
    assert {f"#{name}" for name in re.findall(r"url\(#([^)]*)\)", html)} <= {f"#{name}" for name in ids}


def test_the_page_can_be_read_aloud(html: str) -> None:
    page = Page(html)
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(lower <= upper + 1 for upper, lower in itertools.pairwise(levels))
    assert len(page.all("section")) == len(page.all("nav")) * SECTIONS == levels.count(2)
    assert all(a.get("scope") in {"col", "row"} for a in page.all("th"))
    assert len(page.all("table")) == len(page.all("caption")) == len(page.all("thead"))
    assert page.all("svg")
    assert all(a.get("role") == "img" and a.get("aria-label") for a in page.all("svg"))
    assert len(page.all("figure")) == len(page.all("figcaption")) == len(page.all("svg"))
    assert len({a["aria-label"] for a in page.all("svg")}) == len(page.all("svg"))
    assert page.all("html")[0]["lang"] == "en"


def test_the_page_says_the_figures_of_the_record(html: str, report: Report) -> None:
    page = Page(html)
    for name, evaluation in report.systems:
        assert name in page.text
        for figure in (evaluation.macro_f1, evaluation.micro_f1, evaluation.exact):
            assert f"{figure.value:.3f}" in page.text
    for t in report.systems[0][1].topics:
        for figure in (t.precision, t.recall, t.f1):
            assert f"{figure.value:.3f}" in page.text
    for split in report.splits:
        assert f"{split.evaluation.macro_f1.value:.3f}" in page.text
    assert "3 of 4" in page.text
    assert "0123" in page.text
    # 2 topics: precision-recall, threshold, reliability, scores each; and one learning curve
    assert len(page.all("svg")) == 2 * 4 + 1


def test_what_users_write_is_escaped(html: str, report: Report) -> None:
    assert "toy &lt;model&gt;" in html
    assert "<model>" not in html
    assert "a &lt;list&gt; &amp; more" in html
    nasty = dataclasses.replace(report.errors[0], title="<script>alert(1)</script>", sentence='"<b>', id="<&>")
    assert not Page(html_report(dataclasses.replace(report, errors=(nasty,)), name="x")).all("script")


def test_the_deciding_sentence_is_marked_and_doubts_are_flagged(report: Report, html: str) -> None:
    assert report.errors
    page = Page(html)
    shown = [
        case
        for topic in TOPICS.ids
        for kind in ("false alarm", "missed")
        for case in [c for c in report.errors if (c.topic, c.kind) == (topic, kind)][:3]
    ]
    assert len(page.all("mark")) == len(shown) > 3
    assert page.text.count("label suspect") == sum(bool(case.suspect) for case in shown) > 0
    assert all(case.sentence in page.text for case in shown)


def test_topics_with_few_articles_are_grey_and_say_so(html: str, report: Report) -> None:
    assert "this says little" not in html  # 48 and more articles carry each
    few = tuple(dataclasses.replace(one, positives=29) for one in report.curves)
    grey = html_report(dataclasses.replace(report, curves=few), name="x")
    assert grey.count("Only 29 articles carry it: this says little.") == 2 * 4
    assert grey.count('<figure class="few">') == 2 * 4


def test_of_many_topics_the_most_frequent_have_figures_and_the_others_a_table(report: Report) -> None:
    model = report.systems[0][1]
    topics = tuple(dataclasses.replace(model.topics[n % 2], topic=f"t{n}", positives=100 - n) for n in range(90))
    ids = [t.topic for t in topics]
    many = dataclasses.replace(
        report,
        topics={topic: f"Topic {topic}" for topic in ids},
        systems=tuple((name, dataclasses.replace(e, topics=topics)) for name, e in report.systems),
        thresholds=dict.fromkeys(ids, 0.0),
        review=tuple(dataclasses.replace(report.review[0], topic=topic) for topic in ids),
        curves=tuple(dataclasses.replace(report.curves[0], topic=topic) for topic in ids[:12]),
        crossing=dataclasses.replace(report.crossing, topics=("t0", "t1")),
        terms=tuple(dataclasses.replace(report.terms[0], topic=topic) for topic in ids),
        splits=tuple(
            dataclasses.replace(
                s,
                evaluation=dataclasses.replace(s.evaluation, topics=topics),
                usual=dataclasses.replace(s.usual, topics=topics),
            )
            for s in report.splits
        ),
        errors=(),
    )
    html = html_report(many, name="many")
    page = Page(html)
    assert "The 78 less frequent topics" in page.text
    assert page.text.count("Topic t89") == 1
    assert len(page.all("svg")) == 12 * 4 + 1
    assert len(html) < 2_000_000
    assert "F1 t0 " not in model_card(many, name="many")


@pytest.mark.parametrize("palette", re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL), ids=["light", "dark", "paper"])
def test_letters_stand_out_from_their_ground(palette: str) -> None:
    colours = {
        name: f"#{''.join(x * 2 for x in c) if len(c) == 3 else c}"
        for name, c in re.findall(r"--(\w+): #([0-9a-f]{3,6})", palette)
    }

    def light(colour: str) -> float:
        """Relative luminance as in WCAG 2.2."""
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    def contrast(one: str, other: str) -> float:
        a, b = sorted((light(colours[one]), light(colours[other])), reverse=True)
        return (a + 0.05) / (b + 0.05)

    for letters in ("ink", "muted", "accent"):
        for ground in ("paper", "wash"):
            assert contrast(letters, ground) >= 4.5, (letters, ground)  # WCAG 2.2, 1.4.3
    assert contrast("ink", "mark") >= 4.5


# ------------------------------------------------------------------------------------------------------------------- plots


def test_a_figure_takes_its_colours_and_letters_from_the_page(report: Report) -> None:
    svg = plots.thresholds(report.curves[0], 0.0, "Stars & ships")
    Page(svg)
    assert 'aria-label="Stars &amp; ships"' in svg
    assert "currentColor" in svg
    assert "var(--accent)" in svg
    assert not re.search(r"#[0-9a-f]{6}\b|font-family|<style|<metadata|xmlns|\d{4}-\d\d-\d\d", svg)
    assert all(word in svg for word in (">precision<", ">recall<", ">F1<", ">threshold<"))


def test_a_figure_is_the_same_whatever_the_users_settings_and_in_another_process(report: Report, html: str) -> None:
    one = report.curves[0]
    plain = plots.precision_recall(one, (0.9, 0.8), "x")
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path", "lines.linewidth": 9}):
        assert plots.precision_recall(one, (0.9, 0.8), "x") == plain
        assert mpl.rcParams["font.size"] == 30
    assert html_report(report, name="toy <model>") == html
    code = (
        "import numpy as np\nfrom classifier.curves import curves\nfrom classifier import plots\n"
        "g = np.array([1, 0, 1, 0]); s = np.array([.9, .8, .3, .1])\nprint(plots.reliability(curves('t', g, s, s), 'x'))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True, env={"PYTHONHASHSEED": seed}
        )
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout


def test_figures_of_different_labels_share_no_identifier(report: Report) -> None:
    found = [re.findall(r'id="([^"]+)"', plots.scores(report.curves[0], 0.0, label)) for label in ("a", "b")]
    assert not set(found[0]) & set(found[1])


def test_points_lie_where_the_numbers_say() -> None:
    import numpy as np

    gold, scores = np.array([1, 0]), np.array([1.0, 0.0])
    one = curves("t", gold, scores, scores)
    assert one is not None
    svg = plots.precision_recall(one, (1.0, 0.0), "x")
    # the axes reach from 0 to 1.04 over 85 % of 237.6 points from 14 %: recall 1 lies at 237.6·(.14 + .85/1.04) = 227.45,
    # and precision 0 at the bottom, 176.4·(1 - .18) = 144.65
    assert re.search(r'<use href="#[^"]+" x="227.4\d*" y="144.6\d*"', svg)


def test_the_command_writes_the_report_of_any_model_on_any_labelled_set(tmp_path: Path) -> None:
    rows = [("Shells fell on Idlib in Syria.", ["syria"]), ("A dog won.", []), ("A jet crashed near Idlib.", ["syria"])]
    data = tmp_path / "data.jsonl"
    data.write_text("".join(json.dumps({"id": str(n), "text": t, "topics": g}) + "\n" for n, (t, g) in enumerate(rows)))
    command = [sys.executable, "-m", "classifier", "evaluate", str(data), "-o"]
    done = subprocess.run([*command, str(tmp_path / "out")], capture_output=True, text=True, cwd=ROOT, check=True)
    assert "keyword rules on 3 articles" in done.stdout
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "errors.jsonl",
        "per_topic.csv",
        "report.html",
        "report.json",
    ]
    record = json.loads((tmp_path / "out" / "report.json").read_text())
    jsonschema.validate(record, SCHEMA)
    assert record["provenance"]["classifier"]
    page = Page((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert page.text.count("It belongs to the training: see the report in the model's own folder.") == 4
    refused = subprocess.run([*command, str(data)], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (refused.returncode, "is a file" in refused.stderr) == (2, True)
