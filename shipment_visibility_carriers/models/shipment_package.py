from odoo import api, fields, models


class ShipmentPackage(models.Model):
    _inherit = "shipment.package"

    label_formats = fields.Char(
        string="Label Format",
        compute="_compute_label_formats",
        help="What its label is: PDF, ZPL or a picture.",
    )
    print_job_ids = fields.One2many("shipment.print.job", "package_id")

    @api.depends("label_id")
    def _compute_label_formats(self):
        for package in self:
            # The type of the label is nothing that who sees the package may not know.
            package.label_formats = package.sudo().label_id._get_label_format()

    def action_print_label(self):
        """Print the label of this parcel again, or hand it to the browser."""
        return self._print_on_demand()

    def _print_on_demand(self, printer=None):
        """Print labels again; what has no printer is handed to the browser as one file.

        :param printer: instead of the printers of the user's bench and so on.
        """
        labelled = self.filtered(lambda p: p.live and p.label_id)
        labelled.check_access("read")
        jobs = self.env["shipment.print.job"]
        if self.env.user.has_group("stock.group_stock_user"):
            jobs = labelled._queue_labels(self.env.user, printer)
        rest = labelled - jobs.package_id
        if not rest:
            return self._tell_queued(jobs)
        return {
            "type": "ir.actions.act_url",
            "url": f"/shipment/labels/package/{','.join(map(str, rest.ids))}",
            "target": "new",
        }

    def _tell_queued(self, jobs):
        names = ", ".join(jobs.printer_id.mapped("name"))
        return self.env["shipment.printer"]._notify(
            self.env._(
                "Labels sent to %(printers)s: %(count)s",
                printers=names,
                count=len(jobs),
            )
        )

    def _queue_labels(self, user, printer=None, automatic=False):
        """Queue labels for their printers, in the order of the parcels.

        :param user: at whose bench they are printed, and who is told when that fails.
        :return: the print jobs; a label without a printer has none.
        """
        vals_list = []
        # Who books need not have a right to print jobs, and may not see the whole chain.
        for package in self.sudo():
            target = printer or package._get_label_printer(user)
            if target:
                vals_list.append(
                    {
                        "package_id": package.id,
                        "label_id": package.label_id.id,
                        "printer_id": target.id,
                        "user_id": user.id,
                        "automatic": automatic,
                    }
                )
        jobs_sudo = self.env["shipment.print.job"].sudo().create(vals_list)
        jobs_sudo.printer_id._enqueue()
        return jobs_sudo.sudo(self.env.su)

    def _get_label_printer(self, user):
        """The printer of the first place that has one for this label's format."""
        label_format = self.label_id._get_label_format()
        for place in self.shipment_id._get_print_places(user):
            if printer := place._get_label_printer(label_format):
                return printer
        return self.env["shipment.printer"]
