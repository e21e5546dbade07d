import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * Asks for what a carrier identifies us by, as the connection's credentials
 * model describes it. The server never sends a secret; what is typed is sent
 * once, and an empty secret means "as it was".
 */
export class CredentialsField extends Component {
    static template = "shipment_visibility_carriers.CredentialsField";
    static props = { ...standardFieldProps };

    get form() {
        return this.props.record.data[this.props.name] || { fields: [] };
    }

    placeholder(field) {
        if (!field.secret) {
            return "";
        }
        return field.set ? _t("Set; type to replace it") : _t("Not set");
    }

    value(field) {
        const typed = this.form.values || {};
        return field.name in typed ? typed[field.name] : field.value;
    }

    onChange(field, ev) {
        const values = { ...this.form.values, [field.name]: ev.target.value };
        this.props.record.update({ [this.props.name]: { ...this.form, values } });
    }
}

export const credentialsField = {
    component: CredentialsField,
    displayName: _t("Carrier credentials"),
    supportedTypes: ["json"],
};

registry.category("fields").add("shipment_credentials", credentialsField);
