import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Shows a list of words, each in a badge of its own. */
export class BadgesField extends Component {
    static template = "shipment_visibility_carriers.BadgesField";
    static props = { ...standardFieldProps };

    get words() {
        return this.props.record.data[this.props.name] || [];
    }
}

export const badgesField = {
    component: BadgesField,
    displayName: _t("Badges"),
    supportedTypes: ["json"],
};

registry.category("fields").add("shipment_badges", badgesField);
