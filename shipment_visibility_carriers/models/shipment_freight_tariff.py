import base64

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..invoices.tariff import Tariff, price
from ..invoices.tariff_file import TariffFileError, read_tariff


class ShipmentFreightTariff(models.Model):
    """What a carrier has agreed to bill an account, as a table that finance uploads.

    An account may have several: each holds for its own services, zones or days, and together
    they are the contract.
    """

    _name = "shipment.freight.tariff"
    _description = "Contract Rates"
    _order = "account_id, id desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    account_id = fields.Many2one(
        "shipment.carrier.account",
        string="Carrier Account",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    file = fields.Binary(string="Table", required=True, attachment=True)
    file_name = fields.Char()
    table_count = fields.Integer(
        string="Services and Zones", compute="_compute_contents", store=True
    )
    surcharge_count = fields.Integer(
        string="Surcharges", compute="_compute_contents", store=True
    )
    valid_from = fields.Date(compute="_compute_contents", store=True)
    valid_to = fields.Date(
        compute="_compute_contents",
        store=True,
        help="Empty: until further notice.",
    )

    @api.depends("file")
    def _compute_contents(self):
        for tariff in self:
            contents = tariff._read()
            periods = [one.period for one in (*contents.tables, *contents.surcharges)]
            last = max((period.last for period in periods), default=False)
            tariff.table_count = len(contents.tables)
            tariff.surcharge_count = len(contents.surcharges)
            tariff.valid_from = min((period.first for period in periods), default=False)
            tariff.valid_to = last if last and last.year < 9999 else False

    @api.constrains("file", "account_id", "active")
    def _check_file(self):
        for account in self.account_id:
            try:
                account._read_contract()
            except TariffFileError as error:
                raise ValidationError(str(error)) from None

    def _read(self):
        """Return the contract rates of the file; nothing of a file that cannot be read."""
        content = base64.b64decode(self.with_context(bin_size=False).file or b"")
        try:
            return read_tariff(content.decode("utf-8-sig").splitlines(keepends=True))
        except (TariffFileError, UnicodeDecodeError):
            return Tariff(())


class ShipmentCarrierAccount(models.Model):
    _inherit = "shipment.carrier.account"

    tariff_ids = fields.One2many(
        "shipment.freight.tariff",
        "account_id",
        groups="account.group_account_invoice",
    )
    tariff_count = fields.Integer(
        compute="_compute_tariff_count", groups="account.group_account_invoice"
    )

    @api.depends("tariff_ids.active")
    def _compute_tariff_count(self):
        counts = dict(
            self.env["shipment.freight.tariff"]._read_group(
                [("account_id", "in", self.ids)], ["account_id"], ["__count"]
            )
        )
        for account in self:
            account.tariff_count = counts.get(account, 0)

    def action_view_tariffs(self):
        """Open what the carrier has agreed to bill the account."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_carriers.shipment_freight_tariff_action"
        )
        action["domain"] = [("account_id", "=", self.id)]
        action["context"] = {"default_account_id": self.id}
        return action

    def _read_contract(self):
        """Return all that is agreed for the account.

        :raise TariffFileError: a file cannot be read, or says what another one says.
        """
        self.ensure_one()
        contract = Tariff(())
        for tariff in self.tariff_ids.filtered("active").sorted("id"):
            content = base64.b64decode(tariff.with_context(bin_size=False).file or b"")
            try:
                lines = content.decode("utf-8-sig").splitlines(keepends=True)
            except UnicodeDecodeError:
                trouble = self.env._(
                    "%(name)s is not saved as UTF-8.", name=tariff.name
                )
                raise TariffFileError([(None, trouble)]) from None
            read = read_tariff(lines)
            contract = Tariff(
                (*contract.tables, *read.tables),
                (*contract.surcharges, *read.surcharges),
            )
        return contract

    def _price_by_contract(self, contract, lines):
        """What the contract says the billed lines of a shipment should cost.

        :param lines: ``invoices.document.Line``, of one shipment
        :return: the price at the billed weight, and at the entered one; each may be ``None``
        """
        freight = [line for line in lines if line.family == "freight"]
        if not contract.tables or not freight:
            return None, None
        line = freight[0]
        codes = [
            (each.family, each.raw_code)
            for each in lines
            if each.family not in ("freight", "info", "credit") and each.amount > 0
        ]
        day = line.parcel.shipped_on or line.invoice.date
        if not day:
            return None, None
        prices = []
        for weight in (line.parcel.billed_weight, line.parcel.entered_weight):
            found = weight and price(
                contract, line.service, line.parcel.zone, weight, day, codes
            )
            prices.append(found if found and hasattr(found, "lines") else None)
        return tuple(prices)
