"""17TRACK: what the webhooks of its API version 2 say.

Payload and statuses: https://api.17track.net/en/doc?version=v2.2. The statuses are those of its
section on main and sub statuses.

A message holds one number with the whole history of all its carriers, such as that of the first
and that of the last mile, who partly tell the same; what they tell alike is one event. Messages of
version 1 are refused. That tracking was stopped is told without a time and gives no event.
"""

from . import adapter
