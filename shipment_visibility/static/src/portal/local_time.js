import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

const FORMS = {
    day: { weekday: "short", month: "short", day: "numeric" },
    time: { timeStyle: "short" },
    moment: {
        weekday: "short",
        month: "short",
        day: "numeric",
        hour: "numeric",
        minute: "2-digit",
    },
};

/**
 * Tells times in the visitor's own zone, which the server does not know of somebody who
 * has only followed a link.
 */
export class ShipmentLocalTime extends Interaction {
    static selector = ".o_shipment_portal[data-zone-unknown]";

    start() {
        const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
        const lang = document.documentElement.lang || undefined;
        for (const time of this.el.querySelectorAll("time[data-form]")) {
            const moment = new Date(time.getAttribute("datetime"));
            const form = { ...FORMS[time.dataset.form] };
            if (form.weekday && moment.getFullYear() !== new Date().getFullYear()) {
                form.year = "numeric";
            }
            time.textContent = new Intl.DateTimeFormat(lang, form).format(moment);
        }
        for (const name of this.el.querySelectorAll(".o_shipment_zone")) {
            name.textContent = zone;
        }
    }
}

registry
    .category("public.interactions")
    .add("shipment_visibility.local_time", ShipmentLocalTime);
