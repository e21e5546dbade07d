import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any

from odoo import api, models
from odoo.exceptions import UserError

from ..adapters import base


@dataclass(frozen=True, slots=True)
class Call:
    """One thing to ask a carrier.

    :ivar key: whatever the caller knows it by.
    :ivar account: the ``shipment.carrier.account`` to ask through.
    :ivar operation: the name of an adapter's method, or a pure function that takes the
        adapter and ``aside``, which has a function run in the caller's thread.
    """

    key: Any
    account: Any
    operation: str | Callable
    args: tuple = ()
    correlation_id: str = ""


class ShipmentCarrierCalls(models.AbstractModel):
    """Asks several carriers at a time.

    The threads run adapters only: they hold no environment, cursor or record. Whatever needs
    the database (limits, journal) is an errand to the thread of the caller, who runs it while
    waiting.
    """

    _name = "shipment.carrier.calls"
    _description = "Parallel Calls to Carriers"

    @api.model
    def _run(self, calls, parallel=10, budget=None):
        """Yield ``(call, result)`` as they end; a call that failed has its error as result.

        :param calls: an iterable; it is asked for more when there is room.
        :param int parallel: how many are under way at a time.
        :param float budget: seconds after which those that have not ended are given up:
            their result is ``Unavailable``.
        """
        for ended in self._run_groups(calls, parallel, budget):
            yield from ended

    @api.model
    def _run_groups(self, calls, parallel=10, budget=None):
        """As :meth:`_run`; yields lists of what has ended since the last one."""
        counter = Counter(self.env["shipment.message"])
        deadline = budget and time.monotonic() + budget
        pool = ThreadPoolExecutor(parallel, thread_name_prefix="carrier-call")
        todo = enumerate(calls)
        open_calls = {}
        try:
            while True:
                # Twice as many wait for a thread, so that none waits for us.
                for number, call in islice(todo, 2 * parallel - len(open_calls)):
                    open_calls[number] = call
                    self._submit(pool, counter, number, call)
                if not open_calls:
                    return
                ended = counter.serve(deadline)
                if not ended:
                    break
                yield [(open_calls.pop(number), result) for number, result in ended]
            late = base.Unavailable(self.env._("The carrier has not answered in time."))
            yield [(call, late) for call in open_calls.values()]
            yield [(call, late) for _number, call in todo]
        finally:
            counter.close()
            pool.shutdown(wait=False, cancel_futures=True)

    @api.model
    def _submit(self, pool, counter, number, call):
        try:
            account = call.account.sudo()
            adapter = account._adapter(
                call.correlation_id,
                journal=counter.note(account),
                gate=counter.gate(self.env["shipment.carrier.gate"], account),
            )
        except UserError as error:
            counter.ended(number, base.CarrierError(str(error)))
            return
        pool.submit(_carry_out, counter, number, adapter, call.operation, call.args)


def _carry_out(counter, number, adapter, operation, args):
    """Run in a thread."""
    try:
        if callable(operation):
            result = operation(adapter, counter.run, *args)
        else:
            result = getattr(adapter, operation)(*args)
    except Exception as error:  # It is looked at where it is waited for.
        result = error
    counter.ended(number, result)


class Counter:
    """Where threads hand in their errands, and the caller's thread serves them."""

    def __init__(self, messages):
        self._messages = messages
        self._errands = SimpleQueue()
        self._notes = SimpleQueue()
        self._gates = {}
        self._lock = Lock()
        self._is_closed = False

    # In a thread.

    def run(self, function, *args):
        """Have a function run by the caller's thread, and return its result.

        :raise base.Unavailable: nobody waits for us any more.
        """
        reply = SimpleQueue()
        with self._lock:
            if self._is_closed:
                raise base.Unavailable("Nobody waits for the carrier any more.")
            self._errands.put((function, args, reply))
        result = reply.get()
        if isinstance(result, Exception):
            raise result
        return result

    def sent(self, function):
        """A function that runs as an errand, and is dropped when nobody waits any more."""

        def send(*args):
            try:
                self.run(function, *args)
            except base.Unavailable:
                return

        return send

    def ended(self, number, result):
        """Tell the result of a call."""
        with self._lock:
            if not self._is_closed:
                self._errands.put((None, (number, result), None))

    def note(self, account):
        """A journal of an account that is written when the caller's thread comes round."""
        snapshot = self._messages._snapshot(account)

        def write(exchange):
            self._notes.put((snapshot, exchange))

        return write

    # In the caller's thread.

    def gate(self, gates, account):
        """The gate of an account, one for all its calls."""
        if account.id not in self._gates:
            self._gates[account.id] = CounterGate(self, gates._of(account))
        return self._gates[account.id]

    def serve(self, deadline):
        """Serve errands until a call has ended.

        :return: number and result of that and of all others that have ended by then;
            nothing when the deadline has passed.
        """
        ended = []
        while not ended or not self._errands.empty():
            timeout = deadline and max(deadline - time.monotonic(), 0.0)
            try:
                function, args, reply = self._errands.get(timeout=timeout)
            except Empty:
                break
            if not function:
                ended.append(args)
                continue
            try:
                reply.put(function(*args))
            except Exception as error:  # It belongs to who sent the errand.
                reply.put(error)
        self._write_notes()
        for gate in self._gates.values():
            gate.renew()
        return ended

    def _write_notes(self):
        notes = []
        while not self._notes.empty():
            notes.append(self._notes.get())
        self._messages._write_all(notes)

    def close(self):
        """Send everybody away who still comes."""
        with self._lock:
            self._is_closed = True
        while True:
            try:
                _function, _args, reply = self._errands.get_nowait()
            except Empty:
                break
            if reply:
                reply.put(base.Unavailable("Nobody waits for the carrier any more."))
        self._write_notes()


class CounterGate:
    """A gate that is asked from a thread, and opened by the caller's where it must be asked.

    The caller's thread is often busy with what has ended: nobody waits for it in vain.
    """

    def __init__(self, counter, account_gate):
        self._counter = counter
        self._gate = account_gate

    def reserve(self, patience):
        """As the account's gate; the waiting is the thread's."""
        if self._gate.is_trusted():
            return 0.0
        return self._counter.run(self._gate.reserve, patience)

    def report(self, outcome, status, retry_after):
        """As the account's gate."""
        if self._gate.is_news(outcome, status):
            self._counter.sent(self._gate.report)(outcome, status, retry_after)

    def renew(self):
        """As the account's gate."""
        self._gate.renew()
