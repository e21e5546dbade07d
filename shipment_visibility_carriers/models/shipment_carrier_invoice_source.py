from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import config

from ..invoices.inbox import FolderInbox, InboxError, SftpInbox, Trouble
from ..invoices.inbox.folder import ROOT_OPTION


class ShipmentCarrierInvoiceSource(models.Model):
    """A folder that carriers' invoices are fetched from, every hour."""

    _name = "shipment.carrier.invoice.source"
    _description = "Source of Carrier Invoices"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    kind = fields.Selection(
        [("folder", "Folder on This Server"), ("sftp", "SFTP")],
        required=True,
        default="sftp",
    )
    folder = fields.Char(
        help="On this server: below the directory that its administrator has named. "
        "By SFTP: as the server calls it; empty is where one lands.",
    )
    name_pattern = fields.Char(
        string="File Names", help="For example *.csv, *.zip. Empty: all files."
    )
    size_limit = fields.Integer(
        string="Size Limit (MB)",
        required=True,
        default=500,
        help="A file that is bigger is left where it is.",
    )
    format = fields.Selection(
        selection="_selection_format", help="Empty: as a file looks like."
    )
    layout_id = fields.Many2one(
        "shipment.carrier.invoice.layout",
        string="Mapped Columns",
        check_company=True,
        help="For a table that is in none of the known formats.",
    )
    carrier_id = fields.Many2one(
        "shipment.carrier", help="Where the format does not say whose invoice it is."
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Of invoices that name none.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="Who is told when nothing can be fetched.",
    )
    looked_at = fields.Datetime(string="Last Looked At", readonly=True, copy=False)
    trouble = fields.Text(string="Last Trouble", readonly=True, copy=False)
    seen_ids = fields.One2many(
        "shipment.carrier.invoice.seen", "source_id", string="Files", copy=False
    )
    file_count = fields.Integer(compute="_compute_file_count")

    _limits = models.Constraint(
        "CHECK (size_limit BETWEEN 1 AND 4096)",
        "The size limit lies between 1 and 4096 MB.",
    )

    @api.model
    def _selection_format(self):
        return self.env["shipment.carrier.invoice.file"]._selection_format()

    def _compute_file_count(self):
        counts = dict(
            self.env["shipment.carrier.invoice.file"]._read_group(
                [("source_id", "in", self.ids)], ["source_id"], ["__count"]
            )
        )
        for source in self:
            source.file_count = counts.get(source, 0)

    @api.constrains("kind", "folder", "active")
    def _check_folder(self):
        """A folder of this server is one that its administrator lets us read."""
        for source in self.filtered(lambda s: s.active and s.kind == "folder"):
            try:
                source._open_inbox()
            except InboxError as error:
                raise ValidationError(source._explain(error)) from None

    @api.constrains("user_id", "company_id")
    def _check_user(self):
        for source in self.filtered("user_id"):
            user = source.user_id
            own = source.with_user(user).with_context(
                allowed_company_ids=user.company_ids.ids
            )
            if not own.has_access("read"):
                raise ValidationError(
                    self.env._(
                        "%(user)s cannot see sources of %(company)s. Choose somebody from "
                        "its accounting.",
                        user=user.name,
                        company=source.company_id.name,
                    )
                )

    # === THE WAY THERE === #

    def _open_inbox(self):
        """Return the place that the files lie in, to be entered.

        :raise InboxError: it cannot be used as it is set up.
        :raise UserError: a secret is not where its reference says.
        """
        self.ensure_one()
        if self.kind == "folder":
            return FolderInbox(config.get(ROOT_OPTION), self.folder or "")
        return SftpInbox(self._get_terms())

    def _explain(self, error):
        """Say why nothing was fetched, and what to do."""
        name = error.about
        return {
            Trouble.NO_ROOT: self.env._(
                "Folders of this server cannot be read: its administrator has to name a "
                "directory for them in odoo.conf first (%(option)s).",
                option=ROOT_OPTION,
            ),
            Trouble.OUTSIDE: self.env._(
                "The folder “%(name)s” lies outside the directory that odoo.conf names "
                "(%(option)s). Choose one below it.",
                name=name,
                option=ROOT_OPTION,
            ),
            Trouble.NO_FOLDER: self.env._(
                "There is no readable folder “%(name)s”.", name=name
            ),
            Trouble.NO_FILE: self.env._("%(name)s cannot be read.", name=name),
            Trouble.TOO_BIG: self.env._(
                "%(name)s is bigger than %(limit)s MB. Raise the limit, or ask the carrier "
                "to split it.",
                name=name,
                limit=self.size_limit,
            ),
            Trouble.NOT_INSTALLED: self.env._(
                "SFTP needs the Python package %(name)s. Ask the administrator of the "
                "server to install it.",
                name=name,
            ),
            Trouble.NOT_REACHED: self.env._("%(name)s cannot be reached.", name=name),
            Trouble.NO_HOST_KEY: self.env._(
                "Nobody has confirmed the key of %(name)s. An administrator can: "
                "“Show Server's Key”.",
                name=name,
            ),
            Trouble.OTHER_HOST_KEY: self.env._(
                "The server shows another key than the one that was confirmed: "
                "%(name)s. Nothing was sent to it. Ask the carrier whether its key has "
                "changed; then an administrator can confirm the new one.",
                name=name,
            ),
            Trouble.BAD_KEY: self.env._(
                "The private key for %(name)s cannot be read. Enter it with its password.",
                name=name,
            ),
            Trouble.REFUSED: self.env._(
                "%(name)s does not let us in. Check the user and the password or key.",
                name=name,
            ),
            Trouble.BROKEN: self.env._(
                "The connection to %(name)s was lost. It is tried again in an hour.",
                name=name,
            ),
        }[error.trouble]

    # === LOOKING === #

    def action_look(self):
        """Have the source looked at now, in the background."""
        self.check_access("read")
        # Whoever works with the invoices may have them fetched.
        self.sudo()._enqueue_look()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("New files are being fetched in the background."),
            },
        }

    @api.model
    def _cron_look(self):
        """Look at all sources, each in a job of its own."""
        self.search([("active", "=", True)])._enqueue_look()

    def _enqueue_look(self, is_successor=False):
        for source in self:
            source.with_user(SUPERUSER_ID).with_company(source.company_id).with_delay(
                # A job that goes on is still running itself.
                identity_key=None
                if is_successor
                else f"shipment-invoice-source-{source.id}",
                description=self.env._(
                    "Fetch carrier invoices of %(name)s", name=source.name
                ),
            )._job_look(is_successor=is_successor)

    def action_view_files(self):
        """Open what was fetched."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_carriers.shipment_carrier_invoice_file_action"
        )
        action["domain"] = [("source_id", "=", self.id)]
        action["context"] = {"create": False}
        return action
