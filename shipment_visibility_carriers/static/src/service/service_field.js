import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Lets choose one of the services that the account's carrier offers. */
export class ServiceField extends Component {
    static template = "shipment_visibility_carriers.ServiceField";
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name] || "";
    }

    get services() {
        const services = Object.entries(this.props.record.data.shipment_services || {});
        // An aggregator also sells what is on no list.
        if (services.length && this.value && !services.some(([code]) => code === this.value)) {
            services.push([this.value, this.value]);
        }
        return services;
    }

    get label() {
        const services = this.props.record.data.shipment_services || {};
        return services[this.value] || this.value;
    }

    onChange(ev) {
        this.props.record.update({ [this.props.name]: ev.target.value || false });
    }
}

export const serviceField = {
    component: ServiceField,
    displayName: _t("Carrier service"),
    supportedTypes: ["char"],
    fieldDependencies: [{ name: "shipment_services", type: "json" }],
};

registry.category("fields").add("shipment_service", serviceField);
