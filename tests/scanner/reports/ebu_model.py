"""The EBU QC data model of 2025-12-23 as far as a report uses it: own words, from its class tables.

An element holds the listed ones in that order; its text, where it holds none, has the listed form.
`EBU_QC_XSD=…/qc.xsd` makes the tests ask the schema of the public repository `ebu/qc` as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

NAMESPACE = "tag:qc.ebu.ch,2026-01"
Q = f"{{{NAMESPACE}}}"

ID = r"[0-9a-zA-Z\-]+"
UUID = r"urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
VERSION = r"(0|[1-9]\d*)\.(0|[1-9]\d*)(\.(0|[1-9]\d*))?"
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
WHOLE = r"\d+"
BOOLEAN = "true|false"
STATUS = "complete|error"
ANY = r"(?s).*"


class Slot(NamedTuple):
    """A child: how often at least and at most (None: without end), and the form of its text or its own slots."""

    name: str
    least: int
    most: int | None
    holds: str | tuple[Slot, ...]


def one(name: str, holds: str | tuple[Slot, ...]) -> Slot:
    return Slot(name, 1, 1, holds)


def maybe(name: str, holds: str | tuple[Slot, ...]) -> Slot:
    return Slot(name, 0, 1, holds)


def many(name: str, holds: str | tuple[Slot, ...], least: int = 0) -> Slot:
    return Slot(name, least, None, holds)


EXTENSION = maybe("ExtensionProperties", "extension")
CONTENT = one("ContentId", (many("ContentIdentifier", (one("ID", ANY), EXTENSION), 1),))
LOCATOR = maybe(
    "Locator",
    (maybe("Start", ANY), maybe("End", ANY), maybe("SpatialRegion", r"((pixel|percent):)?\d+,\d+,\d+,\d+"), EXTENSION),
)
OUTPUT = many(
    "Output",
    (
        one("Name", ID),
        LOCATOR,
        maybe("Value", ANY),
        maybe("Annotation", (one("Text", ANY), EXTENSION)),
        maybe("VerificationMedia", r"[!-~]+"),
        maybe("Confidence", r"0(\.\d+)?|1(\.0+)?"),
        maybe("Severity", WHOLE),
        EXTENSION,
    ),
)
TEST = (one("EBUQCID", ID), maybe("EBUQCName", ANY), one("EBUQCVersion", VERSION), maybe("InstanceId", UUID))
ITEM = many("Item", (*TEST, maybe("UsedAs", "report|check"), one("Scopes", ()), one("Inputs", ()), EXTENSION))
RESULT = many(
    "ItemResult",
    (
        *TEST,
        one("AnalysisMethodUsed", "readout|measurement|readout and measurement"),
        one("ExecutionStatus", STATUS),
        maybe("ErrorDescription", ANY),
        maybe("CheckResult", BOOLEAN),
        maybe("ResultDescription", ANY),
        maybe("MaxSeverity", WHOLE),
        maybe("DetectionMethod", "automatic|human|assisted"),
        maybe("CreationDateTime", MOMENT),
        one("Outputs", (OUTPUT,)),
        EXTENSION,
    ),
)
REPORT = (
    one("ReportId", UUID),
    one("ExecutionStatus", STATUS),
    maybe("ErrorDescription", ANY),
    maybe("CheckResult", BOOLEAN),
    CONTENT,
    one("LastModifiedDateTime", MOMENT),
    maybe("OverallAnalysisDuration", r"PT\d+(\.\d+)?S"),
    maybe("ToolInformation", (one("ToolID", r"[!-~]+"), one("ToolName", ANY), maybe("Version", ANY), EXTENSION)),
    one(
        "Profile",
        (
            one("ID", UUID),
            maybe("Name", ANY),
            CONTENT,
            maybe("CheckResultRule", "AND|OR|MinimumRelevance"),
            maybe("Description", ANY),
            one("Scopes", ()),
            one("Items", (ITEM,)),
            one("ItemDefinitions", ()),
            EXTENSION,
        ),
    ),
    one("ItemResults", (RESULT,)),
    EXTENSION,
)


def faults(document: bytes) -> list[str]:
    """Everything in a report that the model does not allow."""
    root = etree.fromstring(document)
    return ["the root is no Report"] if root.tag != f"{Q}Report" else list(_wrong(root, REPORT))


def _wrong(element: etree._Element, holds: str | tuple[Slot, ...]) -> Iterator[str]:
    name = etree.QName(element).localname
    if element.attrib:
        yield f"{name} has attributes"
    if holds == "extension":
        if (element.text or "").strip():
            yield f"{name} has text"
        yield from (f"{child.tag} extends in the model's own namespace" for child in element if child.tag.startswith(Q))
        return
    if isinstance(holds, str):
        if len(element) or not re.fullmatch(holds, element.text or ""):
            yield f"{name} holds {element.text!r}"
        return
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        yield f"{name} has text between its elements"
    left = list(element)
    for slot in holds:
        mine = 0
        while left and left[0].tag == f"{Q}{slot.name}":
            yield from _wrong(left.pop(0), slot.holds)
            mine += 1
        if mine < slot.least or (slot.most is not None and mine > slot.most):
            yield f"{name} has {mine} of {slot.name}"
    yield from (f"{name} does not hold {child.tag} there" for child in left)
