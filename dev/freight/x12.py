"""X12 210, a transaction for each invoice."""

from collections.abc import Iterator
from pathlib import Path

from .parcels import Document, Parcel, Truth, documents

# Those without a code of ours come as what they are not known as.
_CODES = {
    "freight": ("400", "freight"),
    "fuel": ("405", "fuel"),
    "residential": ("RES", "residential"),
}
_OTHER = ("ZZZ", "accessorial")
_HEAD = (
    "ISA*00*          *00*          *02*UPSN           *ZZ*DEMOSHIPPER    "
    "*260105*1200*U*00403*000000001*0*P*>"
)


def write(path: Path, lines: int, seed: int = 0, terminator: str = "~\n") -> Truth:
    """One interchange; one segment L1 for each charge."""
    truth = Truth()
    with path.open("w", encoding="ascii", newline="") as file:

        def put(segments: Iterator[str]) -> None:
            file.writelines(segment + terminator for segment in segments)

        put([_HEAD, "GS*IM*UPSN*DEMOSHIPPER*20260105*1200*1*X*004030"])
        index = 0
        for document in documents(lines, seed):
            index = document.index
            put(_transaction(document))
            for parcel in document.parcels:
                for family, cents in parcel.charges:
                    truth.add(document.number, _CODES.get(family, _OTHER)[1], cents)
        put([f"GE*{index}*1", "IEA*1*000000001"])
    return truth


def _transaction(document: Document) -> Iterator[str]:
    control = f"{document.index:06}"
    body = [
        f"ST*210*{control}",
        f"B3**{document.number}*S{document.number}*CC*L*{document.day:%Y%m%d}"
        f"*{document.cents}****UPSN",
        "C3*USD",
        "N9*12*DEMO01",
    ]
    for at, parcel in enumerate(document.parcels, 1):
        body += _parcel(at, parcel)
    body.append(f"L3*****{document.cents}")
    yield from body
    yield f"SE*{len(body) + 1}*{control}"


def _parcel(at: int, parcel: Parcel) -> Iterator[str]:
    yield f"LX*{at}"
    yield f"N9*2I*1ZDEMO{parcel.number}"
    yield f"N9*CR*SO{parcel.number % 100_000:05}"
    yield f"L5*{at}*PARCEL"
    yield f"L0*{at}***{parcel.billed // 10}.{parcel.billed % 10}*B***1*PCS**L"
    for family, cents in parcel.charges:
        yield f"L1*{at}***{cents}****{_CODES.get(family, _OTHER)[0]}"
