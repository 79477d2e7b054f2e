"""Parameters of /troubleshoot: the shape of `tools/troubleshoot.yaml`, checked as a whole when it is loaded."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.domain.business_hours import BusinessHours
from app.domain.parameters import Overridable
from tools.escalate.parameters import Kind
from tools.troubleshoot.statement import QUESTIONS, QuestionKey

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Sentences = tuple[Annotated[str, Field(min_length=1)], ...]
Seconds = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(gt=0, le=1)]
Person = Literal["developer", "it_admin", "security", "business_owner", "exec_sponsor", "vendor"]
Family = Literal["key", "sso", "tls", "network", "request", "limits", "webhook", "data", "service", "extent"]
Days = Annotated[int, Field(ge=1, le=60)]
Hours = Annotated[float, Field(gt=0, le=240)]
Most = Annotated[int, Field(ge=1, le=60)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RuleTexts(_Part):
    """What is said where a rule holds. `{name}` in a text is filled with the finding's value of that name.

    `title` is its name in general, `means` says in a sentence to the customer what is so and why it matters; `now`
    are steps for now, `prevent` what keeps it from coming back, `settles` what would prove or refute it, `check`
    what must be so after 24 hours. `article` is the document of the knowledge base that tells more; `self_service`
    says that a customer finds all of it there. `family` decides which of the five questions apply.
    """

    title: str
    family: Family
    means: str
    now: Sentences
    prevent: Sentences = ()
    settles: Sentences
    check: str = ""
    article: str | None = None
    self_service: bool = False
    involve: tuple[Person, ...] = ()


class Clocks(_Part):
    """Leeways in seconds: of clocks that differ and of signed webhooks.

    From `skew` on two clocks differ; up to `drift` a clock that is merely wrong explains it, beyond it a wrong zone or
    a wrong value does.
    """

    skew: Seconds
    drift: Seconds
    webhook_tolerance: Seconds


class Traffic(_Part):
    """From where on repeated calls are a retry storm: so many of them, this share of all, this pause (seconds) at most.

    A storm has `storm_surge` times the calls of before at least where calls fail, new work less than `storm_steady`
    times. First attempts within `storm_near` of the limit are what any overload leaves, since a limit lets as many
    through. Where no limit is known, repeats must be `storm_most` of the calls to be more than possible.

    `one_client` is the share of a log's records from which on they count as one client's; `whole_log` are the records
    from which on a log counts as the whole traffic and not as an excerpt; `reset_near` how far, in hours, a quota's
    reset may lie from the end of the month.
    """

    storm_calls: Annotated[int, Field(ge=2)]
    storm_share: Share
    storm_pause: Seconds
    storm_surge: Annotated[float, Field(gt=1)]
    storm_steady: Annotated[float, Field(gt=1)]
    storm_near: Share
    storm_most: Share
    one_client: Share
    whole_log: Annotated[int, Field(ge=1)]
    reset_near: Annotated[float, Field(gt=0)]


class ThirdParty(_Part):
    """A service of somebody else: its name, the names and codes by which it is told, the hosts of its API."""

    name: str
    words: Sentences
    hosts: Sentences = ()


class Change(_Part):
    """From where on a rate or a level has changed in a step, and which change before it is near.

    `chance`: how likely a constant rate may look like this anywhere in the log. `buckets`: least number of spans of
    time on each side; `failures`: least number of failures; `rate`: least share of failures after it; `ratio`: how many
    times as much as before. `near`: so much of the difference must lie right at the step, or it is a drift.
    `lead_minutes`: how long before the start a deploy is told.
    """

    chance: Share
    buckets: Annotated[int, Field(ge=2)]
    failures: Annotated[int, Field(ge=1)]
    rate: Share
    ratio: Annotated[float, Field(gt=1)]
    near: Share
    lead_minutes: Annotated[float, Field(gt=0)]


class Extent(_Part):
    """When failures count as those of one client, region or endpoint, and when as those of all.

    One: it has at least `of_failures` of the failures and at most `of_traffic` of the requests, and `ratio` times the
    failure rate of the others, which have `others` requests or more and fail at most at the rate `well`. All: at least
    `clients` with `expected` failures each if they failed like the rest, none of them with over `largest` of the
    requests, and each within `spread` times the common rate. In both cases at least `failures`.
    """

    failures: Annotated[int, Field(ge=1)]
    of_failures: Share
    of_traffic: Share
    ratio: Annotated[float, Field(gt=1)]
    others: Annotated[int, Field(ge=1)]
    well: Share
    clients: Annotated[int, Field(ge=2)]
    expected: Annotated[float, Field(gt=0)]
    largest: Share
    spread: Annotated[float, Field(gt=1)]


class Latency(_Part):
    """Milliseconds, shares and counts from which on something is slow.

    `slow`: a call. `timed`: least number of durations in a span of time; `tail_timed` for a p99 that is worth a word,
    `tail_sure` for one to rely on. `tail_ratio`: p99 against p50, where p50 is at most `median_well`. `hour_ratio`: an
    hour's median against that of the day; `hour_share`: at most so many of the hours may be slow; `hour_days`: on so
    many days, `probe_days` where they have few calls. `part`: share of a call or a trace in which its time lies, from
    `part_sure` on without doubt. `large_bytes`: an answer.
    """

    slow: Annotated[float, Field(gt=0)]
    timed: Annotated[int, Field(ge=1)]
    tail_timed: Annotated[int, Field(ge=1)]
    tail_sure: Annotated[int, Field(ge=1)]
    tail_ratio: Annotated[float, Field(gt=1)]
    median_well: Annotated[float, Field(gt=0)]
    hour_ratio: Annotated[float, Field(gt=1)]
    hour_share: Share
    hour_days: Annotated[int, Field(ge=2)]
    probe_days: Annotated[int, Field(ge=2)]
    part: Share
    part_sure: Share
    large_bytes: Annotated[int, Field(ge=1)]


class Resources(_Part):
    """`full`: a resource counts as used up from this share of its limit on."""

    full: Share


class Support(_Part):
    """Hours to the first response (persona §4.1): `standard_hours` of business hours, `sev1_hours` around the clock."""

    standard_hours: Hours
    sev1_hours: Hours


class FollowUp(_Part):
    """When a fix is checked again, in days after it (persona §4.2, step 4), and what is checked each time."""

    soon_days: Days
    later_days: Days
    at_once: str
    soon: str
    later: str


class SignIn(_Part):
    """What a change of single sign-on begins with, whom at the customer it involves, and who of ours knows it."""

    break_glass: str
    involve: tuple[Person, ...]
    specialist: str


class Letter(_Part):
    """`subject_open`: that of a letter without a cause. `impact`: what a fault of a family does to the customer's
    business, where nobody said it. `meanwhile`: what helps them until a fault of ours is mended."""

    subject: str
    subject_open: str
    impact: dict[Family, str]
    unknown_impact: str
    meanwhile: dict[Family, str]


class Handover(_Part):
    """`kinds`: which kind of issue for engineering a rule stands for, where the fault is ours."""

    kinds: dict[Id, Kind]


class QuestionTexts(_Part):
    """How one of the five questions is asked of a customer, and for which families of rules it is of use."""

    ask: str
    families: tuple[Family, ...]


class ShownParts(_Part):
    """How many of each are shown. A chart is drawn from so many `chart_points` on, a log summed up from `log_lines`."""

    clues: Most
    templates: Most
    lines: Most
    similar: Most
    articles: Most
    log_lines: Most
    chart_points: Most
    chart_most: Most
    sentences: Most


class TroubleshootParameters(Overridable):
    """Thresholds and texts; every rule has its texts under its id."""

    hours: BusinessHours
    clocks: Clocks
    inspectors: Sentences  # products that open TLS connections and sign them anew, in lower case
    traffic: Traffic
    our_domains: Sentences  # hosts within them are ours
    third_parties: tuple[ThirdParty, ...]
    change: Change
    extent: Extent
    latency: Latency
    resources: Resources
    support: Support
    follow_up: FollowUp
    sign_in: SignIn
    letter: Letter
    handover: Handover
    questions: dict[QuestionKey, QuestionTexts]
    shown: ShownParts
    rules: dict[Id, RuleTexts]

    @field_validator("questions")
    @classmethod
    def _all_five(cls, questions: dict[QuestionKey, QuestionTexts]) -> dict[QuestionKey, QuestionTexts]:
        if missing := set(QUESTIONS) - questions.keys():
            raise ValueError(f"questions lacks {', '.join(sorted(missing))}")
        return questions
