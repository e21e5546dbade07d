from odoo.exceptions import ValidationError
from odoo.tests import Form, TransactionCase, tagged

from odoo.addons.shipment_visibility_carriers.adapters.signature import base

from .common import WebhookCommon


class OpenScheme(base.SignatureScheme):
    """A scheme that leaves something to be said."""

    code = "open_scheme"
    name = "Open"
    assurance = base.Assurance.TOKEN
    open_settings = frozenset({"header", "algorithm", "prefix"})


@tagged("post_install", "-at_install")
class TestEndpointScheme(WebhookCommon, TransactionCase):
    """What an administrator says of a signature, and what he is told of it."""

    def setUp(self):
        super().setUp()
        # Known for one test only.
        self.patch(base, "_registry", {**base._registry, "open_scheme": OpenScheme()})

    def test_the_proof_is_said(self):
        self.assertEqual(self.endpoint.assurance, "time")
        self.assertFalse(self.endpoint.open_settings)
        self.endpoint.write({"scheme": "open_scheme", "signature_header": "X-Token"})
        self.assertEqual(self.endpoint.assurance, "token")
        self.assertEqual(self.endpoint.open_settings, ["algorithm", "header", "prefix"])

    def test_only_what_a_scheme_leaves_open_is_handed_to_it(self):
        said = {
            "signature_header": "X-Token",
            "signature_algorithm": "sha512",
            "signature_encoding": "base64",
            "signature_prefix": "sha512=",
            "signature_timestamp_header": "X-Time",
        }
        self.endpoint.write({"scheme": "open_scheme", **said})
        settings = self._door().settings
        self.assertEqual(
            settings,
            base.Settings(header="X-Token", algorithm="sha512", prefix="sha512="),
        )
        self.endpoint.scheme = "hmac_sha256"
        self.assertEqual(self._door().settings, base.NO_SETTINGS)

    def test_a_changed_setting_is_known_at_once(self):
        self.endpoint.write({"scheme": "open_scheme", "signature_header": "X-Token"})
        self.assertEqual(self._door().settings.header, "X-Token")
        self.endpoint.signature_header = "X-Other"
        self.assertEqual(self._door().settings.header, "X-Other")

    def test_the_form_asks_for_what_is_open(self):
        with Form(self.endpoint) as form:
            self.assertTrue(form._get_modifier("signature_header", "invisible"))
            form.scheme = "open_scheme"
            self.assertFalse(form._get_modifier("signature_header", "invisible"))
            self.assertTrue(form._get_modifier("signature_header", "required"))
            self.assertTrue(form._get_modifier("signature_encoding", "invisible"))
            form.signature_header = "X-Token"

    def test_the_header_of_an_open_scheme_is_required(self):
        with self.assertRaises(ValidationError):
            self.endpoint.scheme = "open_scheme"

    def test_what_is_no_name_of_a_header_is_refused(self):
        for name in ("X Token", "X-Token:", "é", "X\nY"):
            with self.subTest(name=name), self.assertRaises(ValidationError):
                self.endpoint.signature_header = name

    def test_keys_that_a_carrier_publishes_are_those_of_its_scheme(self):
        self.endpoint.scheme = "shipengine"
        self.assertFalse(self.endpoint.needs_secret)
        keys = self._door().settings.find_key.__self__
        self.assertEqual(keys.url, base.scheme("shipengine").keys_url)
        other = self.endpoint.copy()
        same = self._door(other).settings.find_key.__self__
        self.assertIs(same, keys, "fetched once for all")
        self.endpoint.scheme = "hmac_sha256"
        self.assertTrue(self.endpoint.needs_secret)
        self.assertIsNone(self._door().settings.find_key)

    def test_every_scheme_has_a_door(self):
        for scheme in base.schemes().values():
            with self.subTest(scheme=scheme.code):
                self.endpoint.write(
                    {"scheme": scheme.code, "signature_header": "X-Token"}
                )
                self.assertEqual(self._door().scheme, scheme.code)
                self.assertTrue(self.endpoint.assurance)

    def _door(self, endpoint=None):
        endpoint = endpoint or self.endpoint
        return endpoint._doors()[endpoint.token]
