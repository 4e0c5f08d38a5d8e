"""Pairs requested with detected people so that the sum of their scores is the largest."""

from collections.abc import Sequence


def best_pairs(scores: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Pairs (row, column) of the largest sum; each row and column once, as many as there can be.

    The Hungarian method with potentials (Kuhn 1955; Jonker and Volgenant 1987), O(n³).
    """
    if not scores or not scores[0]:
        return []
    if len(scores) > len(scores[0]):
        return sorted((row, column) for column, row in best_pairs(list(zip(*scores, strict=True))))
    return _Assignment(scores).solve()


class _Assignment:
    """Rows are taken in one by one along the cheapest chain of exchanges; index 0 is unused."""

    def __init__(self, scores: Sequence[Sequence[float]]) -> None:
        self._scores = scores
        self._columns = len(scores[0])
        self._of_row = [0.0] * (len(scores) + 1)
        self._of_column = [0.0] * (self._columns + 1)
        self._row_at = [0] * (self._columns + 1)

    def solve(self) -> list[tuple[int, int]]:
        for row in range(1, len(self._scores) + 1):
            self._take_in(row)
        pairs = ((row - 1, column - 1) for column, row in enumerate(self._row_at) if row)
        return sorted(pair for pair in pairs if pair[1] >= 0)

    def _take_in(self, row: int) -> None:
        slack = [float("inf")] * (self._columns + 1)
        came_from = [0] * (self._columns + 1)
        done: list[int] = []
        column, self._row_at[0] = 0, row
        while self._row_at[column]:
            done.append(column)
            self._relax(column, slack, came_from, done)
            column = self._advance(slack, done)
        while column:
            before = came_from[column]
            self._row_at[column] = self._row_at[before]
            column = before

    def _relax(
        self, column: int, slack: list[float], came_from: list[int], done: list[int]
    ) -> None:
        row = self._row_at[column]
        for other in range(1, self._columns + 1):
            cost = -self._scores[row - 1][other - 1] - self._of_row[row] - self._of_column[other]
            if other not in done and cost < slack[other]:
                slack[other], came_from[other] = cost, column

    def _advance(self, slack: list[float], done: list[int]) -> int:
        """Shift the potentials until one more column costs nothing; that column."""
        waiting = [column for column in range(1, self._columns + 1) if column not in done]
        nearest = min(waiting, key=lambda column: slack[column])
        shift = slack[nearest]
        for column in done:
            self._of_row[self._row_at[column]] += shift
            self._of_column[column] -= shift
        for column in waiting:
            slack[column] -= shift
        return nearest
