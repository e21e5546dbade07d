import { Component, onWillStart, onWillUpdateProps, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { hidePDFJSButtons } from "@web/core/utils/pdfjs";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const ROUTES = {
    "shipment.shipment": "/shipment/labels",
    "shipment.package": "/shipment/labels/package",
};

/** Shows labels where the record is: PDF in Odoo's viewer, pictures, and ZPL as its text. */
export class LabelPreviewField extends Component {
    static template = "shipment_visibility_carriers.LabelPreviewField";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ zpl: "" });
        this.pdf = useRef("pdf");
        useEffect(
            (frame) => {
                if (frame) {
                    hidePDFJSButtons(frame, {});
                }
            },
            () => [this.pdf.el]
        );
        onWillStart(() => this.loadZpl(this.props.record));
        onWillUpdateProps((nextProps) => this.loadZpl(nextProps.record));
    }

    get formats() {
        return this.getFormats(this.props.record);
    }

    getFormats(record) {
        return (record.data[this.props.name] || "").split(",").filter(Boolean);
    }

    getUrl(format, record = this.props.record) {
        return `${ROUTES[record.resModel]}/${record.resId}?format=${format}`;
    }

    get pdfUrl() {
        const file = encodeURIComponent(this.getUrl("PDF"));
        return `/web/static/lib/pdfjs/web/viewer.html?file=${file}#zoom=page-fit`;
    }

    async loadZpl(record) {
        if (!this.getFormats(record).includes("ZPL")) {
            this.state.zpl = "";
            return;
        }
        const url = this.getUrl("ZPL", record);
        if (url !== this.zplUrl) {
            this.zplUrl = url;
            const response = await fetch(url);
            this.state.zpl = response.ok ? await response.text() : _t("The label is gone.");
        }
    }
}

export const labelPreviewField = {
    component: LabelPreviewField,
    displayName: _t("Label preview"),
    supportedTypes: ["char"],
};

registry.category("fields").add("shipment_label_preview", labelPreviewField);
