"""What this process has counted, in memory, until somebody takes it away to keep it.

Plain Python: counting costs a dictionary access and never a row of the database.
"""

from collections import Counter
from threading import Lock

# A name and its labels, sorted by their names.
Key = tuple[str, tuple[tuple[str, object], ...]]


class Counters:
    """Numbers that only grow, by name and labels. Safe to use from any thread.

    Labels are ids and words of ours, never anything a stranger has sent: each combination
    is kept.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[Key] = Counter()

    def count(self, name: str, amount: int = 1, /, **labels: object) -> None:
        """Add to what is counted under this name and these labels."""
        key = (name, tuple(sorted(labels.items())))
        with self._lock:
            self._counts[key] += amount

    def take(self) -> dict[Key, int]:
        """What has been counted since it was last taken; counting begins anew."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        return dict(counts)

    def look(self, name: str) -> list[tuple[dict[str, object], int]]:
        """What has been counted under a name and not been taken yet: labels, number."""
        with self._lock:
            counts = list(self._counts.items())
        return [(dict(labels), n) for (counted, labels), n in counts if counted == name]


counters = Counters()
