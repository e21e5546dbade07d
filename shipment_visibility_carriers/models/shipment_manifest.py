import base64

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .shipment_handover_mixin import ShipmentHandoverMixin

STATES = [
    ("draft", "Draft"),
    ("requested", "Being Closed"),
    ("confirmed", "Closed"),
    ("refused", "Refused"),
    ("unknown", "Unknown"),
]


class ShipmentManifest(models.Model):
    """The end-of-day list of what one account's driver takes along from one warehouse.

    Where the carrier makes such a list it is the carrier's document; else it is our own, so
    that every driver signs for something. A shipment is on one list at most.
    """

    _name = "shipment.manifest"
    _description = "Manifest"
    _inherit = ["shipment.handover.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    state = fields.Selection(
        STATES, required=True, readonly=True, copy=False, default="draft", index=True
    )
    shipment_ids = fields.Many2many(
        "shipment.shipment",
        "shipment_manifest_rel",
        "manifest_id",
        "shipment_id",
        string="Shipments",
        check_company=True,
        copy=False,
    )
    shipment_count = fields.Integer(compute="_compute_counts", string="# Shipments")
    parcel_count = fields.Integer(compute="_compute_counts", string="Parcels")
    weight = fields.Float(
        compute="_compute_counts", string="Weight (kg)", digits="Stock Weight"
    )
    document = fields.Binary(
        string="Carrier's Document", readonly=True, copy=False, attachment=True
    )
    document_name = fields.Char(readonly=True, copy=False)

    _guarded = ShipmentHandoverMixin._guarded | {"document", "document_name"}

    def init(self):
        """Override of Odoo: the database itself keeps a shipment off a second list."""
        self.env.cr.execute(
            """
            CREATE UNIQUE INDEX IF NOT EXISTS shipment_manifest_rel_shipment_uniq
                ON shipment_manifest_rel (shipment_id)
            """
        )

    @api.depends("shipment_ids.package_ids.live", "shipment_ids.package_ids.weight_kg")
    def _compute_counts(self):
        for manifest in self:
            packages = manifest.shipment_ids.package_ids.filtered("live")
            manifest.shipment_count = len(manifest.shipment_ids)
            manifest.parcel_count = len(packages)
            manifest.weight = sum(packages.mapped("weight_kg"))

    @api.constrains("shipment_ids")
    def _check_shipments(self):
        for manifest in self:
            foreign = manifest.shipment_ids.filtered(
                lambda shipment, manifest=manifest: (
                    shipment.account_id != manifest.account_id
                    or not shipment.is_to_be_handed_over
                )
            )
            if foreign:
                raise ValidationError(
                    self.env._(
                        "These are no shipments that the driver of %(account)s takes along: "
                        "%(shipments)s.",
                        account=manifest.account_id.name,
                        shipments=", ".join(foreign.mapped("name")),
                    )
                )
            others = (manifest.shipment_ids.manifest_ids - manifest).mapped("name")
            if others:
                raise ValidationError(
                    self.env._(
                        "A shipment of %(name)s is on another list already: %(others)s.",
                        name=manifest.name,
                        others=", ".join(others),
                    )
                )

    # === THE END OF THE DAY === #

    @api.model
    def action_close_the_day(self):
        """Draft the lists of all accounts and warehouses, to be looked at and closed."""
        self._check_warehouse_user()
        self.check_access("create")
        shipments = self.env["shipment.shipment"]._find_to_hand_over(self.env.companies)
        drafts = self._draft(shipments) | self.search(
            [
                ("state", "in", ("draft", "refused")),
                ("company_id", "in", self.env.companies.ids),
            ]
        )
        if not drafts:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "info",
                    "message": self.env._(
                        "Every shipment that is ready is on a list already."
                    ),
                    "next": self._open(self.browse()),
                },
            }
        return self._open(drafts)

    @api.model
    def _draft(self, shipments):
        """Lists of these shipments by account and warehouse; a draft there is goes on."""
        drafts = self.browse()
        groups = shipments.grouped(
            lambda shipment: (
                shipment.company_id,
                shipment.account_id,
                shipment._get_handover_warehouse(),
            )
        )
        for (company, account, warehouse), members in groups.items():
            today = fields.Date.context_today(
                self.with_context(tz=warehouse.partner_id.tz or self.env.user.tz)
            )
            draft = self.search(
                [
                    ("state", "=", "draft"),
                    ("account_id", "=", account.id),
                    ("warehouse_id", "=", warehouse.id),
                    ("date", "=", today),
                ],
                limit=1,
            )
            lines = [fields.Command.link(shipment.id) for shipment in members]
            if draft:
                draft.shipment_ids = lines
            else:
                draft = self.create(
                    {
                        "company_id": company.id,
                        "account_id": account.id,
                        "warehouse_id": warehouse.id,
                        "date": today,
                        "shipment_ids": lines,
                    }
                )
            drafts |= draft
        return drafts

    @api.model
    def _open(self, manifests):
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_carriers.shipment_manifest_action"
        )
        if len(manifests) == 1:
            action.update(res_id=manifests.id, views=[(False, "form")])
        elif manifests:
            action["domain"] = [("id", "in", manifests.ids)]
            action["context"] = {}
        return action

    def action_close(self):
        """Close the lists at their carriers, and print what the drivers sign."""
        self._check_warehouse_user()
        self.check_access("write")
        for manifest in self:
            manifest._check_ready()
        for manifest in self:
            manifest._close()
        return self._tell() or self._print()

    def _check_ready(self):
        """Raise, with all reasons, when the list is not what the driver will take along."""
        if self.state not in ("draft", "refused"):
            return
        if not self.shipment_ids:
            raise UserError(self.env._("%s lists no shipments.", self.name))
        gone = self.shipment_ids.filtered(
            lambda shipment: not shipment.is_to_be_handed_over
        )
        if gone:
            raise UserError(
                self.env._(
                    "Take these off the list %(name)s; they are cancelled or on their way: "
                    "%(shipments)s.",
                    name=self.name,
                    shipments=", ".join(gone.mapped("name")),
                )
            )

    def _close(self):
        remote_ids = tuple(self.shipment_ids._get_remote_ids().values())
        if self.account_id._offers("manifest"):
            self._ask("manifest", lambda _key: (remote_ids,))
        elif self._request(""):
            # There is nobody to ask: the list is our own.
            self._move(("requested",), "confirmed")

    def _prepare_agreed(self, answer):
        return {
            **super()._prepare_agreed(answer),
            "document": base64.b64encode(answer.document.content),
            "document_name": answer.document.name,
        }

    def action_print(self):
        """Hand the lists to the browser as one file."""
        closed = self.filtered(lambda manifest: manifest.state == "confirmed")
        if not closed:
            raise UserError(self.env._("Close the list first; then it can be printed."))
        return closed._print()

    def _print(self):
        return {
            "type": "ir.actions.act_url",
            "url": f"/shipment/manifests/{','.join(map(str, self.ids))}",
            "target": "new",
        }

    def action_view_shipments(self):
        """Open the shipments of the list."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility.shipment_shipment_action"
        )
        action["domain"] = [("id", "in", self.shipment_ids.ids)]
        action["context"] = {}
        return action
