"""/onboard readiness and go-live: a list gone through, what is open, and who has to close it."""

from collections.abc import Sequence
from typing import Literal

from app.domain.blocks import Block, Heading, Table, Verdict
from app.domain.command import Context, Report
from app.domain.figures import Evidence, Figure, Text, text
from tools.health.wording import listing
from tools.onboard import checklists
from tools.onboard.checklists import Line, Signature
from tools.onboard.data import ItemData, ListData, SignatureData
from tools.onboard.told import Told, told_of
from tools.onboard.words import table

Shown = Literal["readiness", "go_live"]
_NAMES: dict[Shown, tuple[str, str]] = {
    "readiness": ("Environment readiness", "the environment"),
    "go_live": ("Go-live checklist", "the go-live"),
}
_STATES = {"yes": "in place", "no": "not in place", "not_applicable": "does not apply", None: "not known"}


def readiness(ctx: Context) -> Report:
    """The readiness assessment: network, sign-in, security, data flows."""
    told = told_of(ctx)
    return _report(ctx, told, "readiness", checklists.readiness(told.material), ())


def go_live(ctx: Context) -> Report:
    """The checklist of production readiness, and who signed it."""
    told = told_of(ctx)
    return _report(ctx, told, "go_live", checklists.go_live(told.material), checklists.signatures(told.material))


def _report(ctx: Context, told: Told, name: Shown, lines: tuple[Line, ...], signed: tuple[Signature, ...]) -> Report:
    missing = checklists.missing(lines)
    figures = _figures(told, name, lines)
    blocks: list[Block] = [_verdict(told, name, lines, signed, figures)]
    if ctx.audience == "customer":
        blocks += [Heading(text=text(_NAMES[name][0])), _customer_table(lines)]
    else:
        if missing:
            blocks += [Heading(text=text("Required and open")), _table(missing)]
        blocks += [Heading(text=text(_NAMES[name][0]), folded=bool(missing)), _table(lines)]
    if signed:
        blocks += [Heading(text=text("Sign-off")), _signature_table(signed, named=ctx.audience != "customer")]
    data = ListData(
        account_id=told.material.account.id,
        checklist=name,
        ready=not missing,
        signed=all(each.on for each in signed) if signed else None,
        items=tuple(_item(line) for line in lines),
        missing=tuple(line.item.key for line in missing),
        signatures=tuple(SignatureData(role=s.role, title=s.sign_off.title, on=s.on) for s in signed),
    )
    return Report(data, tuple(blocks), told.stated.figures)


def _figures(told: Told, name: Shown, lines: tuple[Line, ...]) -> tuple[Figure, Figure]:
    """How many required items are in place, and how many there are."""
    required = [line for line in lines if line.item.required]
    closed = [line for line in required if line.is_closed]
    evidence: tuple[Evidence, ...] = tuple(each for line in closed for each in line.evidence)
    list_name = name.replace("_", "-")
    rule = f"required items of the {list_name} list that are in place or do not apply"
    label = "Readiness items in place" if name == "readiness" else "Go-live items in place"
    counts = told.material.figure(f"{name}.closed", label, len(closed), "count", rule, evidence)
    total_rule = f"required items of the {list_name} list for this usage model"
    total = told.material.figure(
        f"{name}.required", f"Items of the {list_name} list", len(required), "count", total_rule
    )
    return told.stating(counts), told.stating(total)


def _verdict(
    told: Told, name: Shown, lines: tuple[Line, ...], signed: tuple[Signature, ...], figures: tuple[Figure, Figure]
) -> Verdict:
    missing = checklists.missing(lines)
    closed, total = figures
    counts = text(closed, " of ", total, " required items are in place or do not apply.")
    told_lines = [counts, *(_area_lines(missing)), *_signed_line(signed, ready=not missing)]
    if missing:
        owners = list(dict.fromkeys(line.item.owner for line in missing))
        refused = [line.item.key for line in missing if line.state == "no"]
        if refused:
            told_lines.append(text(f"Said not to be in place: {', '.join(refused)}."))
        told_lines.append(
            text(f"Next step: go through them with {listing(owners[:3])}; check ITEM yes and a note closes one.")
        )
        what = "Environment not ready" if name == "readiness" else "Not ready for production"
        return Verdict(
            tone="warning",
            headline=text(f"{what} at {told.name}: required and open, {len(missing)}"),
            lines=tuple(told_lines),
        )
    if name == "readiness":
        told_lines.append(text("Next step: go through the go-live checklist."))
        return Verdict(tone="good", headline=text(f"Environment ready at {told.name}"), lines=tuple(told_lines))
    done = all(each.on for each in signed)
    headline = (
        f"{told.name} is signed off for production"
        if done
        else f"{told.name} is ready for production, not signed off yet"
    )
    return Verdict(tone="good" if done else "warning", headline=text(headline), lines=tuple(told_lines))


def _area_lines(missing: Sequence[Line]) -> list[Text]:
    """One line an area: what is open there."""
    areas = list(dict.fromkeys(line.area for line in missing))
    return [
        text(f"{area}: {', '.join(line.item.key.replace('_', ' ') for line in missing if line.area == area)}.")
        for area in areas
    ]


def _signed_line(signed: tuple[Signature, ...], *, ready: bool) -> list[Text]:
    if not signed:
        return []
    open_roles = [each.sign_off.title for each in signed if each.on is None]
    if not open_roles:
        return [text("All sides have signed.")]
    how = "sign-off go-live role=… by=NAME" if ready else "possible once every required item is in place"
    return [text(f"Still to sign: {', '.join(open_roles)} ({how}).")]


def _table(lines: Sequence[Line]) -> Table:
    rows = []
    for line in lines:
        seen = line.seen or ("nobody said" if line.state is None else "–")
        source = f" ({line.on})" if line.on else ", on record" if line.source == "data" else ""
        need = "" if line.item.required else " (optional)"
        state = text(f"{_STATES[line.state]}{source}")
        rows.append(
            (
                text(line.item.key),
                text(line.area),
                text(f"{line.item.ask}{need}"),
                state,
                text(line.item.owner),
                text(seen),
            )
        )
    return table(("Item", "Area", "What must be so", "State", "Role", "Seen"), rows)


def _customer_table(lines: Sequence[Line]) -> Table:
    rows = [
        (
            text(line.area),
            text(f"{line.item.ask}{'' if line.item.required else ' (optional)'}"),
            text(line.item.owner),
            text("open" if line.state is None else _STATES[line.state]),
        )
        for line in lines
    ]
    return table(("Area", "What must be so", "Role", "State"), rows)


def _signature_table(signed: Sequence[Signature], *, named: bool) -> Table:
    rows = [
        (
            text(each.sign_off.title),
            text(f"signed {each.on}{f' by {each.by}' if named and each.by else ''}" if each.on else "open"),
        )
        for each in signed
    ]
    return table(("Role", "State"), rows)


def _item(line: Line) -> ItemData:
    return ItemData(
        key=line.item.key,
        area=line.area,
        ask=line.item.ask,
        owner=line.item.owner,
        required=line.item.required,
        state=line.state,
        source=line.source,
        seen=line.seen,
        on=line.on,
    )
