"""What a published mail template is, and which facts it may be filled with (the closed list of names)."""

from __future__ import annotations

from pydantic import Field

from leadloom.domain.mails.language import DEFAULT, greeting
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.mails.variables import Variable
from leadloom.domain.model import Json, Value


class LeadWords(Value):
    """What a mail may say about its lead. Unknown is the empty string: a template must read well without."""

    first_name: str = ""
    company: str = ""
    role: str = ""
    country: str = ""


class SenderWords(Value):
    """The owner who signs."""

    name: str
    title: str = ""
    phone: str = ""


class CompanyWords(Value):
    """Who we are, for the footer."""

    name: str
    postal_address: str


class ReasonWords(Value):
    """Why a lead is offered: one thing, and how much it says."""

    words: str
    weight: str = ""


class CaredWords(Value):
    """Something a lead cared about."""

    words: str
    path: str = ""
    """The page of it, on our host; empty for none."""


class HandOffWords(Value):
    """What an owner's notice says about the lead on offer; instants are already words in the owner's own zone."""

    kind_words: str
    why: tuple[str, ...] = ()
    """What decided it, with weights, most telling first."""
    definition_version: int | None = None
    """By which version of the definition; None in notices of before it was told."""
    accept_by: str = ""
    first_try_by: str = ""
    level_words: str = ""
    lead_name: str = ""
    lead_company: str = ""
    lead_role: str = ""
    lead_country: str = ""
    lead_email: str = ""
    lead_phone: str = ""
    last_touches: tuple[str, ...] = ()
    suggested_opener: str = ""
    reasons: tuple[ReasonWords, ...] = ()
    """Two to four, weighed."""
    question: str = ""
    """What they asked in their own words."""
    next_step: str = ""
    contacts: tuple[str, ...] = ()
    """Whether the owner may write and call, and why: a sentence each."""
    cared: tuple[CaredWords, ...] = ()
    companions: tuple[str, ...] = ()
    """Colleagues who came along."""
    lead_time: str = ""
    """What the lead's own clock showed when the notice was written."""
    owner_name: str = ""
    """Who has it; empty while it lies in a pool."""
    place: str = ""
    """Whose time it is that instants are told in: `New York`."""
    is_open: bool = True
    """It waits for an answer."""
    in_doubt: bool = False
    """The first notice may not have arrived."""
    chips: tuple[str, ...] = ()
    """The reasons for giving it back, as an answer by mail may name them."""
    chip_names: tuple[str, ...] = ()
    """Their names in the definition, in the same order."""
    decided: str = ""
    """Who decided, when and how; while nobody did, who is asked."""


class ReviewWords(Value):
    """What an owner's notice says about a mail that goes unless they say otherwise."""

    message_id: str = ""
    """Of the mail that is coming."""
    lead_name: str = ""
    lead_company: str = ""
    subject: str
    paragraphs: tuple[str, ...] = ()
    """Its text above the signature."""
    goes_at: str
    """In words, in the owner's own zone."""
    signed_by: str = ""
    """By name; an owner who is away is asked through their deputy."""


class TaskWords(Value):
    """What an owner's notice says about something they are asked to do."""

    task_id: str = ""
    lead_id: str = ""
    words: str
    """What to do."""
    lead_name: str = ""
    lead_company: str = ""
    due: str
    """In words, in the owner's own zone."""
    outcomes: tuple[str, ...] = ()
    """What may be answered, in the order of their links."""


class ReplyWords(Value):
    """What an owner reads when a lead answered a mail they signed."""

    lead_id: str = ""
    lead_name: str = ""
    lead_company: str = ""
    address: str
    """Where the answer came from, and where the owner's own goes."""
    subject: str
    paragraphs: tuple[tuple[str, ...], ...] = ()
    """What they wrote, without what they quote; a paragraph is its lines."""
    came: str
    """When, in words, in the owner's own zone."""
    thread: tuple[str, ...] = ()
    """Message-IDs of the conversation, oldest first, the answer's own last."""
    has_original: bool = True
    """The mail as it came goes along."""


class NewsWords(Value):
    """What somebody of ours hears about a hand-off that isn't theirs to answer: how it ended, what is asked of them."""

    lead_name: str = ""
    lead_company: str = ""
    headline: str
    """In a sentence."""
    told: tuple[tuple[str, str], ...] = ()
    """(who, what they said), in order."""
    until: str = ""
    """Until when something is asked of them, in their own zone; empty when nothing is."""
    path: str = "/"
    """The page that shows all of it."""


class MailValues(Value):
    """The facts one mail was made from. Kept on its row, so that the mail can be made again, bit for bit."""

    lead: LeadWords = LeadWords()
    sender: SenderWords
    company: CompanyWords
    why_you_get_this: str = ""
    told: dict[str, dict[str, Json]] = Field(default_factory=dict)
    """Event kind → the data of the lead's latest event of that kind, for the kinds in `TemplateBody.tells`."""
    hand_off: HandOffWords | None = None
    """In notices about a hand-off only."""
    review: ReviewWords | None = None
    """In notices about a mail that is coming only."""
    task: TaskWords | None = None
    """In notices about a task only."""
    reply: ReplyWords | None = None
    """In answers that are passed on only."""
    news: NewsWords | None = None
    """In what tells of a hand-off whoever doesn't answer it only."""
    clicks: bool = True
    """Its links are counted, as its class and its reader had it when it was first written."""
    opens: bool = True
    """It carries a picture that says it was opened. Mails of before there was a choice did."""
    edited: dict[str, str] = Field(default_factory=dict)
    """Passages somebody wrote anew for this mail alone, by their names in `TemplateBody.passages`."""
    language: str = DEFAULT
    """Which of the template's variants it is."""
    variables: dict[str, str] = Field(default_factory=dict)
    """What its template's variables say to this reader, in the words of the language."""

    @property
    def greeting(self) -> str:
        """`Hello Ana,`, or `Hello,` when we don't know the first name."""
        return greeting(self.lead.first_name, language=self.language)


class Wording(Value):
    """What a template says in one language: layout and body in one, CSS inlined."""

    subject: str
    preheader: str = ""
    html: str
    text: str
    passages: tuple[tuple[str, str], ...] = ()
    """(name, words) of the passages that whoever answers for a mail may write anew (`words`), in reading order."""


class TemplateBody(Wording):
    """A template that passed its checks. Stored immutably by content hash. Its own words are those of its language."""

    language: str = DEFAULT
    others: dict[str, Wording] = Field(default_factory=dict)
    """Its words in other languages: the same links, answers and passages in the same order."""
    variables: dict[str, Variable] = Field(default_factory=dict)
    """What differs by reader, by the name its words say."""
    links: tuple[str, ...] = ()
    """Where its tracked links lead; a link's number is its place in this list, counted from 1."""
    answers: tuple[str, ...] = ()
    """Event kinds its one-question links record."""
    tells: tuple[str, ...] = ()
    """Event kinds whose data it quotes (`told`)."""
    says_how_to_stop: bool
    """HTML and text both show `unsubscribe_url`."""
    says_who_and_why: bool
    """HTML and text both show `company.postal_address` and `why_you_get_this`."""
    for_owner: bool
    """It speaks about a hand-off, a mail that is coming, or a task, or passes an answer on."""
    about_review: bool = False
    """It speaks about a mail that is coming."""
    about_task: bool = False
    """It speaks about a task."""
    about_reply: bool = False
    about_news: bool = False
    """It passes an answer on."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages it is written in, its own first."""
        return (self.language, *sorted(self.others))

    def wording(self, language: str) -> Wording:
        """What it says in that language, else in its own."""
        return self.others.get(language, self)

    def can_be_stopped(self, mail_class: str) -> bool:
        """Whether a mail of it carries List-Unsubscribe and its link: marketing, and whatever asks to become that.

        RFC 8058 and the large providers want it of what was subscribed to. A mail that asks somebody to confirm is
        none yet; but who never wrote their address into a form must be able to end it, else they call it spam.
        """
        return mail_class == MailClass.MARKETING or (mail_class == MailClass.SERVICE and "confirm_url" in self.html)

    def misfits(self, mail_class: str) -> list[str]:
        """Why this template can't be a mail of that class, in words with the remedy; empty when it can."""
        found: list[str] = []
        if mail_class == MailClass.MARKETING and not self.says_how_to_stop:
            found.append("marketing mail must show unsubscribe_url in body.html and body.txt (or in the layout)")
        if mail_class == MailClass.MARKETING and not self.says_who_and_why:
            found.append("marketing mail must show company.postal_address and why_you_get_this in both parts")
        if self.for_owner and mail_class != MailClass.OWNER_NOTICE:
            about = {"review": self.about_review, "task": self.about_task, "reply": self.about_reply,
                     "news": self.about_news}  # fmt: skip
            name = next((name for name, is_so in about.items() if is_so), "hand_off")
            found.append(f"{name} is for owner notices; a {mail_class} mail goes to a lead and can't use it")
        return found
