"""A carrier to develop and test against: a process of its own that speaks HTTP on loopback.

It sells what the sandbox sells, by the sandbox's own engine, remembers it, counts it, and
posts signed webhooks along scripted journeys.
"""

from .client import Simulator

__all__ = ["Simulator"]
