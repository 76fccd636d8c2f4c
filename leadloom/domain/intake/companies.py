"""Which company is each draft's person at? Found or made in the order of the drafts, and told what they say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from leadloom.domain.companies.sites import is_free_mail
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.intake.identity import is_work_mail, mail_domain
from leadloom.domain.lead import Account, LeadDraft
from leadloom.domain.model import AccountId, LeadId


@dataclass(frozen=True, slots=True)
class Mention:
    """What one draft says of its person's company."""

    lead_id: LeadId
    draft: LeadDraft
    email: str | None
    """The person's address after the draft; whose domain decides when it is a work mail."""
    company: str | None
    is_news: bool
    """The mail or the company's name is new, so a company the person is known at is looked for again."""
    at_home: AccountId | None = None
    """The company the lead was known at before all drafts."""


@dataclass(frozen=True, slots=True)
class AlsoCalled:
    """What companies are known by besides their own name and domain."""

    by_domain: dict[str, AccountId] = field(default_factory=dict[str, AccountId])
    by_name: dict[str, AccountId] = field(default_factory=dict[str, AccountId])
    """In lower case."""
    sent_on: dict[AccountId, AccountId] = field(default_factory=dict[AccountId, AccountId])
    """Company that was found to be another → the other, which is known."""


class Companies:
    """The companies as they are known, and what the mentions make of them.

    The domain of a work mail decides, else the name; of two of that name the one that is older and isn't in another
    country. A company that was known by name only gets its domain by the first such mail.
    """

    def __init__(
        self,
        definition: Definition,
        known: Iterable[Account],
        *,
        keep_existing: bool = False,
        also: AlsoCalled | None = None,
    ) -> None:
        """`known` is sorted oldest first."""
        self._definition, self._keep_existing = definition, keep_existing
        self.now: dict[AccountId, Account] = {}
        self.made: dict[AccountId, Account] = {}
        """Companies nobody knew, in the order they were named."""
        self.names_asked: set[str] = set()
        """Names, in lower case, that had to decide because no domain did."""
        self._by_domain: dict[str, AccountId] = {}
        self._by_name: dict[str, list[AccountId]] = {}
        for account in known:
            self._note(account)
        also = also or AlsoCalled()
        self._sent_on = also.sent_on
        for domain, account_id in also.by_domain.items():
            self._by_domain.setdefault(domain, account_id)
        for name, account_id in also.by_name.items():
            self._by_name.setdefault(name, []).append(account_id)
        self._before = dict(self.now)

    def changed(self) -> list[Account]:
        """Known companies about which something new was told."""
        return [self.now[account_id] for account_id, old in self._before.items() if self.now[account_id] != old]

    def settle(self, mentions: Sequence[Mention], new_ids: Iterator[UUID]) -> list[AccountId | None]:
        """The company after each mention, in their order. `new_ids` has an id for each company that is new."""
        homes: dict[LeadId, AccountId | None] = {}
        found: list[AccountId | None] = []
        for mention in mentions:
            home = homes.get(mention.lead_id, mention.at_home)
            home = self._sent_on.get(home, home) if home is not None else None
            if home is not None and not mention.is_news:
                self._tell(self.now[home], mention.draft, name=mention.draft.company)
            else:
                home = self._find_or_make(mention, new_ids) or home
            homes[mention.lead_id] = home
            found.append(home)
        return found

    def _find_or_make(self, mention: Mention, new_ids: Iterator[UUID]) -> AccountId | None:
        domain, name = _called(self._definition, mention)
        if name is None:
            return None
        if domain is not None and (known := self._by_domain.get(domain)) is not None:
            return self._tell(self.now[known], mention.draft, name=mention.company)
        self.names_asked.add(name.lower())
        for known in self._by_name.get(name.lower(), ()):
            if self._may_be(self.now[known], mention.draft, domain):
                return self._tell(self.now[known], mention.draft, name=mention.company, domain=domain)
        return self._make(mention.draft, AccountId(next(new_ids)), name=name, domain=domain)

    def _may_be(self, account: Account, draft: LeadDraft, domain: str | None) -> bool:
        """Whether a company of the right name can be meant: with another domain or country it is another."""
        if domain is not None:
            return account.domain is None
        return not draft.country or not account.country or draft.country == account.country

    def _make(self, draft: LeadDraft, new_id: AccountId, *, name: str, domain: str | None) -> AccountId:
        account = Account.built(
            account_id=new_id,
            name=name,
            domain=domain,
            industry=draft.industry,
            sites=draft.sites,
            country=draft.country,
        )
        self.made[new_id] = account
        self._note(account)
        return new_id

    def _tell(self, account: Account, draft: LeadDraft, *, name: str | None, domain: str | None = None) -> AccountId:
        """Keep what the draft says: the newest word on industry and sites unless only blanks count, else the first."""
        keep = self._keep_existing
        told = {
            # An account found by mail alone is called by its domain until somebody names it.
            "name": name if name and account.name == account.domain else account.name,
            "domain": account.domain or domain,
            "industry": (account.industry or draft.industry) if keep else (draft.industry or account.industry),
            "sites": _newest(account.sites, draft.sites, keep=keep),
            "country": account.country or draft.country,
        }
        now = vars(account)
        if any(now[what] != value for what, value in told.items()):
            if account.name != told["name"]:
                self._by_name[account.name.lower()].remove(account.account_id)
            account = account.but(**told)
            if account.account_id in self.made:
                self.made[account.account_id] = account
            self._note(account)
        return account.account_id

    def _note(self, account: Account) -> None:
        self.now[account.account_id] = account
        called = self._by_name.setdefault(account.name.lower(), [])
        if account.account_id not in called:
            called.append(account.account_id)
        if account.domain is not None:
            self._by_domain[account.domain] = account.account_id


def names_told(definition: Definition, mentions: Iterable[Mention]) -> set[str]:
    """The names, in lower case, that may have to decide about these: `Companies.names_asked` are among them."""
    named = (_called(definition, mention)[1] for mention in mentions if mention.is_news or mention.at_home is None)
    return {name.lower() for name in named if name is not None}


def _called(definition: Definition, mention: Mention) -> tuple[str | None, str | None]:
    """The domain that says which company it is, and the name that does where no company has that domain."""
    email = mention.email
    domain = mail_domain(email) if email is not None and is_work_mail(definition, email) else None
    return domain, mention.company or domain


def touched_by(told: Mapping[str, object]) -> frozenset[str]:
    """What somebody with these fields, unread as they came, makes others wait for: their address and their company.

    Too much said costs a wait and too little a longer one, so a company's own list of free mail isn't asked.
    """
    email, company = (_plain(told.get(field)) for field in ("email", "company"))
    domain = email.rpartition("@")[2]
    named = ("" if not domain or is_free_mail(domain) else f"@{domain}", company)
    return frozenset(each for each in (email, *named) if each)


def _plain(value: object) -> str:
    return value.strip().lower() if isinstance(value, str) else ""


def _newest(old: int | None, new: int | None, *, keep: bool) -> int | None:
    return old if new is None or (keep and old is not None) else new
