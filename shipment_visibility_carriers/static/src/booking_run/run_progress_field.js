import { Component, onWillUnmount, useEffect } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const REFRESH_MS = 1500;

/** A bar that goes on by itself while labels are booked. */
export class RunProgressField extends Component {
    static template = "shipment_visibility_carriers.RunProgressField";
    static props = { ...standardFieldProps };

    setup() {
        useEffect(
            (isRunning) => {
                if (isRunning) {
                    this.timer = setInterval(() => this.refresh(), REFRESH_MS);
                    return () => clearInterval(this.timer);
                }
            },
            () => [this.isRunning]
        );
        onWillUnmount(() => clearInterval(this.timer));
    }

    get isRunning() {
        return this.props.record.data.state === "running";
    }

    get percent() {
        return Math.round(this.props.record.data[this.props.name]);
    }

    get label() {
        return _t("%s %% done", this.percent);
    }

    async refresh() {
        // Nobody watches a tab in the background.
        if (document.visibilityState === "visible" && !this.isLoading) {
            this.isLoading = true;
            await this.props.record.load();
            this.isLoading = false;
        }
    }
}

export const runProgressField = {
    component: RunProgressField,
    displayName: _t("Progress of a bulk booking"),
    supportedTypes: ["float"],
    fieldDependencies: [{ name: "state", type: "selection" }],
};

registry.category("fields").add("shipment_run_progress", runProgressField);
