import { _t } from "@web/core/l10n/translation";
import {
    deserializeDateTime,
    toLocaleDateString,
    toLocaleDateTimeString,
} from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

const { DateTime } = luxon;

const PHASES = {
    none: { icon: "fa-info", label: "" },
    pre_carrier: { icon: "fa-tag", label: _t("Before the carrier") },
    origin: { icon: "fa-cube", label: _t("Origin") },
    line_haul: { icon: "fa-road", label: _t("Line haul") },
    border: { icon: "fa-flag", label: _t("Border") },
    destination: { icon: "fa-building-o", label: _t("Destination") },
    last_mile: { icon: "fa-truck", label: _t("Last mile") },
    outcome: { icon: "fa-check", label: _t("Outcome") },
    return: { icon: "fa-undo", label: _t("Return") },
};

/** What happened to a shipment, the latest first, and what is still expected. */
export class ShipmentTimeline extends Component {
    static template = "shipment_visibility.ShipmentTimeline";
    static props = { timeline: Object };

    get entries() {
        return [...this.props.timeline.entries].reverse();
    }

    /** What the carrier estimated before: only a change is worth telling. */
    get estimates() {
        const { estimates } = this.props.timeline;
        return estimates.length > 1 ? [...estimates].reverse() : [];
    }

    saidAt(estimate) {
        return toLocaleDateString(deserializeDateTime(estimate.said_at));
    }

    icon(entry) {
        return entry.trouble ? "fa-exclamation" : PHASES[entry.phase].icon;
    }

    tone(entry, isLatest) {
        if (entry.code === "delivered") {
            return "success";
        }
        if (entry.trouble) {
            return "danger";
        }
        return isLatest ? "primary" : "secondary";
    }

    /** Which leg of the journey it is, and who said so. */
    origin(entry) {
        const parts = [PHASES[entry.phase].label, ...entry.sources];
        return parts.map(String).filter(Boolean).join(" · ");
    }

    /** A wall clock whose zone nobody knows is shown as it was, and says so. */
    when(entry) {
        const isWallClock = entry.zone !== "known";
        const moment = DateTime.fromISO(entry.occurred_at, {
            zone: isWallClock ? "utc" : "default",
        });
        const text =
            entry.precision === "day"
                ? toLocaleDateString(moment)
                : toLocaleDateTimeString(moment, {
                      tz: isWallClock ? "utc" : "default",
                      showSeconds: false,
                  });
        return isWallClock ? _t("%s local time", text) : text;
    }

    /** The same moment for machines; a time without a zone stays without one. */
    machineTime(entry) {
        if (entry.precision === "day") {
            return entry.occurred_at.slice(0, 10);
        }
        return entry.zone === "known"
            ? entry.occurred_at
            : entry.occurred_at.replace("Z", "");
    }

    get expected() {
        const { expected } = this.props.timeline;
        if (!expected) {
            return null;
        }
        const promised =
            expected.promised_at && deserializeDateTime(expected.promised_at);
        return {
            late: expected.late,
            estimated: this.estimate(expected),
            promised: promised && toLocaleDateString(promised),
        };
    }

    /** The carrier's estimate as it gave it: a window, a time, or a day without one. */
    estimate({ estimated_from, estimated_to, estimated_date }) {
        if (!estimated_to) {
            return estimated_date
                ? toLocaleDateString(DateTime.fromISO(estimated_date))
                : "";
        }
        const to = deserializeDateTime(estimated_to);
        const time = (moment) => toLocaleDateTimeString(moment, { showSeconds: false });
        if (!estimated_from || estimated_from === estimated_to) {
            return time(to);
        }
        const from = deserializeDateTime(estimated_from);
        const end = from.hasSame(to, "day")
            ? to.toLocaleString(DateTime.TIME_SIMPLE)
            : time(to);
        return `${time(from)} – ${end}`;
    }
}

/** The timeline of a shipment, on its own form. */
export class ShipmentTimelineField extends Component {
    static template = "shipment_visibility.ShipmentTimelineField";
    static components = { ShipmentTimeline };
    static props = { ...standardFieldProps };

    get timeline() {
        return this.props.record.data[this.props.name];
    }
}

/** The timelines of all shipments of a delivery or an order; those still under way are open. */
export class ShipmentTimelinesField extends Component {
    static template = "shipment_visibility.ShipmentTimelinesField";
    static components = { ShipmentTimeline };
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get shipments() {
        return this.props.record.data[this.props.name] || [];
    }

    open(shipment) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "shipment.shipment",
            res_id: shipment.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("fields").add("shipment_timeline", {
    component: ShipmentTimelineField,
    displayName: _t("Shipment timeline"),
    supportedTypes: ["json"],
});

registry.category("fields").add("shipment_timelines", {
    component: ShipmentTimelinesField,
    displayName: _t("Shipment timelines"),
    supportedTypes: ["json"],
});
