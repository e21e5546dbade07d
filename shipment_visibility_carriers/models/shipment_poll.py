import logging
import time
import traceback
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from psycopg2.errors import DeadlockDetected, LockNotAvailable

from odoo import api, fields, models
from odoo.tools import split_every

from odoo.addons.shipment_visibility.canonical.schema import Source
from odoo.addons.shipment_visibility.models.shipment_ingest import Outcome
from odoo.addons.shipment_visibility.transaction import own_transaction

from ..adapters import base
from .shipment_carrier_calls import Call

_logger = logging.getLogger(__name__)

RUN_SECONDS = 120
# A shipment that is being asked about is not due for so long, whatever becomes of its job.
LEASE = timedelta(minutes=15)
MOST_AT_A_TIME = 200
# When the carrier cannot be asked and does not say for how long.
PAUSE_SECONDS = 10 * 60
# When somebody has to do something about it.
PAUSE_SECONDS_FOR_PEOPLE = 60 * 60

DUE_ACCOUNTS = """
    SELECT account.id
      FROM shipment_carrier_account AS account
     WHERE account.active
       AND account.poll
       AND NOT EXISTS (SELECT FROM shipment_poll_pause AS pause
                        WHERE pause.account_id = account.id AND pause.until > %(now)s)
       AND EXISTS (SELECT FROM shipment_shipment AS shipment
                    WHERE shipment.poll_account_id = account.id
                      AND shipment.poll_at <= %(now)s)
  ORDER BY account.id
"""
CLAIM = """
      SELECT id
        FROM shipment_shipment
       WHERE poll_account_id = %s
         AND poll_at <= %s
    ORDER BY poll_at
       LIMIT %s
         FOR NO KEY UPDATE SKIP LOCKED
"""


@dataclass(frozen=True, slots=True)
class Question:
    """A shipment that is asked about; ``due_at`` is when it became due."""

    shipment_id: int
    numbers: tuple[str, ...]
    due_at: datetime | None = None


@dataclass(slots=True)
class Answers:
    """What a carrier said of many numbers.

    :ivar answered: numbers of which it said all it knows.
    :ivar failed: number -> why nothing can be said of it.
    :ivar trouble: why it cannot be asked at all; numbers in neither were not asked.
    """

    events: list = field(default_factory=list)
    answered: set = field(default_factory=set)
    failed: dict = field(default_factory=dict)
    trouble: base.CarrierError | None = None
    asked: int = 0


@dataclass(slots=True)
class Tally:
    """What came of asking: shipments asked about, new events, and what went wrong."""

    asked: int = 0
    news: int = 0
    problems: list = field(default_factory=list)


class ShipmentPoll(models.AbstractModel):
    """Asks carriers for news of what is due.

    Any number of runs may go on: each claims shipments that no other one holds, by moving
    their next question ahead and committing that. The carrier is asked while nothing is
    locked. What a run that dies has claimed is due again after a while, and an answer that is
    recorded twice is recorded once.
    """

    _name = "shipment.poll"
    _description = "Questions to Carriers"

    @api.model
    def _cron_poll(self):
        """Have a job run for each account that has something to ask."""
        self.env.flush_all()
        self.env.cr.execute(DUE_ACCOUNTS, {"now": fields.Datetime.now()})
        ids = [row[0] for row in self.env.cr.fetchall()]
        accounts = self.env["shipment.carrier.account"].browse(ids)
        accounts.filtered("is_trackable")._enqueue_poll()

    @api.model
    def _run(self, account):
        """Ask about what is due, within the account's number and a bound of time.

        :rtype: Tally
        """
        tally = Tally()
        if not account._is_tracking(only_polled=True):
            return tally
        deadline = time.monotonic() + RUN_SECONDS
        is_reported = account._has_live_webhooks()
        left = account.poll_numbers
        while left > 0 and time.monotonic() < deadline:
            found, questions = self._claim(account, left, is_reported)
            if not found:
                break
            if questions:
                answers = self._ask(account, questions, left, deadline)
                self._record(account, questions, answers, is_reported, tally)
                left -= max(answers.asked, 1)
                if answers.trouble:
                    self._pause(account, answers.trouble)
                    break
        return tally

    @api.model
    def _ask_now(self, account, shipments):
        """Ask about these shipments whether they are due or not.

        :rtype: Tally
        """
        tally = Tally()
        questions = [
            Question(shipment.id, tuple(numbers))
            for shipment in shipments
            if (numbers := shipment._get_numbers_to_ask(is_over=True))
        ]
        if questions:
            deadline = time.monotonic() + account.timeout
            most = 2 * sum(len(question.numbers) for question in questions)
            answers = self._ask(account, questions, most, deadline)
            is_reported = account._has_live_webhooks()
            self._record(account, questions, answers, is_reported, tally)
            if answers.trouble:
                tally.problems.append(str(answers.trouble))
        return tally

    # === CLAIMING === #

    @api.model
    def _claim(self, account, left, is_reported):
        """Take shipments that are due, and say what to ask about them.

        What need not be asked about is planned anew at once.

        :return: how many were due, and the questions
        """
        parallel = max(account.parallel_calls, 1)
        size = min(self._numbers_per_question(account) * parallel, left, MOST_AT_A_TIME)
        with own_transaction(self.env) as env:
            now = fields.Datetime.now()
            env.cr.execute(CLAIM, [account.id, now, size])
            ids = [row[0] for row in env.cr.fetchall()]
            # The poller looks after the shipments of all companies.
            shipments = env["shipment.shipment"].sudo().browse(ids)
            own_account = env["shipment.carrier.account"].sudo().browse(account.id)
            questions = []
            for shipment in shipments:
                numbers = tuple(shipment._get_numbers_to_ask())
                if not shipment._is_worth_asking(numbers, own_account, is_reported):
                    continue
                if questions and len(numbers) > left:
                    # It stays due, and is the next run's.
                    left = 0
                    continue
                left -= len(numbers)
                questions.append(Question(shipment.id, numbers, shipment.poll_at))
            claimed = shipments.browse(question.shipment_id for question in questions)
            claimed.write({"poll_at": now + LEASE})
        return len(ids), questions

    @api.model
    def _numbers_per_question(self, account):
        return max(account._adapter_class().numbers_per_question, 1)

    # === ASKING === #

    @api.model
    def _ask(self, account, questions, most, deadline):
        """Ask the carrier, several questions at a time and many numbers in one.

        A question that fails is halved until the number that spoils it is alone.

        :param int most: so many numbers are asked about, repetitions included
        :rtype: Answers
        """
        numbers = dict.fromkeys(n for question in questions for n in question.numbers)
        portions = list(split_every(self._numbers_per_question(account), numbers))
        answers = Answers()
        while portions and not answers.trouble:
            portions = self._ask_portions(account, portions, answers, most, deadline)
        return answers

    @api.model
    def _ask_portions(self, account, portions, answers, most, deadline):
        """Ask about these portions, and return those to be asked again in halves."""
        calls = [Call(tuple(some), account, "track", (some,)) for some in portions]
        again = []
        budget = max(deadline - time.monotonic(), 0) + account.timeout
        for call, result in self.env["shipment.carrier.calls"]._run(
            calls, parallel=max(account.parallel_calls, 1), budget=budget
        ):
            some = call.key
            answers.asked += len(some)
            if not isinstance(result, Exception):
                answers.events += result
                answers.answered.update(some)
            elif _is_trouble(result):
                answers.trouble = result
            elif len(some) > 1 and answers.asked < most:
                middle = len(some) // 2
                again += [some[:middle], some[middle:]]
            else:
                answers.failed.update(
                    dict.fromkeys(some, self._explain(account, result))
                )
        return again

    @api.model
    def _explain(self, account, error):
        """What a person may read of a failure."""
        if isinstance(error, base.CarrierError):
            return str(error)
        self._log_failure(account, error)
        return self.env._("What the carrier answered cannot be read.")

    # === RECORDING === #

    @api.model
    def _record(self, account, questions, answers, is_reported, tally):
        """Record what was answered, and when each shipment is asked about next."""
        try:
            self._write_answers(account, questions, answers, is_reported, tally)
        except (LockNotAvailable, DeadlockDetected):
            # Somebody works on one of them. They are due again when their lease has ended.
            _logger.info("answers of account %s are asked for again later", account.id)
            return
        if answers.answered:
            self.env["shipment.poll.pause"]._end(account.id)

    @api.model
    def _write_answers(self, account, questions, answers, is_reported, tally):
        asked = {question.shipment_id: question for question in questions}
        with own_transaction(self.env) as env:
            shipments = env["shipment.shipment"].sudo().browse(sorted(asked))
            # In the order in which everybody locks, and before ingestion locks some of them.
            shipments._lock()
            own_account = env["shipment.carrier.account"].sudo().browse(account.id)
            tally.news += env[self._name]._ingest_isolated(own_account, answers.events)
            for shipment in shipments:
                question = asked[shipment.id]
                known = answers.answered | answers.failed.keys()
                if not known.issuperset(question.numbers):
                    if question.due_at:
                        shipment.poll_at = question.due_at
                    continue
                tally.asked += 1
                problems = [
                    answers.failed[n] for n in question.numbers if n in answers.failed
                ]
                tally.problems += problems
                shipment._write_polled(
                    own_account, problems and problems[0], is_reported
                )

    @api.model
    def _ingest_isolated(self, account, events):
        """Ingest all events; if that fails, halve until the guilty is alone.

        :return: how many were new
        """
        if not events:
            return 0
        try:
            with self.env.cr.savepoint():
                result = self.env["shipment.shipment"]._ingest(
                    events,
                    source=Source.POLL,
                    company=account.company_id,
                    carriers=account._get_reported_carriers(),
                    origin=f"account:{account.id}",
                )
                return result.count(Outcome.ACCEPTED)
        except Exception as error:  # noqa: BLE001 whatever it is, the others must go on
            if self.env.cr.connection.closed:
                raise
            if len(events) == 1:
                self._log_failure(account, error)
                return 0
            middle = len(events) // 2
            return self._ingest_isolated(
                account, events[:middle]
            ) + self._ingest_isolated(account, events[middle:])

    @api.model
    def _pause(self, account, trouble):
        """Leave the carrier alone for as long as it asked, or as it makes sense."""
        seconds = getattr(trouble, "retry_after", None)
        if seconds is None:
            is_passing = isinstance(trouble, base.Unavailable)
            seconds = PAUSE_SECONDS if is_passing else PAUSE_SECONDS_FOR_PEOPLE
        _logger.info("account %s is not asked for news for %d s", account.id, seconds)
        self.env["shipment.poll.pause"]._begin(account.id, seconds, str(trouble))

    def _log_failure(self, account, error):
        # The frames, not the text of the error: that may quote the answer.
        _logger.warning(
            "an answer of account %s failed with %s:\n%s",
            account.id,
            type(error).__name__,
            "".join(traceback.format_tb(error.__traceback__)),
        )


def _is_trouble(error):
    """Whether nothing at all can be asked through the account for now."""
    return isinstance(error, base.CarrierError) and not isinstance(
        error, base.Refused | base.MalformedMessage
    )
