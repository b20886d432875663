"""Whole files come in, a finished file of answers goes out, chunk by chunk and in constant memory; formats are unknown here.

`answer_chunks` makes lines of chunks of raw records, in this process or in several, each with a model of its own;
`answer_to_file` writes them so that a run that is killed can be resumed.
"""

import contextlib
import itertools
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path

from classifier.batch import Tally
from classifier.columns import Columns
from classifier.errors import SourceError, UsageError
from classifier.jsonlines import dumps, plain
from classifier.model import TopicModel
from classifier.outputs import Output, digest_of, errors_file, format_of, stamp_of
from classifier.progress import Progress
from classifier.records import Article
from classifier.sources import Chunk, articles_of, lost_page, prediction_record, read_chunks, text_chunk, walk
from classifier.storage import ARRAYS_FILE, CARD_FILE, load
from classifier.version import __version__
from classifier.workers import Lost, Workers

__all__ = ["Answered", "Job", "answer_chunk", "answer_chunks", "answer_to_file"]

_INPUT = "the input "  # before the name of an input, where what changed is told
_SHOWN = 10  # errors told in full on the spot; all of them are in the list
_CHANGED = "{} changed while it was read: answers may be of what was there before. Run again when it is at rest."


class Job:
    """What to answer and how: inputs, the model's folder, the user's columns and options, and in how many processes.

    A literal `text` stands for all inputs.
    """

    __slots__ = ("columns", "explain", "folder", "inputs", "processes", "text", "whole_text")

    def __init__(  # noqa: PLR0913 — a job is these things
        self,
        inputs: Sequence[str],
        folder: Path,
        columns: Columns,
        *,
        whole_text: bool = False,
        explain: bool = False,
        processes: int = 1,
        text: str | None = None,
    ) -> None:
        self.inputs = inputs
        self.folder = folder
        self.columns = columns
        self.whole_text = whole_text
        self.explain = explain
        self.processes = processes
        self.text = text

    @property
    def again(self) -> bool:
        """Whether the inputs can be read again: standard input and other pipes cannot."""
        return self.text is not None or not any(map(_is_pipe, self.inputs or ["-"]))

    def chunks(self, *, live: bool = False, besides: Sequence[Path] = ()) -> Iterator[Chunk]:
        """Return what there is to answer, as `read_chunks` does."""
        return (
            read_chunks(self.inputs, live=live, besides=map(str, besides))
            if self.text is None
            else iter([text_chunk(self.text)])
        )


def _is_pipe(name: str) -> bool:
    file = Path(name)
    return name == "-" or (file.exists() and not (file.is_file() or file.is_dir()))


class Answered:
    """What came of a chunk: lines of answers, errors with their places, and the counts of both."""

    __slots__ = ("errors", "lines", "tally")

    def __init__(self, lines: bytes, errors: list[tuple[str, int, str]], tally: Tally) -> None:
        self.lines = lines
        self.errors = errors
        self.tally = tally


def answer_chunk(chunk: Chunk, model: TopicModel, job: Job, *, compress: bool) -> Answered:
    """Answer the articles of a chunk; `compress` makes the lines a gzip member, the same for the same lines."""
    tally = Tally()
    lines = []
    errors = []
    for name, number, found in articles_of(chunk, job.columns):
        if isinstance(found, Article):
            prediction = model.predict(found, whole_text=job.whole_text, explain=job.explain)
            tally.count(prediction)
            record = prediction_record(found, prediction, explain=job.explain)
            lines.append(dumps(record, fast=not job.explain and plain(found.extra.values())))  # shares may be tiny
        else:
            tally.errors += 1
            errors.append((name, number, str(found)))
    joined = b"".join(lines)
    if compress and joined:
        import gzip

        joined = gzip.compress(joined, 6, mtime=0)  # zlib's own default level: higher ones cost much and save little
    return Answered(joined, errors, tally)


def _answering(job: Job, compress: bool) -> Callable[[Chunk], Answered]:  # noqa: FBT001 — sent by position
    """Load a job's model once, in the process that is to answer."""
    model = load(job.folder)
    return lambda chunk: answer_chunk(chunk, model, job, compress=compress)


def answer_chunks(
    chunks: Iterable[Chunk], job: Job, *, compress: bool = False
) -> Generator[tuple[Chunk, Answered], None, None]:
    """Yield each chunk with its answers, in order.

    Raises `SourceError` if processes died of a chunk again and again; a page that no process could read is an error in its
    place.
    """
    with Workers(job.processes, _answering, job, compress) as workers:
        if job.processes > 1:
            done = workers.map(chunks)
        else:
            here = _answering(job, compress)
            done = (
                pair
                for chunk in chunks
                for pair in (workers.map([chunk]) if chunk.kind == "page" else [(chunk, here(chunk))])
            )
        deaths = 0
        for chunk, result in done:
            answered = _lost(chunk, result) if isinstance(result, Lost) else result
            answered.tally.deaths, deaths = workers.deaths - deaths, workers.deaths
            yield chunk, answered


def _lost(chunk: Chunk, lost: Lost) -> Answered:
    """Return what comes of a chunk that no worker finished."""
    if chunk.kind != "page":
        raise SourceError(
            f"{chunk.name}: two processes died that read it from line {chunk.number} on. Look whether there is memory for so"
            " many processes; --resume goes on from there."
        )
    name, number, error = lost_page(chunk, slow=lost.slow)
    return Answered(b"", [(name, number, str(error))], Tally(errors=1))


def answer_to_file(job: Job, file: Path, *, resume: bool, progress: Progress) -> tuple[Tally, list[str]]:
    """Write the answers on all inputs of a job to a file, and errors to another one; return the counts and remarks.

    With `resume` the run goes on where an earlier one stopped, and the files become what they would have become. Raises
    `UsageError` if an input would be overwritten, `SourceError` if the files cannot be written or the run not be resumed.
    """
    own = (file, errors_file(file))
    if any(
        name != "-" and Path(name).exists() and Path(name).resolve() in {o.resolve() for o in own} for name in job.inputs
    ):
        raise UsageError(f"{file} is an input, or its list of errors is, and would be overwritten. Name another output.")
    topics = load(job.folder).topics.ids
    identity, size = _identity(job, own)
    remarks = []
    with Output(file, identity if job.again else None, resume=resume) as output:
        if output.replaced:
            remarks.append(
                f"{file}.part, which an unfinished run had left, was replaced; --resume would have gone on with it."
            )
        tally = Tally(**output.state.get("tally", {}))
        progress.begin(size, tally.articles)
        if not output.finished:
            remarks += _answer(job, own, output, tally, progress)
            if job.again:
                _note_changes(identity, _identity(job, own)[0], output, tally)
        tables = [Path(name) for name in job.inputs if name.lower().endswith(".parquet")]
        output.finish(topics, tables if len(tables) == len(job.inputs) else None)
    return tally, remarks


def _answer(job: Job, besides: Sequence[Path], output: Output, tally: Tally, progress: Progress) -> list[str]:
    """Write the answers to all chunks that were not answered by an earlier run; return the first errors."""
    errors: list[str] = []
    chunks = job.chunks(besides=besides)
    done = output.state.get("chunks", 0)
    for chunk in itertools.islice(chunks, done):
        progress.skip(chunk.read)
    with contextlib.closing(answer_chunks(chunks, job, compress=format_of(output.file) == ".jsonl.gz")) as answered:
        for number, (chunk, found) in enumerate(answered, done + 1):
            tally.add(found.tally)
            output.add(found.lines, _error_lines(found.errors), {"chunks": number, "tally": tally.counts()})
            progress.show(chunk.read, tally.articles)
            errors += [message for _, _, message in found.errors[: _SHOWN - len(errors)]]
    return errors


def _note_changes(before: dict[str, str], after: dict[str, str], output: Output, tally: Tally) -> None:
    """List as an error what changed while it was read."""
    changed = [what.removeprefix(_INPUT) for what in before if after[what] != before[what]]
    tally.errors += len(changed)
    errors = _error_lines([(name, 0, _CHANGED.format(name)) for name in changed])
    output.add(b"", errors, {**output.state, "tally": tally.counts()})


def _identity(job: Job, besides: Sequence[Path]) -> tuple[dict[str, str], int]:
    """Return what the answers depend on, by its name for people, and the size of all inputs in bytes."""
    stamps = {}
    size = 0
    for name in job.inputs:
        files = (Path(f) for f in walk(name) if Path(f).absolute() not in besides) if Path(name).is_dir() else [Path(name)]
        stamps[_INPUT + name], more = stamp_of(files)
        size += more
    options = {
        "the list of inputs": "\n".join(job.inputs if job.text is None else [job.text]),
        "the model": digest_of([job.folder / CARD_FILE, job.folder / ARRAYS_FILE]),
        "the version of classifier": __version__,
        "--whole-text": str(job.whole_text),
        "--explain": str(job.explain),
        **{f"--{part}-column": str(name) for part, name in job.columns.chosen.items()},
    }
    return stamps | options, size


def _error_lines(errors: Iterable[tuple[str, int, str]]) -> bytes:
    """Return errors as lines of JSON: the input, the line in it where there is one, what is wrong."""
    return b"".join(
        dumps({"input": name, **({"line": number} if number else {}), "error": message}) for name, number, message in errors
    )
