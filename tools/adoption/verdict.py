"""The head of an account's answer: what is so, why, and what to do next."""

from collections.abc import Iterator

from app.domain.blocks import Tone, Verdict
from app.domain.figures import Text, text
from tools.adoption.features import stage_counts
from tools.adoption.offers import headroom_words
from tools.adoption.parameters import SIGNALS
from tools.adoption.stages import STAGES
from tools.adoption.telling import Telling
from tools.health.wording import counted, listing

NO_FEATURES = "Features: no use on record. Import feature_usage.csv: account_id, date, feature, environment, count."


def no_customer(telling: Telling) -> Verdict:
    """Of a customer who left, or is none yet."""
    found, name = telling.found, telling.found.account.name
    begins = found.found.figures.get("contract.begins")
    if begins is not None:
        told = text(f"{name} is no customer yet: the contract starts on ", telling.keep(begins))
        return Verdict(tone="neutral", headline=told)
    line = text(f"Next: nothing. /feedback {found.account.id} tells what they asked for.")
    return Verdict(tone="neutral", headline=text(f"{name} is no customer any more"), lines=(line,))


def verdict(telling: Telling) -> Verdict:
    """A limit that is near comes first, then how deep the use is, then what growth it speaks for."""
    lines = (*_quota(telling), *_depth(telling), *_growth(telling), *_next(telling))
    return Verdict(tone=_tone(telling), headline=_headline(telling), lines=lines)


def _tone(telling: Telling) -> Tone:
    found = telling.found
    if found.quota.limit_on is not None:
        return "bad"
    if found.near_limit or found.tell_right_size or found.enough is False or stage_counts(found.cases)["lapsed"]:
        return "warning"
    return "good" if found.enough else "neutral"


def _headline(telling: Telling) -> Text:
    found, name = telling.found, telling.found.account.name
    limit, share = telling.quota.get("quota.limit_on"), telling.quota.get("quota.used_share.month_to_date")
    if limit is not None and found.quota.state == "reached":
        return text(f"{name} has used up its API calls of the month since ", telling.keep(limit))
    if limit is not None:
        used = text(telling.keep(share), " of the month's API calls used") if share else text("API calls run out")
        return text(f"{name}: ", used, ", the limit is reached on ", telling.keep(limit), _in_days(telling))
    if found.features_on is None:
        return text(f"{name}: which features it uses is not on record")
    if not found.features_current:
        return text(f"{name}: which features it uses is unknown since {found.features_on}")
    if found.available is None:
        return text(f"{name} used ", _used(telling), " in the last 28 days")
    return text(f"{name} uses ", _used(telling), _enough(telling))


def _in_days(telling: Telling) -> Text:
    days = telling.quota["quota.limit_in"]
    if not isinstance(days.value, int) or days.value < 0:
        return text(" by its pace, in days that the usage data do not cover yet")
    return text(" (today)") if days.value == 0 else text(" (in ", counted(telling.keep(days), "day", "days"), ")")


def _used(telling: Telling) -> Text:
    """ "4 of 10 features", or "4 features" where it is not known how many there are."""
    used, available = telling.keep(telling.found.depth["used"]), telling.found.depth["available"]
    if available.value is None:
        return counted(used, "feature", "features")
    return text(used, " of ", counted(telling.keep(available), "feature", "features"))


def _enough(telling: Telling) -> str:
    """Whether that is enough: what colleagues think of it."""
    if telling.found.enough is None or telling.audience == "customer":
        return ""
    share = f"{100 * telling.parameters.enough_share:g}%"
    return ": enough" if telling.found.enough else f", under the {share} that make it stick"


def _quota(telling: Telling) -> Iterator[Text]:
    found, figures = telling.found, telling.quota
    if found.quota.state == "unknown":
        yield text(f"API quota: unknown, {found.quota.because}.")
    used, share = figures.get("quota.used.month_to_date"), figures.get("quota.used_share.month_to_date")
    projected = figures.get("quota.projected_share.month")
    pace = text(telling.keep(projected), " by its end at the pace of 28 days") if projected else None
    if used and share:
        monthly = telling.keep(figures["quota.monthly"])
        told = text(telling.keep(used), " of ", monthly, " this month (", telling.keep(share), ")")
        yield text("API calls: ", told, *((", ", *pace) if pace else ()), _trend(telling), ".")
    elif pace:
        yield text("API calls: no day of this month is on record yet; ", pace, ".")
    if found.near_limit:
        yield text("Next plan: ", headroom_words(found), ".")
    if found.tell_right_size:
        smaller = f"; {found.smaller.name} would hold it" if found.smaller else ""
        yield text(f"The quota is too large for them: no upsell of calls, tell them so{smaller}.")
    elif found.right_size:
        yield text("They use a small part of the quota: no upsell of calls. No smaller plan on record would do.")


def _trend(telling: Telling) -> Text:
    """How the calls of the last 28 days compare with those before."""
    change = telling.found.found.indicators.get("usage_decline", {}).get("calls_change")
    usable = telling.found.snapshot.columns.feeds.usable("usage")[0]
    if not usable or change is None or change.value is None:
        return text("")
    return text("; the last 28 days against the 28 before: ", telling.keep(change))


def _depth(telling: Telling) -> Iterator[Text]:
    found = telling.found
    if not found.features_current:
        on = found.features_on
        yield text(f"Features: the data end on {on}. What is told below is as of that day." if on else NO_FEATURES)
        return
    counts, stages = stage_counts(found.cases), telling.parameters.stages
    words = [f", {counts[each]} {stages[each].label}" for each in STAGES if counts[each] and each != "habit"]
    yield text("Features: ", telling.keep(found.habits), f" {stages['habit'].label}", *words, ".")
    if found.quota.limit_on is not None:
        yield text("In 28 days: ", _used(telling), " used", _enough(telling), ".")
    if (first := found.next_feature) is not None:
        held = telling.features.says(first, first.holds[0])
        yield text(f"Worth most next: {first.name} (", held, "), since ", telling.features.why(first), ".")


def _growth(telling: Telling) -> Iterator[Text]:
    found = telling.found
    names = [telling.parameters.signals[each.key].short for each in found.signals if each.state == "triggered"]
    if names:
        yield text(f"Ready for more, by {len(names)} of {len(SIGNALS)} signs: {listing(names)}.")
    if found.hold_off:
        yield text(f"No offer now: {found.hold_off}.")


def _next(telling: Telling) -> Iterator[Text]:
    plays = telling.plays()
    if plays:
        play, words = plays[0]
        yield text("Next: ", words, f" {play.owner}, by ", telling.due(play), ".")
    elif telling.found.features_on is None:
        yield text("Next: ask them which features they use and what for; import their usage.")
    elif telling.found.enough:
        yield text("Next: nothing to push. Show them in the next review what they reach with it.")
    else:
        yield text("Next: ask what they want to reach. No feature stands out by what is on record.")
