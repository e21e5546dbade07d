"""The label for a thermal printer: 4 by 6 inches at 203 dots an inch, in ZPL II."""

from .labels import CARRIER_NAME, NOTE, Label, Place

WIDTH, HEIGHT = 812, 1218
MARGIN = 24
_LEFT = MARGIN + 20
# Fields that do not fit between the margins run out of the label.
_LONGEST_LINE = 40


def render(label: Label) -> bytes:
    """The label as ZPL, encoded and declared as UTF-8.

    What the printer's font does not have it prints as a blank or a box.
    """
    commands = [
        f"^XA^CI28^PW{WIDTH}^LL{HEIGHT}^LH0,0",
        f"^FO{MARGIN},{MARGIN}^GB{WIDTH - 2 * MARGIN},{HEIGHT - 2 * MARGIN},3^FS",
        *_head(label),
        *_place("FROM", label.sender, top=170, size=24),
        _rule(350),
        *_place("DELIVER TO", label.recipient, top=370, size=36),
        _text(_LEFT, 650, 48, label.routing),
        _rule(720),
        *_details(label),
        _rule(830),
        *_barcode(label),
        "^XZ",
    ]
    return "\n".join(commands).encode()


def _head(label: Label) -> list[str]:
    service = f"RETURN {label.service}" if label.is_return else label.service.upper()
    return [
        _text(_LEFT, 50, 40, CARRIER_NAME),
        # White on black: a box, and the text reversed out of it.
        f"^FO{MARGIN},100^GB{WIDTH - 2 * MARGIN},60,60^FS",
        f"^FO{_LEFT},110^A0N,44,44^FR{_field(service)}^FS",
    ]


def _place(caption: str, place: Place, top: int, size: int) -> list[str]:
    lines = [place.name, *place.lines, place.phone]
    return [
        _text(_LEFT, top, 18, caption),
        *(
            _text(_LEFT, top + 26 + index * (size + 4), size, line)
            for index, line in enumerate([line for line in lines if line][:6])
        ),
    ]


def _details(label: Label) -> list[str]:
    columns = (_LEFT, 190, 330, 520)
    return [
        command
        for (caption, value), left in zip(label.details, columns, strict=True)
        for command in (_text(left, 735, 18, caption), _text(left, 765, 30, value))
    ]


def _barcode(label: Label) -> list[str]:
    # Mode A has the printer print the digits in pairs: 167 modules, of three dots each.
    return [
        f"^FO155,860^BY3^BCN,200,N,N,N,A{_field(label.tracking_number)}^FS",
        _text(180, 1085, 44, label.spaced_number),
        _text(_LEFT, 1155, 20, NOTE),
    ]


def _rule(top: int) -> str:
    return f"^FO{MARGIN},{top}^GB{WIDTH - 2 * MARGIN},0,3^FS"


def _text(left: int, top: int, size: int, text: str) -> str:
    return f"^FO{left},{top}^A0N,{size},{size}{_field(text[:_LONGEST_LINE])}^FS"


def _field(text: str) -> str:
    """Field data in which nothing can be taken for a command."""
    clean = " ".join(text.split())
    escaped = "".join(
        f"_{ord(char):02X}" if char in "^~_\\" else char
        for char in clean
        if char.isprintable()
    )
    return f"^FH_^FD{escaped}"
