import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** A card for each carrier that can be connected, made from what the server knows of it. */
export class ConnectionCards extends Component {
    static template = "shipment_visibility_carriers.ConnectionCards";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ cards: [] });
        onWillStart(() => this.load());
    }

    async load() {
        this.state.cards = await this.orm.call(
            "shipment.carrier.account",
            "get_connection_cards",
            []
        );
    }

    initials(card) {
        const words = card.name.split(/\s+/);
        return words.length > 1 ? words[0][0] + words[1][0] : card.name.slice(0, 2);
    }

    connect(card) {
        return this.action.doAction(
            "shipment_visibility_carriers.shipment_account_connect_action",
            {
                additionalContext: { default_adapter: card.adapter },
                onClose: () => this.load(),
            }
        );
    }

    showAccounts(card) {
        return this.action.doAction(
            "shipment_visibility_carriers.shipment_carrier_account_action",
            { additionalContext: { search_default_adapter: card.adapter } }
        );
    }
}

export const connectionCards = { component: ConnectionCards };

registry.category("view_widgets").add("shipment_connection_cards", connectionCards);
