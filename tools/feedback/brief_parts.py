"""How the parts of the voice-of-customer brief are worded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.domain.blocks import Column
from app.domain.figures import Figure, Text, joined, text
from tools.feedback.answers import Answered
from tools.feedback.closing import Closed
from tools.feedback.collecting import where_said
from tools.feedback.hearing import masked
from tools.feedback.items import Rated, arr_text, category_label, titled
from tools.feedback.quotes import own_words
from tools.feedback.reporting import says_the_title
from tools.feedback.risks import Risk
from tools.feedback.spans import Span
from tools.feedback.statuses import LABELS
from tools.feedback.themes import Theme

NAMED = 3
THEME_COLUMNS = tuple(
    Column(label=label, align="right" if label in ("Times said", "Before", "Customers", "ARR") else "left")
    for label in ("Theme", "Category", "Times said", "Before", "Customers", "ARR")
)
CATEGORY_COLUMNS = tuple(
    Column(label=label, align="left" if label == "Category" else "right")
    for label in ("Category", "Themes", "Times said", "Before", "Customers", "ARR")
)


def category(theme: Theme) -> str:
    """The category as people say it."""
    return category_label(theme.category)


def theme_lines(theme: Theme, number: Figure, money: Text, names: Mapping[str, str], most: int) -> Text:
    """A theme with its customers, their ARR, and their words with the source."""
    told = text(f"- {theme.title} ({category(theme)}; customers: ", number, ", ARR ", money, f"; {_movement(theme)})")
    return joined((told, *quote_lines(theme, names, most)), "\n")


def gap_lines(theme: Theme, number: Figure, money: Text, names: Mapping[str, str], most: int) -> Text:
    """A theme that nothing is planned for, and how customers get by."""
    told = theme_lines(theme, number, money, names, most)
    if theme.item is None:
        return text(told, "\n  Not recorded yet: /feedback accept ", theme.key, " makes it an item.")
    return text(told, f"\n  Workaround: {theme.item.workaround}") if theme.item.workaround else told


def quote_lines(theme: Theme, names: Mapping[str, str], most: int) -> Iterator[Text]:
    """What customers said, with who said it, where and when; else what was written down by hand."""
    for heard in theme.heard[:most]:
        name = names.get(heard.voice.account_id, heard.voice.account_id)
        yield text(f"  “{heard.quote.words}” ({name}, {where_said(heard)})")
    written = own_words(theme.item) if theme.item and not theme.heard else None
    if written and theme.item:
        yield text(f"  “{masked(written)}” ({theme.item.source or 'source not on record'}, item {theme.item.id})")


def theme_row(theme: Theme, said: Figure, number: Figure, money: Text) -> tuple[Text, ...]:
    """A theme in numbers."""
    named = text(titled(theme.item) if theme.item else f"{theme.title} ({theme.key})")
    return named, text(category(theme)), text(said), text(str(len(theme.before))), text(number), money


def category_row(label: str, themes: int, before: int, said: Figure, number: Figure, money: Text) -> tuple[Text, ...]:
    """All themes of a category in numbers."""
    return text(label), text(str(themes)), text(said), text(str(before)), text(number), money


def request_lines(requests: Sequence[Rated], figures: Mapping[tuple[str, str | None], Figure]) -> Iterator[Text]:
    """The open requests in the order of their RICE."""
    by_key = {key: figure for (key, _), figure in figures.items()}
    for place, rated in enumerate(requests, start=1):
        own = f"feedback.{rated.item.id}"
        told = text(f"{place}. {rated.item.title} (RICE ", by_key[f"{own}.rice"], ", customers linked: ")
        arr = text(", ARR ", arr_text(rated, by_key)) if rated.item.account_ids else ()
        yield text(told, by_key[f"{own}.customers"], arr, f"; {rated.item.status or 'no answer yet'})")


def risk_line(risk: Risk) -> Text:
    """A customer at risk, its words, and what to do."""
    reasons = joined((reason.told for reason in risk.reasons), ", ")
    told = text(f"- {risk.account.name} (ARR ", risk.contract["arr"], "; ", reasons, ")")
    said = f" says “{risk.words}”" if risk.words else " asked for"
    about = "" if says_the_title(risk) else f": {risk.item.title}"
    return text(told, f"{said}{about}. → Action: {risk.action}")


def told_lines(closed: Iterable[Closed], names: Mapping[str, str]) -> Iterator[Text]:
    """What became of each item that changed, who was told, and who was not."""
    for each in closed:
        told = ", ".join(f"{names.get(account, account)} on {day}" for account, day in each.told.items())
        untold = ", ".join(names.get(account, account) for account in each.untold)
        line = f"- {each.item.title}: {LABELS[each.answered.answer]}"
        line += f"; told: {told}" if told else ""
        line += f"; no note that they were told: {untold}" if untold else ""
        shipped = each.answered.answer == "shipped" and untold
        yield text(f"{line}. /feedback shipped {each.item.id} writes the replies." if shipped else f"{line}.")


def answer_ask(answered: Answered) -> str:
    """An answer that is waited for."""
    days = answered.waiting.value if answered.waiting else None
    item = answered.item
    return f"Answer “{item.title}” ({item.id}): without one for {days} days, since {item.created_on}."


def date_ask(risk: Risk) -> str:
    """A word for a customer at risk."""
    why = ", ".join(reason.plain for reason in risk.reasons)
    return f"Say what {risk.account.name} ({why}) can be told about “{risk.item.title}” ({risk.item.id})."


def inputs_ask(rated: Rated) -> str:
    """Inputs without which an item is not ranked."""
    return f"Complete “{rated.item.title}” ({rated.item.id}), which is not ranked: {'; '.join(rated.wrong)}."


def changed(said: Sequence[Theme], quiet: Sequence[Theme], span: Span) -> str:
    """What is new, grew, or went quiet since the period before, in one sentence."""
    new, grown = (len(found) for found in (_new(said), _grown(said)))
    return f"Against {span.before.name}: {new} new, {grown} said by more than before, {len(quiet)} not heard any more."


def changes(said: Sequence[Theme], quiet: Sequence[Theme], span: Span) -> str:
    """The same, with the first of each by name."""
    groups = (("New", _new(said)), ("Said more often", _grown(said)), ("Not heard any more", quiet))
    lines = [f"{label}: {_named(found)}." for label, found in groups if found]
    return "\n".join(lines) or f"Nothing against {span.before.name}."


def _new(said: Sequence[Theme]) -> list[Theme]:
    return [theme for theme in said if theme.is_new]


def _grown(said: Sequence[Theme]) -> list[Theme]:
    return [theme for theme in said if 0 < len(theme.before) < len(theme.heard)]


def _named(themes: Sequence[Theme]) -> str:
    names = ", ".join(f"“{theme.title}”" for theme in themes[:NAMED])
    return f"{names} and {len(themes) - NAMED} more" if len(themes) > NAMED else names


def _movement(theme: Theme) -> str:
    if theme.is_new:
        return "new"
    return f"said {len(theme.heard)}×, {len(theme.before)}× before"
