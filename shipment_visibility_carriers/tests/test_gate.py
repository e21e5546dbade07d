from threading import Barrier, BrokenBarrierError, Event, Lock

from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.addons.shipment_visibility_carriers.adapters import base
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)
from odoo.addons.shipment_visibility_carriers.models.shipment_carrier_calls import Call

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestGate(CarriersCommon):
    """The limits of an account hold for all who talk to the carrier."""

    def _carrier(self, word=""):
        self.account.sudo().credentials = {"api_key": f"sandbox {word}"}

    def _ask(self):
        return self.account._adapter().rate(
            self.env["shipment.request.builder"]._sample(self.account)
        )

    def test_the_breaker_opens_for_everybody_and_closes_by_a_probe(self):
        self.account.write({"breaker_failures": 2, "breaker_pause": 30})
        self._carrier("SANDBOX-RATE-TIMEOUT")
        for _failure in range(2):
            with self._raises("did not answer", base.Unavailable):
                self._ask()
        self._carrier()
        self.assertEqual(self.account.gate_state, "open")
        with self._raises("failed several times", base.Unavailable):
            self._ask()
        self.env.cr.execute(
            "UPDATE shipment_carrier_gate SET open_until = open_until - 60"
        )
        self.assertTrue(self._ask())
        self.account.invalidate_recordset()
        self.assertEqual(self.account.gate_state, "closed")

    def test_an_open_breaker_lets_a_validation_go_on_without_asking(self):
        self.account.breaker_failures = 1
        self._carrier("SANDBOX-RATE-TIMEOUT")
        with self._raises(error=base.Unavailable):
            self._ask()
        self._carrier()
        calls = self._count()
        picking = self._create_picking()
        with trap_jobs():
            picking.button_validate()
        self.assertEqual(picking.shipment_booking_state, "queued")
        self.assertIn("failed several times", picking.shipment_booking_note)
        self.assertEqual(len(calls), 1)
        messages = self.env["shipment.message"].search([("operation", "=", "book")])
        self.assertFalse(messages, "the carrier was asked in spite of the breaker")

    def test_a_business_refusal_does_not_open_the_breaker(self):
        self.account.breaker_failures = 1
        self._carrier("SANDBOX-RATE-REFUSE")
        with self._raises(error=base.Refused):
            self._ask()
        self.assertEqual(self.account.gate_state, "closed")

    def test_the_rate_limit_counts_the_requests_of_all(self):
        self.account.write({"calls_per_second": 0.01, "call_burst": 2})
        self._ask()
        self.account.copy()._adapter()  # another account has limits of its own
        self._ask()
        with self._raises("asked too much", base.Unavailable) as refusal:
            self._ask()
        self.assertGreater(refusal.exception.retry_after, 50)

    def test_one_account_that_is_limited_holds_back_no_other(self):
        other = self.account.copy()
        self.account.write({"calls_per_second": 0.01, "call_burst": 1})
        self._ask()
        self.assertTrue(
            other._adapter().rate(
                self.env["shipment.request.builder"]._sample(self.account)
            )
        )


@tagged("post_install", "-at_install")
class TestCalls(CarriersCommon):
    """Several carriers are asked at a time."""

    def _calls(self, count, operation="rate"):
        sample = self.env["shipment.request.builder"]._sample(self.account)
        return [
            Call(number, self.account, operation, (sample,), f"call-{number}")
            for number in range(count)
        ]

    def test_all_are_answered_and_each_is_journalled(self):
        results = {
            call.key: result
            for call, result in self.env["shipment.carrier.calls"]._run(
                self._calls(7), parallel=3
            )
        }
        self.assertEqual(set(results), set(range(7)))
        self.assertTrue(all(quotes[0].total for quotes in results.values()))
        journal = self.env["shipment.message"].search(
            [("correlation_id", "=like", "call-%")]
        )
        self.assertEqual(len(journal), 7)

    def test_never_more_at_a_time_than_allowed(self):
        lock, under_way, most = Lock(), [0], [0]
        # Three meet here; a fourth would break the count, fewer would wait in vain.
        barrier = Barrier(3)

        def rate(adapter, request):
            with lock:
                under_way[0] += 1
                most[0] = max(most[0], under_way[0])
            try:
                barrier.wait(10)
            except BrokenBarrierError:
                most[0] = -1
            with lock:
                under_way[0] -= 1
            return ()

        self.patch(SandboxAdapter, "rate", rate)
        results = list(
            self.env["shipment.carrier.calls"]._run(self._calls(6), parallel=3)
        )
        self.assertEqual(len(results), 6)
        self.assertEqual(most[0], 3)

    def test_an_error_is_the_result_of_its_call_alone(self):
        calls = self._calls(2)
        calls[1] = Call(1, self.account, "book", (calls[1].args[0],))
        results = dict(
            (call.key, result)
            for call, result in self.env["shipment.carrier.calls"]._run(calls)
        )
        self.assertIsInstance(results[1], base.Refused)
        self.assertTrue(results[0][0].total)

    def test_a_slow_carrier_is_given_up_and_the_others_are_kept(self):
        release = Event()
        self.addCleanup(release.set)
        rate = SandboxAdapter.rate

        def slow(adapter, request):
            if adapter.transport.correlation_id == "call-0":
                release.wait(60)
            return rate(adapter, request)

        self.patch(SandboxAdapter, "rate", slow)
        results = {
            call.key: result
            for call, result in self.env["shipment.carrier.calls"]._run(
                self._calls(3), budget=2.0
            )
        }
        self.assertIsInstance(results[0], base.Unavailable)
        self.assertTrue(results[1][0].total and results[2][0].total)

    def test_an_account_that_cannot_be_used_is_told_and_asks_nobody(self):
        self.account.sudo().credentials = {"api_key": ""}
        ((_call, result),) = self.env["shipment.carrier.calls"]._run(self._calls(1))
        self.assertIsInstance(result, base.CarrierError)
        self.assertIn("api_key", str(result))
