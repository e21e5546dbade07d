import { _t } from "@web/core/l10n/translation";
import {
    deserializeDateTime,
    toLocaleDateString,
    toLocaleDateTimeString,
} from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

const { DateTime } = luxon;

const PHASE_ICONS = {
    none: "fa-info",
    pre_carrier: "fa-tag",
    origin: "fa-cube",
    line_haul: "fa-road",
    border: "fa-flag",
    destination: "fa-building-o",
    last_mile: "fa-truck",
    outcome: "fa-check",
    return: "fa-undo",
};

/** What happened to a shipment, the latest first, and what is still expected. */
export class ShipmentTimeline extends Component {
    static template = "shipment_visibility.ShipmentTimeline";
    static props = { ...standardFieldProps };

    get timeline() {
        return this.props.record.data[this.props.name] || { entries: [] };
    }

    get entries() {
        return [...this.timeline.entries].reverse();
    }

    icon(entry) {
        return entry.trouble ? "fa-exclamation" : PHASE_ICONS[entry.phase];
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

    get expected() {
        const expected = this.timeline.expected;
        if (!expected) {
            return null;
        }
        const day = (text) => toLocaleDateString(deserializeDateTime(text));
        let text = "";
        if (expected.estimated_to) {
            text = toLocaleDateTimeString(deserializeDateTime(expected.estimated_to), {
                showSeconds: false,
            });
        } else if (expected.estimated_date) {
            text = toLocaleDateString(DateTime.fromISO(expected.estimated_date));
        }
        return {
            late: expected.late,
            estimated: text,
            promised: expected.promised_at && day(expected.promised_at),
        };
    }
}

registry.category("fields").add("shipment_timeline", {
    component: ShipmentTimeline,
    displayName: _t("Shipment timeline"),
    supportedTypes: ["json"],
});
