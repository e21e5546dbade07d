"""What UPS is asked for prices, and how they are read."""

import datetime as dt
from decimal import Decimal

import pytest

from odoo.addons.shipment_visibility.canonical.schema import (
    Billing,
    Mass,
    Money,
    Options,
)
from odoo.addons.shipment_visibility_carriers.adapters.errors import (
    MalformedMessage,
    Refused,
)
from odoo.addons.shipment_visibility_carriers.adapters.ups import rating

from .samples import address, consignee, parcel, shipment
from .ups_samples import ACCOUNT, DECLARED, NEW_YORK, amount, item, rated, rates


def built(**changes):
    request = shipment(**{"service": "", **changes})
    return rating.build_rate(request, ACCOUNT)["RateRequest"]["Shipment"]


def quotes(*shipments):
    return rating.parse_rates(rates(*shipments))


def lines(quote):
    return [(line.family, line.raw_code, line.money.amount) for line in quote.charges]


def test_all_services_are_asked_for_without_one():
    request = shipment(service="")
    assert rating.path(request) == "/rating/v2409/Shop"
    assert "Service" not in built()


def test_one_service_is_asked_for_by_its_code():
    assert rating.path(shipment(service="11")) == "/rating/v2409/Rate"
    assert built(service="11")["Service"] == {"Code": "11"}


def test_the_price_of_the_account_is_asked_for():
    asked = built()
    assert asked["Shipper"]["ShipperNumber"] == ACCOUNT
    assert "NegotiatedRatesIndicator" in asked["ShipmentRatingOptions"]


def test_kilograms_are_rounded_up_to_tenths():
    asked = built(parcels=(parcel(kg="2.41", size=("30.2", "40", "9.5")),))
    (package,) = asked["Package"]
    assert package["PackageWeight"] == {
        "UnitOfMeasurement": {"Code": "KGS", "Description": "Kilograms"},
        "Weight": "2.5",
    }
    sides = package["Dimensions"]
    assert (sides["Length"], sides["Width"], sides["Height"]) == ("40", "31", "10")
    assert sides["UnitOfMeasurement"]["Code"] == "CM"


def test_from_the_united_states_it_is_pounds_and_inches():
    asked = built(shipper=NEW_YORK, parcels=(parcel(kg="1", size=(30, 20, 10)),))
    (package,) = asked["Package"]
    assert package["PackageWeight"]["UnitOfMeasurement"]["Code"] == "LBS"
    assert package["PackageWeight"]["Weight"] == "2.3"
    sides = package["Dimensions"]
    assert (sides["Length"], sides["Width"], sides["Height"]) == ("12", "8", "4")


def test_nothing_weighs_nothing():
    (package,) = built(parcels=(parcel(kg="0"),))["Package"]
    assert package["PackageWeight"]["Weight"] == "0.1"


def test_a_date_comes_with_the_price_at_home():
    request = shipment(consignee=consignee(country="NL"))
    assert rating.params(request) == {"additionalinfo": "timeintransit"}
    asked = built(consignee=consignee(country="NL"))
    assert asked["DeliveryTimeInformation"]["Pickup"] == {"Date": "20260130"}
    assert asked["ShipmentTotalWeight"]["Weight"] == "14.6"


def test_a_date_comes_abroad_when_the_value_is_known():
    assert rating.params(shipment()) == {}
    assert "DeliveryTimeInformation" not in built()
    worth = {"parcels": (DECLARED,)}
    assert rating.params(shipment(**worth)) == {"additionalinfo": "timeintransit"}
    assert built(**worth)["InvoiceLineTotal"] == {
        "CurrencyCode": "EUR",
        "MonetaryValue": "200.00",
    }


def test_a_long_street_takes_three_lines():
    street = "Industrieterrein De Lange Naam, gebouw 12, ingang Noord"
    asked = built(consignee=consignee(street=street, street2="2e etage"))
    assert asked["ShipTo"]["Address"]["AddressLine"] == [
        "Industrieterrein De Lange Naam,",
        "gebouw 12, ingang Noord",
        "2e etage",
    ]


def test_a_street_that_does_not_fit_the_label_is_refused():
    with pytest.raises(Refused, match="3 lines of 35 characters"):
        built(consignee=consignee(street="Straat " * 20))


@pytest.mark.parametrize(
    ("country", "written", "sent"),
    [
        ("NL", "3072 AP", "3072AP"),
        ("CA", "m5v 3l9", "M5V3L9"),
        ("US", "10118-0110", "101180110"),
    ],
)
def test_postal_codes_are_letters_and_digits(country, written, sent):
    there = consignee(country=country, postal_code=written)
    assert built(consignee=there)["ShipTo"]["Address"]["PostalCode"] == sent


@pytest.mark.parametrize(
    ("origin", "destination", "per_parcel"),
    [
        ("US", "US", True),
        ("US", "PR", True),
        ("CA", "CA", True),
        ("US", "CA", False),
        ("CA", "US", False),
        ("NL", "FR", False),
        ("NL", "NL", False),
    ],
)
@pytest.mark.parametrize(("asked", "number"), [("any", 1), ("adult", 2)])
def test_a_signature_is_asked_for_where_the_lane_has_it(
    origin, destination, per_parcel, asked, number
):
    sender = NEW_YORK.model_copy(update={"address": address(country=origin)})
    found = built(
        shipper=sender,
        consignee=consignee(country=destination),
        options=Options(signature=asked),
    )
    whole = found.get("ShipmentServiceOptions", {}).get("DeliveryConfirmation")
    single = [
        package.get("PackageServiceOptions", {}).get("DeliveryConfirmation")
        for package in found["Package"]
    ]
    if per_parcel:
        assert whole is None
        assert single == [{"DCISType": str(number + 1)}] * 2
    else:
        assert whole == {"DCISType": str(number)}
        assert single == [None, None]


def test_a_return_is_signed_for_by_nobody():
    found = built(is_return=True, options=Options(signature="any"))
    assert found["ShipmentServiceOptions"] == {"ReturnService": {"Code": "9"}}


def test_saturday_is_asked_for_by_naming_it():
    found = built(options=Options(saturday=True))
    assert "SaturdayDeliveryIndicator" in found["ShipmentServiceOptions"]
    assert "ShipmentServiceOptions" not in built()


def test_the_insured_value_is_split_by_worth_and_adds_up():
    worth = [
        parcel(name).model_copy(
            update={"declared_value": Money(amount=Decimal(value), currency="EUR")}
        )
        for name, value in (("PACK1", "20"), ("PACK2", "10"))
    ]
    insured = Money(amount=Decimal("100"), currency="EUR")
    found = built(parcels=tuple(worth), insured_value=insured)
    assert [
        package["PackageServiceOptions"]["DeclaredValue"]["MonetaryValue"]
        for package in found["Package"]
    ] == ["66.67", "33.33"]


def test_the_insured_value_is_split_evenly_when_worth_is_unknown():
    insured = Money(amount=Decimal("0.05"), currency="EUR")
    assert [
        package["PackageServiceOptions"]["DeclaredValue"]["MonetaryValue"]
        for package in built(insured_value=insured)["Package"]
    ] == ["0.03", "0.02"]


def test_an_insurance_of_nothing_is_none():
    nothing = Money(amount=Decimal(0), currency="EUR")
    assert "PackageServiceOptions" not in built(insured_value=nothing)["Package"][0]


def test_freight_is_paid_by_whom_it_was_agreed():
    third = Billing(
        payer="third_party",
        account_number="Z9Y8X7",
        postal_code="1011 AB",
        country="NL",
    )
    (charge,) = built(freight=third)["PaymentDetails"]["ShipmentCharge"]
    assert charge == {
        "Type": "01",
        "BillThirdParty": {
            "AccountNumber": "Z9Y8X7",
            "Address": {"PostalCode": "1011AB", "CountryCode": "NL"},
        },
    }
    receiver = Billing(payer="receiver", account_number="Z9Y8X7", postal_code="69002")
    (charge,) = built(freight=receiver)["PaymentDetails"]["ShipmentCharge"]
    assert charge["BillReceiver"] == {
        "AccountNumber": "Z9Y8X7",
        "Address": {"PostalCode": "69002"},
    }


@pytest.mark.parametrize(
    ("country", "changes", "payer"),
    [
        ("CA", {}, None),
        ("CA", {"incoterm": "DDP"}, "BillShipper"),
        ("CA", {"incoterm": "DDP", "duties": Billing(payer="receiver")}, None),
        (
            "CA",
            {"duties": Billing(payer="receiver", account_number="Z9Y8X7")},
            "BillReceiver",
        ),
        ("FR", {"incoterm": "DDP"}, None),
    ],
)
def test_duties_are_paid_by_whom_the_incoterm_says(country, changes, payer):
    charges = built(consignee=consignee(country=country), **changes)["PaymentDetails"]
    duties = [one for one in charges["ShipmentCharge"] if one["Type"] == "02"]
    assert [set(one) - {"Type"} for one in duties] == ([{payer}] if payer else [])


def test_dangerous_goods_are_refused_by_name():
    dangerous = parcel("PACK0009").model_copy(update={"is_dangerous": True})
    with pytest.raises(Refused, match="PACK0009"):
        built(parcels=(dangerous,))


def test_an_access_point_is_refused():
    with pytest.raises(Refused, match="access points"):
        built(options=Options(drop_off_point="U12345678"))


def test_the_cheapest_comes_first():
    found = quotes(rated("07", "42.10"), rated("11", "18.40"))
    assert [(quote.service, quote.service_name) for quote in found] == [
        ("11", "UPS Standard"),
        ("07", "UPS Express"),
    ]


def test_a_service_without_a_name_of_ours_keeps_that_of_ups():
    (quote,) = quotes(rated("96"))
    assert quote.service_name == "A Service of UPS"


def test_the_price_of_the_account_is_taken():
    negotiated = {
        "TotalCharge": amount("14.20"),
        "ItemizedCharges": [item("375", "1.20", "FUEL SURCHARGE")],
    }
    published = [item("375", "2.40", "FUEL SURCHARGE")]
    (quote,) = quotes(rated(negotiated=negotiated, ItemizedCharges=published))
    assert quote.total == Money(amount=Decimal("14.20"), currency="EUR")
    assert quote.source == "account"
    assert lines(quote) == [
        ("freight", "BASE", Decimal("13.00")),
        ("fuel", "375", Decimal("1.20")),
    ]


def test_without_a_contract_it_is_the_published_price():
    (quote,) = quotes(rated(total="18.40"))
    assert (quote.total.amount, quote.source) == (Decimal("18.40"), "retail")


def test_charges_of_the_shipment_and_its_parcels_add_up():
    (quote,) = quotes(
        rated(
            total="25.00",
            BaseServiceCharge=amount("16.00"),
            ItemizedCharges=[item("375", "2.40"), item("300", "0.00")],
            RatedPackage=[
                {"ItemizedCharges": [item("270", "3.10"), item("100", "1.50")]},
                {"ItemizedCharges": [item("376", "1.75"), item("999", "0.50")]},
            ],
        )
    )
    assert lines(quote) == [
        ("freight", "BASE", Decimal("16.00")),
        ("fuel", "375", Decimal("2.40")),
        ("residential", "270", Decimal("3.10")),
        ("handling", "100", Decimal("1.50")),
        ("area", "376", Decimal("1.75")),
        ("accessorial", "999", Decimal("0.50")),
        ("credit", "REST", Decimal("-0.25")),
    ]
    assert sum(line.money.amount for line in quote.charges) == quote.total.amount


def test_a_promised_date_is_a_date():
    (quote,) = quotes(rated(arrival="20260203"))
    assert quote.promised_date == dt.date(2026, 2, 3)
    (quote,) = quotes(rated())
    assert quote.promised_date is None


def test_warnings_are_passed_on_but_for_the_one_of_every_price():
    alerts = [
        ("110971", "Your invoice may vary from the displayed reference rates"),
        ("110920", "Ship To Address Classification is changed to Residential"),
    ]
    (quote,) = quotes(rated(alerts=alerts))
    assert quote.warnings == (alerts[1][1],)


@pytest.mark.parametrize(
    "spoilt",
    [
        rated(total="twelve"),
        rated(arrival="20260231"),
        {"Service": {"Code": "11"}},
    ],
)
def test_a_price_that_is_none_is_no_price(spoilt):
    with pytest.raises(MalformedMessage):
        quotes(spoilt)


def test_pounds_stay_pounds():
    weight = Mass(value=Decimal("5"), unit="lb")
    heavy = parcel().model_copy(update={"weight": weight})
    (package,) = built(shipper=NEW_YORK, parcels=(heavy,))["Package"]
    assert package["PackageWeight"]["Weight"] == "5.0"
