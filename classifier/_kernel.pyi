from typing import Self

from typing_extensions import Buffer

class Kernel:
    def __new__(
        cls,
        tables: tuple[Buffer, ...],
        width: int,
        lists: int,
        longest: int,
        name_longest: int,
        by_sentence: bool,
        common_idf: float,
        words: tuple[bytes, ...],
        /,
    ) -> Self: ...
    def answers(
        self, requests: list[tuple[str, int, list[tuple[int, int]] | None]], /
    ) -> list[tuple[list[float], list[tuple[int, int] | None], int, int, int, int]]: ...
    def scores(self, requests: list[tuple[str, int, list[tuple[int, int]] | None]], /) -> bytes: ...
    def sentences(self, text: str, /) -> list[tuple[int, int]]: ...
    def row(self, key: int, /) -> int: ...
