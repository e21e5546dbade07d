import datetime as dt
import http.client
from urllib.parse import urlsplit

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import config

from odoo.addons.shipment_visibility_carriers.adapters import signature

from ..gateway.trial import new_trial

SECONDS = 10
# Listening on all interfaces includes the one we reach ourselves by.
ANY_INTERFACE = ("", "0.0.0.0", "::")
LOOPBACK = "127.0.0.1"


class ShipmentWebhookEndpoint(models.Model):
    """Tries the endpoint with a message that the real route receives."""

    _inherit = "shipment.webhook.endpoint"

    def action_send_test(self):
        """Post a signed test to this very server, as the carrier would, and show the answer.

        :raise UserError: we cannot sign as the carrier does.
        """
        self.ensure_one()
        self.check_access("write")
        body = new_trial()
        headers = self._sign_test(body)
        # What was not written yet would not be known to the process that answers.
        self.env.flush_all()
        try:
            status = self._post_to_ourselves(body, headers)
        except (OSError, http.client.HTTPException) as error:
            return self._show_test(False, self._explain_silence(error))
        return self._show_test(status == 200, self._explain_answer(status))

    def _sign_test(self, body):
        if not self.needs_secret:
            raise UserError(
                self.env._(
                    "%(carrier)s signs with a key that only it has, so nobody else can send a "
                    "test. Start one on its own website; it then appears here among the "
                    "recent messages.",
                    carrier=signature.scheme(self.scheme).name,
                )
            )
        door = self.sudo()._prepare_door()
        if not door["secrets"]:
            raise UserError(self.env._("Enter the secret first."))
        try:
            return signature.scheme(self.scheme).sign(
                body, door["secrets"][0], dt.datetime.now(dt.UTC), door["settings"]
            )
        except signature.SignatureError:
            raise UserError(
                self.env._(
                    "Nothing can be signed with the secret that is set: it is a public key, "
                    "or not in the form that %(scheme)s asks for. With a public key only the "
                    "carrier can send a test.",
                    scheme=signature.scheme(self.scheme).name,
                )
            ) from None

    def _post_to_ourselves(self, body, headers):
        """Send it through the route as any carrier's message.

        :return: the status of the answer.
        """
        connection = http.client.HTTPConnection(
            *self._get_own_server(), timeout=SECONDS
        )
        try:
            connection.request(
                "POST",
                self.sudo()._get_path(),
                body,
                {
                    "Content-Type": "application/json",
                    # By these the server finds the database, where it has several.
                    "Host": urlsplit(self.get_base_url()).netloc,
                    "X-Odoo-Database": self.env.cr.dbname,
                    **headers,
                },
            )
            return connection.getresponse().status
        finally:
            connection.close()

    def _get_own_server(self):
        """Host and port at which this server can be reached from itself."""
        interface = config["http_interface"] or ""
        host = LOOPBACK if interface in ANY_INTERFACE else interface
        return host, config["http_port"]

    # === WORDS === #

    def _explain_silence(self, error):
        if isinstance(error, TimeoutError):
            return self.env._(
                "The server did not answer within %(seconds)s seconds. With a single worker "
                "process it cannot: it was busy with your own click.",
                seconds=SECONDS,
            )
        return self.env._(
            "The server could not be reached at %(address)s.",
            address=":".join(map(str, self._get_own_server())),
        )

    def _explain_answer(self, status):
        match status:
            case 200:
                return self.env._(
                    "It was signed, sent to the address of this endpoint, verified and "
                    "stored. It reports nothing and changes nothing."
                )
            case 401:
                return self.env._(
                    "The message was refused: the signature did not hold."
                )
            case 403:
                return self.env._(
                    "The message was refused, because it came from this server itself, "
                    "which is not among the allowed addresses. They are in force; nothing "
                    "else was tried."
                )
            case 404:
                return self.env._(
                    "The address is not known to the server. Is the endpoint archived, or "
                    "does the server have several databases?"
                )
            case 429:
                return self.env._(
                    "The message was refused, because there were too many. Try again in a "
                    "minute."
                )
        return self.env._("The server answered with status %(status)s.", status=status)

    def _show_test(self, is_good, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if is_good else "danger",
                "title": self.env._("Test of %s", self.name),
                "message": message,
                "sticky": not is_good,
                # Shows what was received.
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
