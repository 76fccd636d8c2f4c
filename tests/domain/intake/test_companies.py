"""Is a page of people at the companies they would be at if they came one by one?"""

from __future__ import annotations

from uuid import UUID

from leadloom.domain.intake.companies import Companies, Mention, touched_by
from leadloom.domain.lead import Account, LeadDraft
from leadloom.domain.model import AccountId, LeadId
from tests.domain.a_standing import DEFINITION

IDS = [UUID(int=100 + no) for no in range(9)]
OLD = Account(account_id=AccountId(UUID(int=1)), name="Nordkap", sites=4)


def mention(no: int, email: str | None = None, company: str | None = None, **rest) -> Mention:
    at_home = rest.pop("at_home", None)
    draft = LeadDraft(email=email, company=company, **rest)
    is_news = at_home is None
    return Mention(LeadId(UUID(int=no)), draft, email=email, company=company, is_news=is_news, at_home=at_home)


def settle(*mentions: Mention, known=(), **rest) -> tuple[Companies, list[AccountId | None]]:
    companies = Companies(DEFINITION, known, **rest)
    return companies, companies.settle(mentions, iter(IDS))


def test_colleagues_with_work_mail_share_what_the_first_of_them_made() -> None:
    companies, homes = settle(mention(1, "a@nordkap.example"), mention(2, "b@nordkap.example", "Nordkap Pharma"))
    assert homes == [IDS[0], IDS[0]]
    (made,) = companies.made.values()
    assert (made.name, made.domain) == ("Nordkap Pharma", "nordkap.example")


def test_people_with_free_mail_share_the_company_they_name_in_whatever_letters() -> None:
    _, homes = settle(mention(1, "a@gmail.com", "North Depot"), mention(2, "b@gmail.com", "NORTH depot"))
    assert homes == [IDS[0], IDS[0]]


def test_who_names_nothing_and_has_free_mail_is_nowhere() -> None:
    assert settle(mention(1, "a@gmail.com"))[1] == [None]


def test_a_company_known_by_name_gets_its_domain_from_the_first_work_mail_only() -> None:
    first, second = mention(1, "a@nordkap.example", "Nordkap"), mention(2, "b@nordkap2.example", "Nordkap")
    companies, homes = settle(first, second, known=[OLD])
    assert homes == [OLD.account_id, IDS[0]]
    assert [account.domain for account in companies.changed()] == ["nordkap.example"]


def test_of_two_companies_of_one_name_the_older_is_meant() -> None:
    younger = OLD.model_copy(update={"account_id": AccountId(UUID(int=2))})
    assert settle(mention(1, None, "Nordkap"), known=[OLD, younger])[1] == [OLD.account_id]


def test_who_is_known_somewhere_stays_there_and_tells_of_it() -> None:
    companies, homes = settle(mention(1, at_home=OLD.account_id, sites=9, country="DE"), known=[OLD])
    assert homes == [OLD.account_id]
    assert [(account.sites, account.country) for account in companies.changed()] == [(9, "DE")]


def test_keeping_what_exists_fills_blanks_only() -> None:
    said = mention(1, at_home=OLD.account_id, sites=9, industry="hospital")
    companies, _ = settle(said, known=[OLD], keep_existing=True)
    assert [(account.sites, account.industry) for account in companies.changed()] == [(4, "hospital")]


def test_the_same_told_again_changes_nothing() -> None:
    companies, _ = settle(mention(1, at_home=OLD.account_id, sites=4), known=[OLD])
    assert companies.changed() == []


def test_only_names_that_had_to_decide_are_asked_for() -> None:
    known = OLD.model_copy(update={"domain": "nordkap.example"})
    companies, _ = settle(mention(1, "a@nordkap.example", "Nordkap"), mention(2, None, "Alder"), known=[known])
    assert companies.names_asked == {"alder"}


def test_who_comes_in_touches_their_address_and_their_company_but_no_provider_of_free_mail() -> None:
    assert touched_by({"email": " Ana@Nordkap.example", "company": "Nordkap  "}) == {
        "ana@nordkap.example", "@nordkap.example", "nordkap",
    }  # fmt: skip
    assert touched_by({"email": "ana@gmail.com"}) == {"ana@gmail.com"}
    assert touched_by({"email": 7, "company": None}) == frozenset()
