"""What came of something that was done with many jobs."""

from collections.abc import Mapping

from formats.frozen import Frozen


class BulkProblem(Frozen):
    """Why one job was left as it is."""

    job_id: str
    message: str
    """A sentence for whoever asked."""


class BulkOutcome(Frozen):
    """The jobs it was done with, in the order they were named, and the others."""

    done: tuple[str, ...]
    problems: tuple[BulkProblem, ...] = ()

    @property
    def reasons(self) -> Mapping[str, int]:
        """How many jobs each message is about, the most first."""
        messages = [problem.message for problem in self.problems]
        return {
            each: messages.count(each) for each in sorted(set(messages), key=messages.count)[::-1]
        }
