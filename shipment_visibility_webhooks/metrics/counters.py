"""What this process has counted, in memory, until somebody takes it away to keep it.

Plain Python: counting costs a dictionary access and never a row of the database.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable

# A name and its labels, sorted by their names.
Key = tuple[str, tuple[tuple[str, object], ...]]


class Counters:
    """Numbers that only grow, by name and labels. Safe to use from any thread.

    Labels are ids and words of ours, never anything a stranger has sent: each combination
    is kept. Databases are kept apart by the name Odoo gives the thread that serves them.
    """

    def __init__(self) -> None:
        self._attendant: Callable[[], None] | None = None
        self.forget()

    def forget(self) -> None:
        """Begin anew: a process that was forked counts for itself."""
        self._lock = threading.Lock()
        self._counts: dict[str | None, Counter[Key]] = {}
        self._is_attended = False

    def attend(self, attendant: Callable[[], None]) -> None:
        """Have ``attendant`` called at the first count of each process."""
        self._attendant = attendant

    def count(self, name: str, amount: float = 1, /, **labels: object) -> None:
        """Add to what is counted under this name and these labels."""
        key = (name, tuple(sorted(labels.items())))
        with self._lock:
            self._counts.setdefault(_database(), Counter())[key] += amount
            is_first, self._is_attended = not self._is_attended, True
        if is_first and self._attendant:
            self._attendant()

    def take(self) -> dict[Key, float]:
        """What has been counted since it was last taken; counting begins anew.

        In a thread that serves a database, of that one; else of all of them together.
        """
        with self._lock:
            counts = self._of_thread()
            for database in [_database()] if _database() else list(self._counts):
                self._counts.pop(database, None)
        return dict(counts)

    def take_all(self) -> dict[str | None, Counter[Key]]:
        """As :meth:`take`, of each database: its name, what was counted."""
        with self._lock:
            counts, self._counts = self._counts, {}
        return counts

    def put_back(self, database: str | None, counts: Counter[Key]) -> None:
        """What could not be kept is taken again with what is counted meanwhile."""
        with self._lock:
            self._counts.setdefault(database, Counter()).update(counts)

    def look(self, name: str) -> list[tuple[dict[str, object], float]]:
        """What has been counted under a name and not been taken yet; of whom as above."""
        with self._lock:
            counts = self._of_thread()
        return [(dict(labels), n) for (key, labels), n in counts.items() if key == name]

    def _of_thread(self) -> Counter[Key]:
        if database := _database():
            return Counter(self._counts.get(database))
        return sum(self._counts.values(), Counter())


def _database() -> str | None:
    return getattr(threading.current_thread(), "dbname", None)


counters = Counters()
os.register_at_fork(after_in_child=counters.forget)
