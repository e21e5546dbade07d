"""When a message that was not taken is sent again, and when it is given up."""

import datetime as dt

# Seconds to wait after each failed attempt. The last one is repeated; the day ends before.
# From the example of the Standard Webhooks specification.
PAUSES = (5, 5 * 60, 30 * 60, 2 * 60 * 60, 5 * 60 * 60, 10 * 60 * 60)
TRIED_FOR = dt.timedelta(days=1)
# A message that waited for a day, behind another one or because we were down, gets as many.
LEAST_ATTEMPTS = 4

# How long a receiver that has trouble of its own is left alone, whatever waits for it.
_SHORTEST_REST = 5
_LONGEST_REST = 5 * 60


def next_pause(
    attempts: int, age: dt.timedelta, retry_after: float | None = None
) -> dt.timedelta | None:
    """How long to wait after the ``attempts``-th failure; None to give up.

    :param age: since the message was recorded, or was asked to be sent again
    :param retry_after: seconds that the receiver asked for; they are waited in any case
    """
    is_late = age >= TRIED_FOR
    if is_late and attempts >= LEAST_ATTEMPTS:
        return None
    pause = dt.timedelta(seconds=PAUSES[min(attempts, len(PAUSES)) - 1])
    if not is_late:
        # The last attempt is made when the day is over, not hours after.
        pause = min(pause, TRIED_FOR - age)
    return max(pause, dt.timedelta(seconds=retry_after or 0))


def rest(failures: int, retry_after: float | None = None) -> dt.timedelta:
    """How long to leave a receiver alone that is down or asks us to slow down.

    :param failures: how many in a row, this one included
    """
    if retry_after:
        return dt.timedelta(seconds=retry_after)
    seconds = min(_SHORTEST_REST * 2 ** min(failures - 1, 16), _LONGEST_REST)
    return dt.timedelta(seconds=seconds)
