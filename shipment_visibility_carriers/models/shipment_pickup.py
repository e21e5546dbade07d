import hashlib
from datetime import time
from decimal import Decimal
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.shipment_visibility.canonical.operations import PickupRequest
from odoo.addons.shipment_visibility.canonical.schema import Mass
from odoo.addons.shipment_visibility.models.shipment_charge import AMOUNTS

from ..adapters import base
from .shipment_handover_mixin import LIVE, ShipmentHandoverMixin

STATES = [
    ("draft", "Draft"),
    ("requested", "Requested"),
    ("confirmed", "Confirmed"),
    ("refused", "Refused"),
    ("unknown", "Unknown"),
    ("cancelled", "Cancelled"),
]
MINUTES_PER_HOUR = 60
# No driver comes for a wish that is a minute past midnight.
LATEST = 23 + 59 / MINUTES_PER_HOUR


class ShipmentPickup(models.Model):
    """A driver who is asked to come and fetch parcels. Ordered once, never twice."""

    _name = "shipment.pickup"
    _description = "Pickup"
    _inherit = ["shipment.handover.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    state = fields.Selection(
        STATES, required=True, readonly=True, copy=False, default="draft", index=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Place",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Where the driver comes, and whom to ask for.",
    )
    zone = fields.Char(string="Time Zone", compute="_compute_zone")
    ready_hour = fields.Float(
        string="Ready From",
        required=True,
        default=14.0,
        help="Local time of the place.",
    )
    close_hour = fields.Float(
        string="Until", required=True, default=17.0, help="Local time of the place."
    )
    shipment_ids = fields.Many2many(
        "shipment.shipment",
        "shipment_pickup_rel",
        "pickup_id",
        "shipment_id",
        string="Shipments",
        check_company=True,
        copy=False,
    )
    parcel_count = fields.Integer(
        string="Parcels",
        compute="_compute_parcels",
        store=True,
        readonly=False,
        precompute=True,
    )
    weight = fields.Float(
        string="Weight (kg)",
        compute="_compute_parcels",
        store=True,
        readonly=False,
        precompute=True,
        digits="Stock Weight",
    )
    instructions = fields.Char(help="What the driver should know.")
    confirmation = fields.Char(
        string="Confirmation Number",
        readonly=True,
        copy=False,
        help="The number that the driver and the carrier's hotline know.",
    )
    begins_at = fields.Datetime(string="Driver Comes From", readonly=True, copy=False)
    ends_at = fields.Datetime(string="Driver Comes Until", readonly=True, copy=False)
    amount = fields.Monetary(string="Cost", readonly=True, copy=False, groups=AMOUNTS)
    currency_id = fields.Many2one("res.currency", readonly=True, copy=False)
    other_ids = fields.Many2many("shipment.pickup", compute="_compute_other_ids")
    digest = fields.Char(readonly=True, copy=False)

    _guarded = ShipmentHandoverMixin._guarded | {
        *("begins_at", "ends_at", "amount", "currency_id", "digest")
    }

    _live_uniq = models.UniqueIndex(
        "(digest) WHERE state IN ('requested', 'confirmed', 'unknown')",
        "A driver is ordered to this place at this time already.",
    )
    _hours = models.Constraint(
        "CHECK (ready_hour >= 0 AND close_hour > ready_hour AND close_hour < 24)",
        "The parcels must be ready before the place closes, on the same day.",
    )

    @api.depends("warehouse_id")
    def _compute_partner_id(self):
        for pickup in self:
            pickup.partner_id = (
                pickup.warehouse_id.partner_id or pickup.company_id.partner_id
            )

    @api.depends("partner_id.tz", "company_id.partner_id.tz")
    def _compute_zone(self):
        for pickup in self:
            pickup.zone = (
                pickup.partner_id.tz
                or pickup.company_id.partner_id.tz
                or self.env.user.tz
                or "UTC"
            )

    # What is in the parcels is looked at when they are chosen; what becomes of them later
    # does not change what the driver was told.
    @api.depends("shipment_ids")
    def _compute_parcels(self):
        for pickup in self:
            packages = pickup.shipment_ids.package_ids.filtered("live")
            pickup.parcel_count = len(packages)
            pickup.weight = sum(packages.mapped("weight_kg"))

    @api.depends("account_id", "partner_id", "date", "state")
    def _compute_other_ids(self):
        """Who comes on that day anyway; perhaps nobody else must be ordered."""
        others = self.search(
            [
                ("state", "in", LIVE),
                ("account_id", "in", self.account_id.ids),
                ("date", "in", list(set(self.mapped("date")))),
            ]
        )
        for pickup in self:
            pickup.other_ids = others.filtered(
                lambda other, pickup=pickup: (
                    other._origin != pickup._origin
                    and other.account_id == pickup.account_id
                    and other.partner_id == pickup.partner_id
                    and other.date == pickup.date
                )
            )

    @api.constrains("shipment_ids", "account_id")
    def _check_shipments(self):
        for pickup in self:
            foreign = pickup.shipment_ids.filtered(
                lambda shipment, pickup=pickup: shipment.account_id != pickup.account_id
            )
            if foreign:
                raise ValidationError(
                    self.env._(
                        "%(shipments)s are not booked by the account %(account)s, whose "
                        "driver would not take them.",
                        shipments=", ".join(foreign.mapped("name")),
                        account=pickup.account_id.name,
                    )
                )

    def _changeable(self):
        # A person writes down what the hotline said.
        return {"confirmation"} if self.state == "unknown" else set()

    @api.model
    def _draft(self, shipments):
        """Pickups of these shipments by account and warehouse; a draft there is goes on."""
        drafts = self.browse()
        groups = shipments.grouped(
            lambda shipment: (shipment.account_id, shipment._get_handover_warehouse())
        )
        for (account, warehouse), members in groups.items():
            draft = members.pickup_ids.filtered(
                lambda pickup: pickup.state in ("draft", "refused")
            )[:1]
            lines = [fields.Command.link(shipment.id) for shipment in members]
            if draft:
                draft.shipment_ids = lines
            else:
                draft = self.create(
                    {
                        "company_id": account.company_id.id,
                        "account_id": account.id,
                        "warehouse_id": warehouse.id,
                        "shipment_ids": lines,
                    }
                )
            drafts |= draft
        return drafts

    @api.model
    def _open(self, pickups):
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_carriers.shipment_pickup_action"
        )
        if len(pickups) == 1:
            action.update(res_id=pickups.id, views=[(False, "form")])
        elif pickups:
            action["domain"] = [("id", "in", pickups.ids)]
            action["context"] = {}
        return action

    # === ORDERING === #

    def action_request(self):
        """Order the driver."""
        self._check_warehouse_user()
        self.check_access("write")
        for pickup in self:
            request = pickup._build_request()
            pickup._ask(
                "pickup",
                lambda key, request=request: (
                    request.model_copy(update={"reference": key}),
                ),
            )
        return self._tell()

    def _build_request(self):
        """What is asked of the carrier.

        :raise UserError: it is not fit to be asked; tells all that is wrong.
        """
        self.ensure_one()
        problems = []
        builder = self.env["shipment.request.builder"]
        if not self.account_id._offers("pickup"):
            problems.append(
                self.env._(
                    "%s sends no driver on request.", self.account_id.carrier_id.name
                )
            )
        place = builder._party(self.partner_id, problems)
        if self.parcel_count < 1:
            problems.append(self.env._("There are no parcels to fetch."))
        if self.date < self._local_now().date():
            problems.append(self.env._("The day of the pickup is over."))
        builder._raise(self.name, problems)
        shipments = self.shipment_ids
        services = set(shipments.mapped("service"))
        return PickupRequest(
            reference=self.name,
            place=place,
            date=self.date,
            ready=_as_time(self.ready_hour),
            close=_as_time(self.close_hour),
            zone=self.zone,
            remote_ids=tuple(shipments._get_remote_ids().values()),
            tracking_numbers=tuple(
                shipments.package_ids.filtered("live").mapped("tracking_number")
            ),
            service=services.pop() if len(services) == 1 else "",
            parcel_count=self.parcel_count,
            weight=Mass(value=Decimal(str(round(self.weight, 3)))),
            countries=tuple(
                sorted(set(filter(None, shipments.partner_id.mapped("country_code"))))
            ),
            instructions=self.instructions or "",
        )

    def _local_now(self):
        zone = ZoneInfo(self.zone)
        return fields.Datetime.now().replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)

    def _check_not_asked_elsewhere(self):
        digest = self._digest()
        # A twin waits here for milliseconds, and then sees our row.
        self.env.cr.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"shipment_pickup {self.account_id.id}"],
        )
        for other in self.search(
            [
                ("id", "!=", self.id),
                ("state", "in", LIVE),
                "|",
                ("digest", "=", digest),
                ("shipment_ids", "in", self.shipment_ids.ids),
            ],
            limit=1,
        ):
            raise UserError(
                self.env._(
                    "The driver of %(other)s comes for these shipments already, or at the "
                    "same time. Cancel that pickup first, or choose another time.",
                    other=other.name,
                )
            )
        self.digest = digest

    def _digest(self):
        """The same for pickups that would be the same driver at the same door."""
        parts = (self.account_id.id, self.partner_id.id, self.date)
        hours = (_as_time(self.ready_hour), _as_time(self.close_hour))
        return hashlib.sha256(repr((*parts, *hours)).encode()).hexdigest()

    def _prepare_agreed(self, answer):
        currencies = {charge.money.currency for charge in answer.charges}
        amount = sum(charge.money.amount for charge in answer.charges)
        code = currencies.pop() if len(currencies) == 1 else ""
        currency = code and self.env["delivery.carrier"]._get_shipment_currency(code)
        return {
            **super()._prepare_agreed(answer),
            "confirmation": answer.confirmation,
            "begins_at": answer.begins_at and answer.begins_at.replace(tzinfo=None),
            "ends_at": answer.ends_at and answer.ends_at.replace(tzinfo=None),
            "amount": float(amount) if currency else 0.0,
            "currency_id": currency and currency.id,
        }

    # === CALLING OFF === #

    def action_cancel(self):
        """Call the driver off; a draft is just put aside."""
        self._check_warehouse_user()
        self.check_access("write")
        for pickup in self:
            if pickup.state in ("draft", "refused"):
                pickup._move(("draft", "refused"), "cancelled")
            else:
                pickup._call_off()

    def _call_off(self):
        if self.state != "confirmed":
            raise UserError(self._explain_busy())
        if not self.remote_id or not self.account_id._offers("cancel_pickup"):
            raise UserError(
                self.env._(
                    "Call the carrier to cancel %(name)s: %(number)s.",
                    name=self.name,
                    number=self.confirmation or self.key,
                )
            )
        try:
            # Calling off what is called off already is a success, so a crash between the
            # carrier's answer and our note of it does no harm.
            self.account_id._adapter(self.correlation_id).cancel_pickup(self.remote_id)
        except base.CarrierError as error:
            raise UserError(
                self.env._(
                    "The pickup %(name)s was not cancelled: %(words)s",
                    name=self.name,
                    words=str(error),
                )
            ) from None
        self._move(("confirmed",), "cancelled", error=False)


def _as_time(hours):
    hour, minute = divmod(
        round(min(hours, LATEST) * MINUTES_PER_HOUR), MINUTES_PER_HOUR
    )
    return time(hour, minute)
