import uuid

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..canonical import milestone as vocabulary
from ..canonical.milestone import Code, Phase
from .shipment_charge import AMOUNTS

# Fewer characters of a tracking number are in very many: then it is faster to look at the
# latest shipments until there are enough, than to gather all that have them.
SELECTIVE_LENGTH = 5

DIRECTIONS = [
    ("outbound", "To a customer"),
    ("return", "Back from a customer"),
    ("inbound", "From a supplier"),
]


class ShipmentShipment(models.Model):
    """One consignment handed to one carrier: its parcels, its events, its headline.

    The headline and everything beside it is derived from the milestones by
    ``canonical.timeline.fold``; nothing of it is ever written by hand.
    """

    _name = "shipment.shipment"
    _description = "Shipment"
    _inherit = ["portal.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True, copy=False, index=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    warehouse_id = fields.Many2one("stock.warehouse", check_company=True)
    direction = fields.Selection(DIRECTIONS, required=True, default="outbound")
    carrier_id = fields.Many2one("shipment.carrier", ondelete="restrict", index=True)
    delivery_carrier_id = fields.Many2one(
        "delivery.carrier", string="Delivery Method", index="btree_not_null"
    )
    service = fields.Char(help="The service as the carrier calls it.")
    partner_id = fields.Many2one(
        "res.partner", string="Consignee", help="Who receives, or who sends back."
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, index=True
    )
    picking_ids = fields.Many2many(
        "stock.picking",
        "shipment_picking_rel",
        "shipment_id",
        "picking_id",
        string="Deliveries",
        check_company=True,
    )
    outbound_id = fields.Many2one(
        "shipment.shipment",
        string="Returns",
        index="btree_not_null",
        help="The outbound shipment that this one brings back.",
    )
    order_ids = fields.Many2many(
        "sale.order",
        string="Sales Orders",
        compute="_compute_order_ids",
        # Whoever may see the shipment may know which orders it belongs to.
        compute_sudo=True,
        search="_search_order_ids",
    )
    invoice_ids = fields.Many2many(
        "account.move",
        string="Invoices",
        compute="_compute_order_ids",
        compute_sudo=True,
    )
    master_number = fields.Char(help="The number that names all parcels together.")
    master_normalised = fields.Char(
        compute="_compute_master_normalised", store=True, index="trigram"
    )
    package_ids = fields.One2many("shipment.package", "shipment_id", string="Packages")
    milestone_ids = fields.One2many("shipment.milestone", "shipment_id")
    exception_ids = fields.One2many("shipment.exception", "shipment_id")
    charge_ids = fields.One2many("shipment.charge", "shipment_id", groups=AMOUNTS)
    effect_ids = fields.One2many("shipment.effect", "shipment_id")
    proof_attachment_ids = fields.Many2many(
        "ir.attachment",
        "shipment_proof_rel",
        "shipment_id",
        "attachment_id",
        string="Proof of Delivery",
        copy=False,
    )
    headline = fields.Selection(
        vocabulary.selection(),
        string="Status",
        required=True,
        readonly=True,
        copy=False,
        default=Code.UNKNOWN.value,
        index=True,
    )
    phase = fields.Selection(
        vocabulary.phase_selection(),
        required=True,
        readonly=True,
        copy=False,
        default=Phase.NONE.value,
        group_expand="_group_expand_phase",
    )
    headline_at = fields.Datetime(string="Status Since", readonly=True, copy=False)
    order_promised_at = fields.Datetime(
        string="Promised to the Customer",
        readonly=True,
        copy=False,
        help="What the order promised when the goods left.",
    )
    promised_at = fields.Datetime(
        string="Promised by the Carrier",
        copy=False,
        help="What the carrier promised when it was booked.",
    )
    estimated_from = fields.Datetime(readonly=True, copy=False)
    estimated_to = fields.Datetime(string="Estimated", readonly=True, copy=False)
    estimated_date = fields.Date(
        readonly=True,
        copy=False,
        help="An estimate without a time of day.",
    )
    picked_up_at = fields.Datetime(string="Picked Up", readonly=True, copy=False)
    delivered_at = fields.Datetime(string="Delivered", readonly=True, copy=False)
    signer = fields.Char(string="Signed By", readonly=True, copy=False)
    last_event_at = fields.Datetime(string="Last Event", readonly=True, copy=False)
    open_exception_count = fields.Integer(
        string="Open Exceptions", readonly=True, copy=False
    )
    correlation_id = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        index=True,
        default=lambda self: str(uuid.uuid4()),
        help="Carried by every message, job and log line of this shipment.",
    )
    tracking_numbers = fields.Char(
        compute="_compute_tracking_numbers", search="_search_tracking_numbers"
    )
    tracking_url = fields.Char(compute="_compute_tracking_numbers")
    has_replaced_numbers = fields.Boolean(compute="_compute_has_replaced_numbers")
    timeline = fields.Json(compute="_compute_timeline")

    _company_phase_idx = models.Index("(company_id, phase, id)")
    # Events name the whole number; a search, any part of it. On the collation: `_having` of
    # the packages.
    _master_idx = models.Index(
        '(master_normalised COLLATE "C") WHERE master_normalised IS NOT NULL'
    )

    @api.model
    def _group_expand_phase(self, phases, domain):
        """Return the phases that occur, in the order of a journey."""
        return [
            phase for phase, _label in vocabulary.phase_selection() if phase in phases
        ]

    @api.depends("picking_ids.sale_id.invoice_ids")
    def _compute_order_ids(self):
        for shipment in self:
            shipment.order_ids = shipment.picking_ids.sale_id
            shipment.invoice_ids = shipment.order_ids.invoice_ids

    @api.model
    def _search_order_ids(self, operator, value):
        return [("picking_ids.sale_id", operator, value)]

    @api.depends("master_number")
    def _compute_master_normalised(self):
        normalise = self.env["shipment.carrier"]._normalise_number
        for shipment in self:
            shipment.master_normalised = normalise(shipment.master_number) or False

    @api.depends(
        "package_ids.tracking_number",
        "package_ids.superseded_by_id",
        "master_number",
        "carrier_id",
    )
    def _compute_tracking_numbers(self):
        for shipment in self:
            numbers = shipment.package_ids.filtered(
                lambda package: package.tracking_number and not package.superseded_by_id
            ).mapped("tracking_number")
            shipment.tracking_numbers = ", ".join(numbers)
            shipment.tracking_url = shipment.carrier_id._tracking_link(
                shipment.master_number or (numbers and numbers[0])
            )

    @api.depends("package_ids.superseded_by_id")
    def _compute_has_replaced_numbers(self):
        for shipment in self:
            shipment.has_replaced_numbers = bool(shipment.package_ids.superseded_by_id)

    @api.model
    def _search_tracking_numbers(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS or not isinstance(value, str):
            return NotImplemented
        number = self.env["shipment.carrier"]._normalise_number(value)
        if len(number) < SELECTIVE_LENGTH:
            return Domain("package_ids.number_normalised", operator, number) | Domain(
                "master_normalised", operator, number
            )
        packages = self.env["shipment.package"]._search(
            [("number_normalised", operator, number)]
        )
        masters = self.with_context(active_test=False)._search(
            [("master_normalised", operator, number)]
        )
        # A union, for an OR over two tables cannot use their indexes.
        return Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                "%s IN (%s UNION ALL %s)",
                SQL.identifier(alias, "id"),
                packages.subselect("shipment_package.shipment_id"),
                masters.subselect(),
            )
        )

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for shipment in self:
            shipment.access_url = f"/my/shipments/{shipment.id}"
        return result

    def _compute_timeline(self):
        timelines = self._timelines()
        for shipment in self:
            shipment.timeline = shipment._describe_timeline(timelines[shipment.id])

    def _is_final(self):
        """Whether nothing more is expected of the shipment."""
        self.ensure_one()
        return vocabulary.milestone(self.headline).terminal

    def _has_document(self):
        """Whether there is a document that proves the delivery."""
        self.ensure_one()
        return bool(self.proof_attachment_ids)

    def _has_proof(self):
        """Whether somebody signed, or a photo or a document shows, that it was delivered."""
        self.ensure_one()
        photos = self.milestone_ids.mapped("photo_url")
        return bool(self.signer or any(photos) or self._has_document())

    def _has_known_costs(self):
        """Whether it is known what the carrier charges."""
        self.ensure_one()
        # That it is known is no secret; what it is, is.
        charges_sudo = self.sudo().charge_ids
        return any(charge.kind in ("booked", "invoiced") for charge in charges_sudo)

    @api.model_create_multi
    def create(self, vals_list):
        """Override of Odoo to number shipments and to let their links be shared."""
        sequences = {}
        for vals in vals_list:
            if not vals.get("name"):
                company_id = vals.get("company_id") or self.env.company.id
                if company_id not in sequences:
                    sequences[company_id] = self._get_sequence(company_id)
                vals["name"] = sequences[company_id].next_by_id()
            vals.setdefault("access_token", str(uuid.uuid4()))
        return super().create(vals_list)

    @api.model
    def _get_sequence(self, company_id):
        """The sequence that numbers a company's shipments: its own, or that of all."""
        sequences_sudo = self.env[
            "ir.sequence"
        ].sudo()  # whoever validates may not draw
        return sequences_sudo.search(
            [
                ("code", "=", "shipment.shipment"),
                ("company_id", "in", [company_id, False]),
            ],
            order="company_id",
            limit=1,
        ).with_company(company_id)

    def action_view_pickings(self):
        """Open the deliveries of the shipment."""
        return self._action_view("stock.action_picking_tree_all", self.picking_ids)

    def action_view_orders(self):
        """Open the sales orders of the shipment."""
        return self._action_view("sale.action_orders", self.order_ids)

    def action_view_invoices(self):
        """Open the customer invoices of the shipment's orders."""
        return self._action_view(
            "account.action_move_out_invoice_type", self.invoice_ids
        )

    def _action_view(self, xmlid, records):
        action = self.env["ir.actions.actions"]._for_xml_id(xmlid)
        action["domain"] = [("id", "in", records.ids)]
        action["context"] = {"create": False}
        if len(records) == 1:
            action["views"] = [(False, "form")]
            action["res_id"] = records.id
        return action

    @api.model
    def _action_of(self, shipments):
        """Return the action that opens these shipments."""
        return self._action_view(
            "shipment_visibility.shipment_shipment_action", shipments
        )

    def action_open_tracking_page(self):
        """Open the carrier's own page of the shipment."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": self.tracking_url,
            "target": "new",
        }
