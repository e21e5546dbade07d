"""Checks what a carrier has billed against what is known of the package."""

from .credits import Dispute, Match, match_credits
from .engine import audit
from .facts import Amounts, Billed, Facts, Finding, Terms, Tolerance
from .rules import RULES, Rule
