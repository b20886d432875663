"""Words on the command line come in, what they ask for comes out: options and help; what is done is unknown here."""

from __future__ import annotations

TYPE_CHECKING = False  # what `typing` says at run time; see `frozen`
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["TOP", "TOP_OF_ONE", "parse", "print_help"]

TOP, TOP_OF_ONE = 8, 40  # terms shown of each topic of a model, and of one that was asked for

# The options of `predict` where they are not given.
_PREDICT = {
    "text": None,
    "output": None,
    "resume": False,
    "jobs": 1,
    "text_column": None,
    "title_column": None,
    "id_column": None,
    "json": False,
    "explain": False,
    "html": None,
    "model": None,
    "whole_text": False,
}


def parse(words: Sequence[str]) -> Namespace:
    """Return what the words of a command line ask for: `command`, "version" or "help" among its attributes, and options.

    Ends the process with status 2 where the words make no sense, and with 0 behind `--help`.
    """
    return _plain(words) or _parser(words).parse_args(words)


def print_help() -> None:
    """Print what the command can do."""
    _parser([]).print_help()


def _plain(words: Sequence[str]) -> Namespace | None:
    """Return the options of `predict FILE …` with no option; None for all else, which argparse reads.

    The commonest call is the one that must start at once, and argparse needs as long to start as an article to be answered.
    """
    if words[:1] != ["predict"] or any(word.startswith("-") for word in words):
        return None
    from types import SimpleNamespace

    plain: Namespace = SimpleNamespace(command="predict", inputs=list(words[1:]), **_PREDICT)  # type: ignore[assignment]
    return plain


def _parser(words: Sequence[str]) -> ArgumentParser:
    """Return the parser for these words; what they do not ask for is not in it, to save time.

    Where they name a command, the others are not; where they ask what commands there are, the parsers of these are not.
    """
    import argparse

    from classifier.terminal import terminal_columns

    def formatter(prog: str) -> argparse.HelpFormatter:  # left alone it imports half a dozen modules to find the width
        return argparse.HelpFormatter(prog, width=terminal_columns() - 2)  # as argparse has it

    parser = argparse.ArgumentParser(
        prog="classifier",
        description="Tell which topics a news article carries, and why.",
        formatter_class=formatter,
        epilog="classifier COMMAND --help says more. Results go to standard output, messages to standard error.",
    )
    parser.add_argument(
        "--version", action="store_const", dest="command", const="version", help="show the version and which kernel answers"
    )
    parser.set_defaults(command="help")

    class Named(argparse.ArgumentParser):
        """A command that is only named in the help on all of them."""

        def __init__(self, **_: object) -> None:  # what a parser does here takes a millisecond for the eight
            pass

    overview = not words or words[0] in ("-h", "--help")
    kind = Named if overview else argparse.ArgumentParser
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", prog="classifier", parser_class=kind)
    for name in words[:1] if words and words[0] in _COMMANDS else _COMMANDS:
        add_options, summary, more = _COMMANDS[name]
        command = commands.add_parser(
            name, help=summary, description=f"{summary.capitalize()}. {more}", formatter_class=formatter
        )
        if not overview:
            command.set_defaults(command=name)
            add_options(command)
    return parser


def _reading_options(parser: ArgumentParser) -> None:
    parser.add_argument("--model", metavar="DIR", help="a model folder; without it the shipped model")
    parser.add_argument(
        "--whole-text", action="store_true", help="set nothing aside as page furniture (menus, teasers, footers)"
    )


def _predict_options(parser: ArgumentParser) -> None:
    parser.add_argument("inputs", nargs="*", metavar="INPUT", help="file, folder or -")
    parser.add_argument("--text", metavar="TEXT", help="the article itself, in quotation marks")
    parser.add_argument(
        "-o",
        "--output",
        type=_path,
        metavar="OUT",
        help="write .jsonl, .jsonl.gz, .csv, .tsv or .parquet; errors go to OUT.errors.jsonl, a summary to the terminal",
    )
    parser.add_argument("--resume", action="store_true", help="go on with OUT where a run that was stopped left it")
    parser.add_argument("--jobs", type=_positive, metavar="N", help="processes for -o or --json (default: 1)")
    for part in ("text", "title", "id"):
        parser.add_argument(f"--{part}-column", metavar="NAME", help=f"the column with the {part}, if its name is unusual")
    parser.add_argument("--json", action="store_true", help="print JSON Lines: id, topics, unsure, probabilities")
    parser.add_argument(
        "--explain", action="store_true", help="give the sentences that speak for each topic, and what each term adds"
    )
    parser.add_argument(
        "--html",
        type=_path,
        metavar="PAGE.html",
        help="write a page with the articles and what speaks for each topic in them",
    )
    _reading_options(parser)
    parser.set_defaults(**_PREDICT)


def _explain_options(parser: ArgumentParser) -> None:
    parser.add_argument("input", metavar="INPUT", help="file or -")
    parser.add_argument("--topic", metavar="T", help="one topic id; without it all of the model's")
    _reading_options(parser)


def _inspect_options(parser: ArgumentParser) -> None:
    parser.add_argument("model", nargs="?", metavar="MODEL", help="a model folder; without it the shipped model")
    parser.add_argument("--term", metavar="WORDS", help="a word or a few, as you would type them: what they weigh")
    parser.add_argument("--topic", metavar="T", help="one topic, with more of its terms")
    parser.add_argument(
        "--top", type=_positive, metavar="N", help=f"terms shown (default: {TOP}, of one topic {TOP_OF_ONE})"
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON")


def _data_options(parser: ArgumentParser, *, default: bool) -> None:
    corpus, labels = ("corpus", "labels") if default else (None, None)
    parser.add_argument(
        "--corpus", type=_path, default=corpus, metavar="DIR", help="folder with the articles (default: corpus)"
    )
    parser.add_argument(
        "--labels", type=_path, default=labels, metavar="DIR", help="folder with topics.toml and gold.tsv (default: labels)"
    )


def _check_options(parser: ArgumentParser) -> None:
    _data_options(parser, default=True)
    parser.add_argument("--counts", action="store_true", help="print how many articles there are of each sort instead")


def _agreement_options(parser: ArgumentParser) -> None:
    _data_options(parser, default=True)


def _evaluate_options(parser: ArgumentParser) -> None:
    parser.add_argument("data", metavar="DATA.jsonl", help='rows as {"id": …, "title": …, "text": …, "topics": […]}')
    parser.add_argument(
        "-o",
        "--output",
        type=_path,
        metavar="DIR",
        help="write report.html, report.json, per_topic.csv and errors.jsonl into a folder",
    )
    _reading_options(parser)


def _compare_options(parser: ArgumentParser) -> None:
    parser.add_argument("old", metavar="OLD", help="a model folder")
    parser.add_argument("new", metavar="NEW", help="a model folder")
    parser.add_argument("--data", required=True, metavar="DATA.jsonl", help="labelled articles, as for evaluate")
    parser.add_argument("--whole-text", action="store_true", help="set nothing aside as page furniture")


def _retrain_options(parser: ArgumentParser) -> None:
    from argparse import BooleanOptionalAction

    parser.add_argument(
        "--data", type=_path, metavar="FILE", help='rows as {"id": …, "title": …, "text": …, "topics": […], "unknown": […]}'
    )
    parser.add_argument(
        "--topics", type=_path, metavar="TOPICS.toml", help="names, definitions and hints of the topics in --data"
    )
    _data_options(parser, default=False)
    parser.add_argument("-o", "--output", type=_path, required=True, metavar="DIR", help="the model folder to write")
    parser.add_argument("--jobs", type=_positive, default=1, metavar="N", help="processes to train with (default: 1)")
    for name, what in (("precision", "of yes answers"), ("recall", "that no answers leave")):
        parser.add_argument(
            f"--{name}", type=_share, metavar="SHARE", help=f"{name} {what} outside the unsure band (default: 0.95)"
        )
    parser.add_argument(
        "--at-least-one",
        action=BooleanOptionalAction,
        help="give every article a topic (default: if every training article has one)",
    )
    parser.add_argument("--quick", action="store_true", help="leave out of the report what takes further fits")
    parser.add_argument("--accept-worse", action="store_true", help="replace the model in DIR even by a worse one")


def _path(word: str) -> Path:
    from pathlib import Path  # it takes longer to import than an article to answer

    return Path(word)


def _share(word: str) -> float:
    from argparse import ArgumentTypeError

    try:
        share = float(word)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise ArgumentTypeError(f"{word} is no number between 0 and 1")
    return share


def _positive(word: str) -> int:
    from argparse import ArgumentTypeError

    if not word.isdecimal() or not int(word):
        raise ArgumentTypeError(f"{word} is no whole number from 1 on")
    return int(word)


# Which options each command has, and what its help says.
_COMMANDS: dict[str, tuple[Callable[[ArgumentParser], None], str, str]] = {
    "predict": (
        _predict_options,
        "name the topics of articles",
        "Inputs are .txt and .html files (one article each), .jsonl, .csv, .tsv and .parquet files (one a row, with columns"
        " such as text, title and id), folders of these, or - for standard input, which is also read when nothing is named."
        " A bad file or row is reported and the others answered.",
    ),
    "explain": (
        _explain_options,
        "show why an article has a topic, or has it not",
        "Shows the sentences at or above the threshold, or the best one, each with the terms that add up to its score.",
    ),
    "inspect": (
        _inspect_options,
        "show what is in a model",
        "Topics with their thresholds and weightiest terms, lists of names, recipe, origin; with --term a row of its table.",
    ),
    "check": (
        _check_options,
        "check corpus and labels against their rules",
        "Prints each finding with file, line and remedy.",
    ),
    "agreement": (
        _agreement_options,
        "tell how far the two readings of the corpus agree",
        "Compares labels/readings/first.tsv and second.tsv, topic by topic.",
    ),
    "evaluate": (
        _evaluate_options,
        "measure a model on labelled articles",
        "DATA is JSON Lines with text and topics. Keyword rules and the answer that is always none stand beside the model.",
    ),
    "compare": (
        _compare_options,
        "tell whether a new model is better than an old one",
        "Both answer the same labelled articles, which should have taught neither. Shows the difference in F1 with its 95 %"
        " interval (paired bootstrap, events resampled); the exit status is 1 if something got worse beyond chance.",
    ),
    "retrain": (
        _retrain_options,
        "make a model from labelled articles",
        "From --data, any file of labelled articles, or from a corpus folder and a labels folder whose gold names the"
        " sentences that carry a topic. Writes the model with its report. The same articles and package versions give the"
        " same bytes. A model that is worse than the one in DIR does not replace it.",
    ),
}
