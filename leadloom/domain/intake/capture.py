"""What does a form post or an API call tell us about a person? Every door leads to one LeadDraft (design §4.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from pydantic import Field, TypeAdapter, ValidationError

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput
from leadloom.domain.intake import told
from leadloom.domain.intake.countries import country_code
from leadloom.domain.intake.identity import normal_email
from leadloom.domain.intake.roles import role_of
from leadloom.domain.lead import BasisDraft, BasisKind, EventDraft, Lead, LeadDraft
from leadloom.domain.mails.windows import is_zone
from leadloom.domain.model import Instant, Json, Value

_NOT_ASKED_HERE = frozenset({"created_at", "opted_out"})
"""What only imports read of a draft; told at another door it is an attribute like any other."""
_OURS = frozenset({*LeadDraft.model_fields, "asked", "consent"} - _NOT_ASKED_HERE)
_TICKED = frozenset({"on", "yes", "true", "1"})
_MOST_SITES = 100_000
_QUOTED = 500
"""Characters of a question that its event keeps: a mail may quote it."""
_INSTANT = TypeAdapter(Instant)


class Allowed(Value):
    """A box of a form that somebody ticked."""

    purpose: str
    wording: str
    """The very sentence beside it."""
    version: str
    language: str


class Door(Value):
    """Where a draft came in: what the sender's own fields can't be trusted to say."""

    name: str
    """The form or key of the API; also the source of permissions."""
    at: Instant
    event: str | None = None
    """The kind of event a post here is, such as `guide_requested`."""
    source: str | None = None
    """A key of the definition's sources, for leads that don't say another."""
    key: str | None = None
    """Names the post: the same key twice is one event."""
    wording: str = ""
    """The very sentence beside the consent box, for fields that say `consent`."""
    allows: tuple[Allowed, ...] = ()
    """The boxes of our own form that were ticked."""
    ip: str | None = None
    page: str | None = None
    user_agent: str | None = None
    tells: dict[str, str] = Field(default_factory=dict)
    """What the event says besides, as the form was made."""


class LeadChanges(Value):
    """The fields of a lead that a draft changes; None leaves a field as it is."""

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    country: str | None = None
    role: str | None = None
    title: str | None = None
    phone: str | None = None
    time_zone: str | None = None
    language: str | None = None
    source: str | None = None
    attributes: dict[str, Json] | None = Field(default=None)
    """All of them, old and new, when one changed."""


_KEPT_ONCE_KNOWN = ("email", "first_name", "last_name", "source")
_NEWER_WINS = ("company", "country", "role", "title", "phone", "time_zone", "language")
_MERGED = (*_KEPT_ONCE_KNOWN, *_NEWER_WINS)


def read_form(fields: Mapping[str, str], *, definition: Definition, door: Door) -> LeadDraft:
    """Read the fields of a posted form. `asked` names what the person asks for, `consent` is a box.

    Raises:
        BadInput: Nobody can be known by it, or a value can't be kept.
    """
    return _read(dict(fields), definition=definition, door=door, more_events=())


def read_json(body: Json, *, definition: Definition, door: Door) -> LeadDraft:
    """Read an API call: the same fields, numbers allowed, plus `attributes` (an object) and `events` (a list).

    Raises:
        BadInput: As `read_form`, or the body has another shape.
    """
    if not isinstance(body, dict):
        raise BadInput("body", type(body).__name__, "Send a JSON object.")
    fields = dict(body)
    more = fields.pop("attributes", None) or {}
    if not isinstance(more, dict):
        raise BadInput("attributes", more, "Send an object of names and values.")
    events = tuple(_told_events(fields.pop("events", []), definition, door))
    return _read({**more, **fields}, definition=definition, door=door, more_events=events)


def merge(lead: Lead | None, draft: LeadDraft, *, keep_existing: bool = False) -> LeadChanges:
    """What the draft changes about the lead (all it says, when there is none yet).

    Nothing known is ever overwritten by a blank. A name, an address and the first source stay once known; what
    people change (company, role, phone …) follows what they told last. `keep_existing` fills blanks only.
    """
    return LeadChanges.model_validate(changes_told(lead, draft, keep_existing=keep_existing))


def changes_told(lead: Lead | None, draft: LeadDraft, *, keep_existing: bool = False) -> dict[str, Json]:
    """The fields of `merge` by name, without those that stay: for whoever merges whole pages."""
    changed: dict[str, Json] = {}
    before, told = vars(lead) if lead else {}, vars(draft)
    for field in _MERGED:  # no getattr: for each lead of a list, these are a quarter of its merging
        new, old = told[field], before.get(field)
        if new and new != old and not (old and (keep_existing or field in _KEPT_ONCE_KNOWN)):
            changed[field] = new
    known = lead.attributes if lead else {}
    both = {**draft.attributes, **known} if keep_existing else {**known, **draft.attributes}
    if both != known:
        changed["attributes"] = both
    return changed


def _read(
    fields: dict[str, Json], *, definition: Definition, door: Door, more_events: tuple[EventDraft, ...]
) -> LeadDraft:
    text = {name: told.one_line(name, _text(name, fields.get(name))) for name in told.LONGEST}
    if not text["email"] and not text["external_id"]:
        raise BadInput("email", text["email"] or "", "Give a mail address, so that we know who you are.")
    others = {name: value for name, value in fields.items() if name not in _OURS}
    role, title = _role(definition, text["role"], text["title"])
    source = text["source"] if text["source"] in definition.sources else None
    industry = next((i for i in definition.fit.industry.is_ if i == (text["industry"] or "").casefold()), None)
    zone = text["time_zone"] if text["time_zone"] and is_zone(text["time_zone"]) else None
    # A value we have no place for is still something the person told us.
    spare = {"source": source, "industry": industry, "time_zone": zone, "role": role or title == text["role"]}
    others |= {name: text[name] for name, read in spare.items() if text[name] and not read}
    question = _text("question", fields.get("question")) if "question" in fields else ""
    events = (*_events(text["asked"], question, definition, door, source), *more_events)
    # Unvalidated, as events and permissions below: every value of it has just been read.
    return LeadDraft.built(
        email=normal_email(text["email"]) if text["email"] else None,
        external_id=text["external_id"],
        first_name=text["first_name"],
        last_name=text["last_name"],
        company=text["company"],
        country=_country(text["country"]),
        role=role,
        title=title,
        phone=text["phone"],
        time_zone=zone,
        language=text["language"].partition("-")[0].lower() if text["language"] else None,
        source=source or door.source,
        industry=industry,
        sites=_sites(fields.get("sites")),
        attributes=told.attributes(others),
        events=events,
        bases=tuple(_bases(fields.get("consent"), door)),
    )


def _text(field: str, value: Json) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case int() | float() if not isinstance(value, bool):
            return str(value)
        case _:
            raise BadInput(field, str(value)[:60], "Send a text.")


def _country(text: str | None) -> str | None:
    if text is None:
        return None
    if (code := country_code(text)) is None:
        raise BadInput("country", text, "Write the country's name in English or its two-letter code, such as DE.")
    return code


def _role(definition: Definition, role: str | None, title: str | None) -> tuple[str | None, str | None]:
    """The role the definition knows, and the words the person used unless they are that very role."""
    said = [text for text in (role, title) if text]
    known = next((found for text in said if (found := role_of(definition, text))), None)
    words = [text for text in said if text.casefold() != known]
    return known, words[-1] if words else None


def _sites(value: Json) -> int | None:
    text = told.one_line("sites", _text("sites", value))
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or int(text) > _MOST_SITES:
        raise BadInput("sites", text, f"Give the number of sites, from 0 to {_MOST_SITES}.")
    return int(text)


def _events(
    asked: str | None, question: str, definition: Definition, door: Door, source: str | None
) -> Iterator[EventDraft]:
    kind = _asked_kind(asked, definition) if asked else door.event
    if kind is not None:
        data: dict[str, Json] = {"form": door.name, **door.tells}
        if asked_us := " ".join(question.split())[:_QUOTED]:
            data["question"] = asked_us
        if door.page:
            data["page"] = door.page
        yield EventDraft.built(kind=kind, at=door.at, key=door.key, channel=source or door.source, data=data)


def _asked_kind(asked: str, definition: Definition) -> str:
    """`demo` or `demo_requested`; only what asks to talk can be asked for, so a form can't claim a won deal."""
    asks = _asked_by_the_person(definition)
    for kind in (asked, f"{asked}_requested"):
        if kind in asks:
            return kind
    raise BadInput("asked", asked, f"Ask for one of: {', '.join(asks)}.")


def _asked_by_the_person(definition: Definition) -> list[str]:
    """Kinds by which a person asks us themselves; what a rep or a partner reports of them is another's word."""
    return [kind for kind, rule in definition.events.items() if rule.asks and rule.credit == "marketing"]


def _told_events(events: Json, definition: Definition, door: Door) -> Iterator[EventDraft]:
    if not isinstance(events, list):
        raise BadInput("events", type(events).__name__, "Send a list of events.")
    for event in events:
        if not isinstance(event, dict):
            raise BadInput("events", event, "Send each event as an object with a `kind`.")
        kind = event.get("kind")
        if not isinstance(kind, str) or kind not in definition.events:
            raise BadInput("events.kind", kind, f"Use one of: {', '.join(definition.events)}.")
        yield _told_event(event, kind, door)


def _told_event(event: Mapping[str, Json], kind: str, door: Door) -> EventDraft:
    data, key, channel = event.get("data") or {}, event.get("key"), event.get("channel")
    if not isinstance(data, dict):
        raise BadInput("events.data", data, "Send an object of names and values.")
    return EventDraft(
        kind=kind,
        at=_at(event.get("at"), door.at),
        key=told.one_line("events.key", _text("events.key", key)),
        channel=told.one_line("source", _text("events.channel", channel)) or door.source,
        data=told.attributes(data),
    )


def _at(value: Json, heard_at: datetime) -> datetime:
    try:
        return heard_at if value is None else _INSTANT.validate_python(value)
    except ValidationError as error:
        raise BadInput("events.at", value, "Write an instant with its zone, such as 2026-03-02T14:00:00Z.") from error


def _bases(consent: Json, door: Door) -> Iterator[BasisDraft]:
    """A ticked box is express permission, with its proof."""
    proof: dict[str, Json] = {"ip": door.ip, "page": door.page, "user_agent": door.user_agent}
    proof = {name: value for name, value in proof.items() if value}
    if _text("consent", str(consent).lower() if isinstance(consent, bool) else consent).strip().lower() in _TICKED:
        if not door.wording:
            raise BadInput("consent", consent, "Without the sentence the person agreed to, consent proves nothing.")
        yield BasisDraft(kind=BasisKind.EXPRESS, source=door.name, wording=door.wording, at=door.at, proof=proof)
    for ticked in door.allows:
        words: dict[str, Json] = {**proof, "wording_version": ticked.version, "language": ticked.language}
        yield BasisDraft.built(
            purpose=ticked.purpose,
            kind=BasisKind.EXPRESS,
            source=door.name,
            wording=ticked.wording,
            at=door.at,
            proof=words,
        )
