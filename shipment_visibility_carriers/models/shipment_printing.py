from odoo import api, fields, models
from odoo.exceptions import UserError


class ShipmentShipment(models.Model):
    """The labels of a shipment: printed when they are booked, and again on demand."""

    _inherit = "shipment.shipment"

    label_formats = fields.Char(
        string="Labels",
        compute="_compute_label_formats",
        help="What the live labels are: PDF, ZPL or pictures.",
    )
    print_job_ids = fields.One2many("shipment.print.job", "shipment_id", readonly=True)

    @api.depends("package_ids.label_id", "package_ids.live")
    def _compute_label_formats(self):
        for shipment in self:
            live = shipment.package_ids.filtered("live")
            formats = {package.label_formats for package in live} - {False}
            shipment.label_formats = ",".join(sorted(formats))

    def _get_label_packages(self):
        """The parcels of these shipments that have a label, in the shipments' order."""
        return self.package_ids.filtered(lambda p: p.live and p.label_id)

    def _get_print_places(self, user):
        """Where labels of this shipment come out, the first that can print them."""
        self.ensure_one()
        return self.picking_ids[:1]._get_print_places(user)

    def _print_new_labels(self, user):
        """Send the labels of a booking to the printers of who booked it.

        They leave when the booking's transaction is committed, and once, however often the
        delivery is validated.
        """
        if user.share:
            # A customer who asks for a return label prints it at home.
            return
        for shipment in self.sudo():
            if shipment.picking_ids[:1].picking_type_id.shipment_print_automatically:
                new = shipment._get_label_packages().filtered(
                    lambda p: not any(p.print_job_ids.mapped("automatic"))
                )
                new._queue_labels(user, automatic=True)

    # === BUTTONS === #

    def action_print_label(self):
        """Print all labels where this user stands, or hand them to the browser as one file.

        Nothing is bought again.
        """
        return self._get_label_packages_to_print()._print_on_demand()

    def action_download_labels(self):
        """Hand all labels to the browser as one file, whether there is a printer or not."""
        self._get_label_packages_to_print()
        return {
            "type": "ir.actions.act_url",
            "url": f"/shipment/labels/{','.join(map(str, self.ids))}",
            "target": "new",
        }

    def action_choose_printer(self):
        """Ask on which printer to print the labels again."""
        self._get_label_packages_to_print()
        return self.env["shipment.print.wizard"]._open({"shipment_ids": self.ids})

    def _get_label_packages_to_print(self):
        """As :meth:`_get_label_packages`.

        :raise UserError: there is none.
        """
        packages = self._get_label_packages()
        if not packages:
            raise UserError(self.env._("There is no label to print."))
        return packages
