from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..canonical import milestone as vocabulary
from ..canonical.milestone import Code

# Carriers give a number out again after months, never after weeks.
RECYCLED_AFTER_DAYS = 60


class ShipmentPackage(models.Model):
    """One physical parcel, as it was when it was handed over."""

    _name = "shipment.package"
    _description = "Shipment Package"
    _order = "shipment_id, sequence, id"
    _check_company_auto = True
    _rec_name = "tracking_number"

    shipment_id = fields.Many2one(
        "shipment.shipment", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="shipment_id.company_id", store=True, index=True
    )
    carrier_id = fields.Many2one(related="shipment_id.carrier_id", store=True)
    sequence = fields.Integer(default=1)
    name = fields.Char(help="The package's name in the warehouse.")
    tracking_number = fields.Char()
    # Trigrams, for people search by the last digits: of a million parcels any part is found
    # in some 20 ms instead of 600. They take 40 MB; an index of beginnings alone takes 39.
    number_normalised = fields.Char(
        compute="_compute_number_normalised", store=True, index="trigram"
    )
    live = fields.Boolean(
        default=True,
        help="Carriers use numbers again: only a live package receives events.",
    )
    superseded_by_id = fields.Many2one(
        "shipment.package",
        string="Goes On as",
        index="btree_not_null",
        check_company=True,
        help="The same parcel under the number that the carrier gave it later. What is "
        "said of either number is said of this parcel.",
    )
    weight_kg = fields.Float(string="Weight (kg)", digits="Stock Weight")
    length_cm = fields.Float(string="Length (cm)")
    width_cm = fields.Float(string="Width (cm)")
    height_cm = fields.Float(string="Height (cm)")
    contents = fields.Text(help="What was in it when it was handed over.")
    stock_package_id = fields.Many2one(
        "stock.package", string="Warehouse Package", ondelete="set null"
    )
    headline = fields.Selection(
        vocabulary.selection(),
        string="Status",
        required=True,
        readonly=True,
        default=Code.UNKNOWN.value,
    )
    headline_at = fields.Datetime(string="Status Since", readonly=True)
    label_id = fields.Many2one("ir.attachment", ondelete="set null")
    tracking_url = fields.Char(compute="_compute_tracking_url")

    _live_number_uniq = models.UniqueIndex(
        "(company_id, carrier_id, number_normalised)"
        " WHERE live AND number_normalised IS NOT NULL",
        "Another live package of this carrier has this tracking number.",
    )
    # For whole numbers, see `_having`.
    _number_idx = models.Index(
        '(number_normalised COLLATE "C") WHERE number_normalised IS NOT NULL'
    )

    @api.depends("tracking_number")
    def _compute_number_normalised(self):
        normalise = self.env["shipment.carrier"]._normalise_number
        for package in self:
            package.number_normalised = normalise(package.tracking_number) or False

    @api.depends("tracking_number", "carrier_id.tracking_url")
    def _compute_tracking_url(self):
        for package in self:
            package.tracking_url = package.carrier_id._tracking_link(
                package.tracking_number
            )

    @api.constrains("superseded_by_id")
    def _check_superseded_by(self):
        for package in self:
            successor = package.superseded_by_id
            if successor and successor.shipment_id != package.shipment_id:
                raise ValidationError(
                    self.env._(
                        "%(number)s can only go on as a parcel of the same shipment.",
                        number=package.tracking_number,
                    )
                )
            if package._has_cycle("superseded_by_id"):
                raise ValidationError(
                    self.env._("A parcel cannot go on as what it came from.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Override of Odoo to let go of numbers that the carrier has given out again."""
        self._retire_numbers(vals_list)
        return super().create(vals_list)

    @api.model
    def _retire_numbers(self, vals_list):
        """Take the numbers from parcels whose journey ended long ago."""
        normalise = self.env["shipment.carrier"]._normalise_number
        numbers = {normalise(vals.get("tracking_number")) for vals in vals_list} - {""}
        if not numbers:
            return
        shipments = self.env["shipment.shipment"].browse(
            {vals.get("shipment_id") for vals in vals_list} - {None}
        )
        ended_before = fields.Datetime.now() - timedelta(days=RECYCLED_AFTER_DAYS)
        retired = self.search(
            self._having(numbers)
            & Domain(
                [
                    ("live", "=", True),
                    ("company_id", "in", shipments.company_id.ids),
                    ("shipment_id.headline", "in", vocabulary.TERMINAL),
                    ("shipment_id.headline_at", "<", ended_before),
                ]
            )
        )
        retired.live = False
        retired.flush_recordset(["live"])  # before the new parcel takes the number

    @api.model
    def _having(self, numbers):
        """Domain of the packages that have one of these normalised numbers, all of it.

        PostgreSQL believes that the trigrams find whole numbers as fast, and is wrong by a
        factor of a hundred; an index of another collation leaves it no choice.
        """
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                '%s COLLATE "C" = ANY(%s)',
                model._field_to_sql(alias, "number_normalised", query),
                sorted(numbers),
            )
        )

    def _lane(self):
        """Return the parcel that this one is by now, which is mostly itself."""
        package = self
        while package.superseded_by_id:
            package = package.superseded_by_id
        return package

    def _supersede(self, number):
        """Let the parcel go on under another number; the old one keeps its history.

        :return: the parcel as it goes on
        """
        self.ensure_one()
        normalise = self.env["shipment.carrier"]._normalise_number
        if not normalise(number):
            raise UserError(self.env._("Enter the new tracking number."))
        if self.superseded_by_id:
            raise UserError(
                self.env._(
                    "%(number)s has been replaced already, by %(successor)s.",
                    number=self.tracking_number,
                    successor=self.superseded_by_id.tracking_number,
                )
            )
        # Whoever works with the shipment may tell its number, but not edit its parcels.
        package_sudo = self.sudo()
        successor_sudo = package_sudo.copy({"tracking_number": number})
        package_sudo.superseded_by_id = successor_sudo
        shipment_sudo = package_sudo.shipment_id
        shipment_sudo._match_parked()
        shipment_sudo._refold()
        shipment_sudo._message_log(
            body=self.env._(
                "The carrier replaced the number %(old)s by %(new)s.",
                old=self.tracking_number,
                new=number,
            )
        )
        return successor_sudo.sudo(self.env.su)

    def action_replace_number(self):
        """Ask for the number that the carrier has given the parcel."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Replace Tracking Number"),
            "res_model": "shipment.number.replace",
            "view_mode": "form",
            "target": "new",
            "context": {"default_package_id": self.id},
        }

    def action_download_label(self):
        """Hand the label to the browser again; nothing is bought."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.label_id.id}?download=true",
            "target": "new",
        }
