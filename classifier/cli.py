"""Words on the command line become calls, and what the calls return becomes words; nothing is decided here.

Results go to standard output, all else to standard error. Exit status: 0 done, 1 data or model wrong, 2 usage.
"""

from __future__ import annotations

import os
import sys

from classifier import __version__, load
from classifier.errors import ClassifierError, SourceError, UsageError
from classifier.records import Article
from classifier.usage import TOP, TOP_OF_ONE, parse, print_help

# A command that answers one article works for a few thousandths of a second, so each command imports what it needs.
TYPE_CHECKING = False  # what `typing` says at run time; see `frozen`
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from classifier.batch import Tally
    from classifier.bulk import Job
    from classifier.columns import Columns
    from classifier.model import TopicModel
    from classifier.records import Example, Prediction
    from classifier.terminal import Style
    from classifier.topics import Topics

__all__ = ["main", "script"]

_DONE, _WRONG, _USAGE = 0, 1, 2
_INTERRUPTED = 130  # what a shell reports of a command ended by Ctrl-C: 128 + SIGINT
_TERMINATED = 143  # the same for SIGTERM
_PAGE = (".html", ".htm")
_SHOWN = 10  # bad records shown one by one
_EXTRA = "Training and measuring need more packages than prediction: pip install 'topic-classifier[train]'."


def main(arguments: Sequence[str] | None = None) -> int:  # noqa: PLR0911 — one return for each way to end
    """Run the command with these arguments (those of the process if None) and return its exit status."""
    if sys.stdout is None:  # closed by who called: to write to it is an error, as it is for a full disk
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    try:
        options = _parsed(sys.argv[1:] if arguments is None else list(arguments))
        status = _COMMANDS[options.command](options)
        sys.stdout.flush()
    except UsageError as error:
        return _complain(str(error), _USAGE)
    except ClassifierError as error:
        return _complain(str(error), _WRONG)
    except (ImportError, MemoryError) as error:
        return _complain(_lacking(error), _WRONG)
    except KeyboardInterrupt as stop:
        said = str(stop) or "Interrupted; nothing that was being written has been given its name."
        return _complain(said, _TERMINATED if isinstance(stop, _Terminated) else _INTERRUPTED)
    except BrokenPipeError:
        # The reader has seen enough (`| head`). Python would complain once more when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _DONE
    except OSError as error:
        if error.filename is None:  # what is left to write cannot be written at the end either
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _complain(f"{error.filename or 'standard output'}: {error.strerror}. Look at the place and its room.", _WRONG)
    return status


def _parsed(words: Sequence[str]) -> Namespace:
    try:
        return parse(words)
    except SystemExit:  # behind --help, which must have been written like all else
        sys.stdout.flush()
        raise


def script() -> None:
    """Be the command: run `main` and end the process with its status.

    Where nothing runs beside or waits for the end, the process ends at once: taking the interpreter apart takes a seventh of
    the time that answering an article takes, and serves nobody.
    """
    status = main()
    if status == _DONE and not sys.modules.keys() & {"threading", "multiprocessing"}:
        sys.stderr.flush()  # standard output was flushed, and what came of it told, by `main`
        os._exit(status)
    sys.exit(status)


def _complain(message: str, status: int) -> int:
    try:
        print(f"classifier: {message}", file=sys.stderr)
    except OSError:  # there is nobody to say it to
        return status
    return status


def _lacking(error: ImportError | MemoryError) -> str:
    """Say what a command went without: a package, or memory, for want of which a package may be there and not be loaded."""
    if isinstance(error, ModuleNotFoundError):
        return f"The package {error.name} is not installed. {_EXTRA}"
    if isinstance(error, MemoryError):
        return "There was not enough memory. Close other programs, raise the limit, or give less at a time."
    return f"{error.name} could not be loaded: {str(error).splitlines()[-1]}. Install it again, or give it more memory."


# -------------------------------------------------------------------------------------------------------------- commands


def _help(_: Namespace) -> int:
    print_help()
    return _USAGE


def _version(_: Namespace) -> int:
    from classifier.storage import kernel

    print(f"classifier {__version__} ({kernel()} kernel)")
    return _DONE


def _predict(options: Namespace) -> int:
    if options.text is not None and options.inputs:
        raise UsageError("--text and files exclude each other. Give the one or the other.")
    if options.resume and not options.output:
        raise UsageError("--resume goes on with a file of answers. Name it: -o OUT.jsonl.")
    from classifier.batch import Tally, answers
    from classifier.columns import Columns
    from classifier.sources import text_article

    columns = Columns(options.text_column, options.title_column, options.id_column)
    literal = iter([text_article(options.text)]) if options.text is not None else None
    if options.output and options.html:
        raise UsageError("-o and --html exclude each other. Write the answers and the page in two calls.")
    if options.html:
        _demand_page(options.html, options.inputs)
    if options.output or (options.json and not literal and not options.html):
        return _predict_files(options, columns)
    model = load(options.model)
    found = literal or _waiting(options.inputs, columns)
    tally = Tally()
    explain = options.explain or options.html is not None
    good = _good(answers(model, found, tally, whole_text=options.whole_text, explain=explain))
    for article, prediction in good if options.html is None else _on_page(model, good, options.html):
        _print_answer(model, article, prediction, options)
    return _WRONG if tally.errors else _DONE


def _demand_page(file: Path, inputs: Sequence[str]) -> None:
    """Raise `UsageError` if a page with this name would take the place of an article, or of what is likely to be one."""
    if file.suffix.lower() not in _PAGE:
        raise UsageError(f"{file} is no name of a page. Name a file that ends in .html.")
    page, read = os.path.realpath(file), [os.path.realpath(name) for name in inputs if name != "-"]
    if page in read or (file.exists() and any(page.startswith(folder + os.sep) for folder in read)):
        raise UsageError(f"{file} is an input and would be overwritten. Name another page.")


def _predict_files(options: Namespace, columns: Columns) -> int:
    """Answer whole files chunk by chunk, in several processes if so told."""
    from pathlib import Path

    from classifier.bulk import Job, answer_chunks  # a single article does without journals and processes
    from classifier.outputs import FORMATS, format_of
    from classifier.storage import default_folder

    if options.output and format_of(options.output) is None:
        raise UsageError(
            f"{options.output}: answers are written as {', '.join(FORMATS)}. Name a file that ends in one of these."
        )
    folder = default_folder() if options.model is None else options.model
    job = Job(
        options.inputs,
        Path(folder),
        columns,
        whole_text=options.whole_text,
        explain=options.explain,
        processes=options.jobs,
        text=options.text,
    )
    if options.text is None:
        _prompt(options.inputs)
    from contextlib import closing

    from classifier.batch import Tally

    with _terminable():
        if options.output:
            return _write(job, options)
        tally = Tally()
        with closing(answer_chunks(job.chunks(live=True), job)) as chunks:
            for _, answered in chunks:
                sys.stdout.buffer.write(answered.lines)
                for _, _, message in answered.errors:
                    _complain(message, _WRONG)
                tally.add(answered.tally)
    if tally.deaths:
        print(_died(tally), file=sys.stderr)
    return _WRONG if tally.errors else _DONE


def _write(job: Job, options: Namespace) -> int:
    from classifier.bulk import answer_to_file
    from classifier.progress import Progress

    progress = Progress(sys.stderr)
    try:
        tally, remarks = answer_to_file(job, options.output, resume=options.resume, progress=progress)
    except KeyboardInterrupt as stop:
        if job.again:
            stop.args = (
                f"Interrupted. What is done is kept: the same command with --resume goes on with {options.output}.",
            )
        raise
    finally:
        progress.end()
    for remark in remarks:
        _complain(remark, _WRONG)
    _summary(tally, options.output, progress.rate)
    return _WRONG if tally.errors else _DONE


class _Terminated(KeyboardInterrupt):
    """The process was asked to end by SIGTERM, which is to go the way of Ctrl-C."""


class _terminable:  # noqa: N801 — it is called like a function
    """Let SIGTERM end what is going on in order."""

    def __enter__(self) -> None:
        import signal

        def end(*_: object) -> None:
            raise _Terminated

        self._before = signal.signal(signal.SIGTERM, end)

    def __exit__(self, *_: object) -> None:
        import signal

        signal.signal(signal.SIGTERM, self._before)


def _waiting(inputs: Sequence[str], columns: Columns | None = None) -> Iterator[Article | SourceError]:
    """Read the inputs; say so if a person is expected to type."""
    from classifier.sources import read_inputs

    _prompt(inputs)
    return read_inputs(inputs, columns, unique=False)


def _prompt(inputs: Sequence[str]) -> None:
    if (not inputs or "-" in inputs) and sys.stdin.isatty():
        print("Reading an article from the keyboard; end with Ctrl-D.", file=sys.stderr)


def _good(answered: Iterator[tuple[Article, Prediction] | SourceError]) -> Iterator[tuple[Article, Prediction]]:
    """Pass the answers on and report the errors."""
    for item in answered:
        if isinstance(item, SourceError):
            _complain(str(item), _WRONG)
        else:
            yield item


def _on_page(
    model: TopicModel, answered: Iterator[tuple[Article, Prediction]], file: Path
) -> Iterator[tuple[Article, Prediction]]:
    """Pass the answers on and write a page of them, which gets its name when the last has passed."""
    from classifier.marked import page_article, page_foot, page_head  # most calls write none
    from classifier.outputs import replacing

    names = {topic.id: topic.name for topic in model.topics}
    with replacing(file) as handle:
        handle.write(page_head())
        for number, (article, prediction) in enumerate(answered, 1):
            handle.write(page_article(number, article, prediction, names))
            yield article, prediction
        handle.write(page_foot())


def _print_answer(model: TopicModel, article: Article, prediction: Prediction, options: Namespace) -> None:
    if options.json:
        from classifier.jsonlines import dumps
        from classifier.sources import prediction_record

        sys.stdout.write(dumps(prediction_record(article, prediction, explain=options.explain)).decode())
    else:
        from classifier.show import show_prediction

        names = {topic.id: topic.name for topic in model.topics}
        shown = prediction if options.explain else prediction.changed(explanations=())
        _print(show_prediction(article, shown, names, _style()))


def _print(text: str) -> None:
    """Print what the terminal's encoding can show."""
    from classifier.terminal import printable

    sys.stdout.write(printable(text, sys.stdout.encoding or "utf-8"))


def _json(record: dict[str, object]) -> str:
    """Return a record as a line of JSON that any terminal can show."""
    import json

    return json.dumps(record) + "\n"


def _style() -> Style:
    from classifier.terminal import Style

    return Style(colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")


def _died(tally: Tally) -> str:
    return f"{_number(tally.deaths, 'process')} died and had to be replaced"


def _number(count: int, noun: str) -> str:
    plural = noun + ("es" if noun.endswith("s") else "s")
    return f"{count} {noun if count == 1 else plural}"


def _summary(tally: Tally, output: Path, rate: float) -> None:
    from classifier.outputs import errors_file

    topics = ", ".join(f"{topic} {count}" for topic, count in tally.yes.items()) or "no topic in any"
    errors = f"{_number(tally.errors, 'error')}, listed in {errors_file(output)}" if tally.errors else "no errors"
    died = f"; {_died(tally)}" if tally.deaths else ""
    found = f"{_number(tally.articles, 'article')} ({topics}; unsure {tally.unsure})"
    print(f"{output}: {found}, {errors}, {rate:,.0f} a second{died}", file=sys.stderr)


def _explain(options: Namespace) -> int:
    from classifier.show import show_explanation

    model = load(options.model)
    topics = [options.topic] if options.topic else list(model.topics.ids)
    names = {topic.id: topic.name for topic in model.topics}
    for topic in topics:
        model.topics.column(topic)  # a topic that is unknown is an error before the article is read
    wrong = False
    for item in _waiting([options.input]):
        if isinstance(item, SourceError):
            _complain(str(item), _WRONG)
            wrong = True
            continue
        explanations = model.explanations(item, topics, whole_text=options.whole_text)
        _print(show_explanation(item, explanations, names, _style()))
    return _WRONG if wrong else _DONE


def _inspect(options: Namespace) -> int:
    from classifier.contents import model_record, term_record  # prediction has no need of them
    from classifier.overview import show_model, show_term

    if options.term is not None and options.topic is not None:
        raise UsageError("--term and --topic exclude each other. Give the one or the other.")
    model = load(options.model)
    names = {topic.id: topic.name for topic in model.topics}
    if options.term is not None:
        row = term_record(model, options.term)
        _print(_json(row) if options.json else show_term(row, names, _style()))
        return _DONE
    top = options.top or (TOP_OF_ONE if options.topic else TOP)
    record = model_record(model, topic=options.topic, top=top)
    _print(_json(record) if options.json else show_model(record, names, _style()))
    return _DONE


def _check(options: Namespace) -> int:
    from classifier.check import check, coverage  # the data folders are no part of prediction

    if options.counts:
        for sort, number in coverage(options.corpus, options.labels).items():
            print(f"{number:6d}  {sort}")
        return _DONE
    findings, counted = check(options.corpus, options.labels)
    for finding in findings:
        print(finding)
    print(f"{counted}; {len(findings)} findings", file=sys.stderr)
    return _WRONG if findings else _DONE


def _agreement(options: Namespace) -> int:
    from classifier.check import compare_readings  # the data folders are no part of prediction
    from classifier.show import show_agreement

    sys.stdout.write(show_agreement(compare_readings(options.corpus, options.labels)))
    return _DONE


def _evaluate(options: Namespace) -> int:
    from classifier.assess import assess_model  # numpy is loaded for measuring only
    from classifier.batch import Tally, answers
    from classifier.report import table
    from classifier.sources import read_inputs

    if options.output and options.output.exists() and not options.output.is_dir():
        raise UsageError(f"{options.output} is a file, and the report is a folder of files. Name a folder.")
    model = load(options.model)
    tally = Tally()
    pairs = list(_good(answers(model, read_inputs([options.data]), tally, whole_text=options.whole_text)))
    if not pairs:
        raise SourceError(f"{options.data}: not one article to measure on. Give JSON Lines with text and topics.")
    articles, predictions = [article for article, _ in pairs], [prediction for _, prediction in pairs]
    report = assess_model(model, articles, predictions, str(options.data), whole_text=options.whole_text)
    print(table(report), end="")
    if options.output:
        from pathlib import Path

        from classifier.retrain import write_report  # so are scikit-learn and matplotlib for writing

        write_report(report, options.output, name=Path(options.model).name if options.model else "the shipped model")
        print(f"report written to {options.output}", file=sys.stderr)
    return _WRONG if tally.errors else _DONE


def _compare(options: Namespace) -> int:
    from classifier.assess import compare_models  # numpy is loaded for measuring only
    from classifier.batch import Tally, answers
    from classifier.report import differences
    from classifier.sources import read_inputs

    old, new = load(options.old), load(options.new)
    tally = Tally()
    pairs = list(_good(answers(old, read_inputs([options.data]), tally, whole_text=options.whole_text)))
    articles = [article for article, _ in pairs]
    if not articles:
        raise SourceError(f"{options.data}: not one article to compare on. Give JSON Lines with text and topics.")
    again = list(new.predict_many(articles, whole_text=options.whole_text))
    found = compare_models(articles, (old.topics, [p for _, p in pairs]), (new.topics, again))
    print(differences(found), end="")
    return _WRONG if tally.errors or any(row.worse for row in found) else _DONE


def _retrain(options: Namespace) -> int:
    from pathlib import Path

    from classifier.report import table
    from classifier.retrain import Options, read_corpus, retrain  # scikit-learn is loaded for training only

    chosen = Options(
        options.precision, options.recall, options.at_least_one, options.accept_worse, not options.quick, options.jobs
    )
    if options.output.exists() and not options.output.is_dir():
        raise UsageError(f"{options.output} is a file, and a model is a folder of files. Name a folder.")
    wrong, labels = False, None
    if options.data:
        if options.corpus or options.labels:
            raise UsageError("--data and --corpus or --labels exclude each other. Give the one or the others.")
        examples, topics, provenance, wrong = _labelled(options)
    else:
        if options.topics:
            raise UsageError("--topics goes with --data; a labels folder has its own topics.toml. Leave one of them out.")
        labels = options.labels or Path("labels")
        examples, topics, provenance = read_corpus(options.corpus or Path("corpus"), labels)
    report, remarks = retrain(examples, topics, options.output, provenance=provenance, labels=labels, options=chosen)
    print(table(report), end="")
    for remark in remarks:
        print(remark, file=sys.stderr)
    print(f"model and report written to {options.output}", file=sys.stderr)
    return _WRONG if wrong else _DONE


def _labelled(options: Namespace) -> tuple[list[Example], Topics, dict[str, str], bool]:
    """Read labelled records; those that are wrong are reported and left out."""
    from classifier.labelled import example_of, topics_in  # the data are no part of prediction
    from classifier.labels import load_topics
    from classifier.retrain import digest
    from classifier.sources import read_inputs

    found = list(read_inputs([str(options.data)]))
    articles = [item for item in found if isinstance(item, Article)]
    errors = [str(item) for item in found if not isinstance(item, Article)]
    examples = []
    try:
        topics = load_topics(options.topics) if options.topics else topics_in(articles)
        for article in articles:
            try:
                examples.append(example_of(article, topics))
            except SourceError as error:
                errors.append(str(error))
    finally:  # they may be the reason why there is no topic
        for message in errors[:_SHOWN]:
            _complain(message, _WRONG)
    if errors:
        _complain(f"{len(errors)} of {len(found)} records were left out of training, for such reasons.", _WRONG)
    return examples, topics, {"data": digest([options.data])}, bool(errors)


_COMMANDS: dict[str, Callable[[Namespace], int]] = {
    "version": _version,
    "help": _help,
    "predict": _predict,
    "explain": _explain,
    "inspect": _inspect,
    "check": _check,
    "agreement": _agreement,
    "evaluate": _evaluate,
    "compare": _compare,
    "retrain": _retrain,
}
