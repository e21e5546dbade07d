import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * Asks for what a carrier identifies us by, as the connection's credentials
 * model describes it. The server never sends a secret; what is typed is sent
 * once, and an empty secret means "as it was". A secret can also be named by
 * reference, which is no secret and stays readable.
 */
export class CredentialsField extends Component {
    static template = "shipment_visibility_carriers.CredentialsField";
    static props = { ...standardFieldProps };

    get form() {
        return this.props.record.data[this.props.name] || { fields: [] };
    }

    get hasSecret() {
        return this.form.fields.some((field) => field.secret);
    }

    placeholder(field) {
        if (!field.secret) {
            return "";
        }
        return field.set ? _t("Set; type to replace it") : _t("Not set");
    }

    isTyped(field) {
        return field.name in (this.form.values || {});
    }

    value(field) {
        return this.isTyped(field) ? this.form.values[field.name] : field.value;
    }

    isReference(field) {
        return field.secret && /^(env|file):/.test(this.value(field));
    }

    inputType(field) {
        return field.secret && !this.isReference(field) ? "password" : "text";
    }

    /** Whether the server has looked up the reference that is shown. */
    isResolved(field) {
        return this.isReference(field) && !this.isTyped(field);
    }

    onChange(field, ev) {
        const value = field.boolean ? ev.target.checked : ev.target.value;
        const values = { ...this.form.values, [field.name]: value };
        this.props.record.update({ [this.props.name]: { ...this.form, values } });
    }
}

export const credentialsField = {
    component: CredentialsField,
    displayName: _t("Carrier credentials"),
    supportedTypes: ["json"],
};

registry.category("fields").add("shipment_credentials", credentialsField);
