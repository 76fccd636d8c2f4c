"""Does a rule merge only what is surely one person? Precision 1.0 on people made to be mistaken for one another."""

from __future__ import annotations

import random
from itertools import combinations
from uuid import UUID

import pytest

from leadloom.domain.definitions.one_person import OnePerson
from leadloom.domain.lead import Lead
from leadloom.domain.model import LeadId
from leadloom.domain.people.sure import names_of, surely
from tests.domain.people.a_population import FAMILY, GIVEN
from tests.world import MONDAY

RULES = OnePerson(same_mailbox=("gmail.com",), switchboard_from=3)


FORMS = (
    ("robert", "rob"), ("christopher", "chris"), ("christine", "chris"), ("elizabeth", "lisa"), ("johannes", "hans"),
    ("john", "jack"), ("anna", "anya"), ("alexander", "alex"), ("alexandra", "alex"), ("katharina", "kathi"),
    ("mohammed", "mehmet"), ("francesco", "franco"), ("samuel", "sam"), ("samantha", "sam"), ("william", "liam"),
)  # fmt: skip
"""Names that are forms of one another: in a family they are two people as well as one."""


def generated(seed: int) -> list[tuple[int, Lead]]:
    """Leads with the number of the person each is: tags, slips, moved companies, switchboards, father and son."""
    rng = random.Random(seed)
    found: list[tuple[int, Lead]] = []

    def add(who: int, given: str, family: str, email: str, phone: str | None) -> None:
        lead_id = LeadId(UUID(int=len(found) + 1))
        found.append((who, Lead(lead_id=lead_id, created_at=MONDAY, email=email, first_name=given.title(),
                                last_name=family.title(), phone=phone)))  # fmt: skip

    for company in range(120):
        domain, board = f"firm{company}.example", f"+1212555{company:04}"
        for member in range(rng.randint(3, 5)):
            who = company * 100 + member * 10
            given, family = rng.choice(GIVEN), rng.choice(FAMILY)
            own = f"+1646{company:03}{member}{rng.randint(100, 999)}"
            add(who, given, family, f"{given}.{family}.{who}@{domain}", board)
            mobile = f"{given}.{family}.{who}@{domain}.moved.example"
            add(who, given, family, f"{given}{who}@gmail.com", own)
            match rng.randrange(6):
                case 5:
                    # A child or a spouse: called as the other might be called for short, by the number of the house.
                    group = rng.choice(FORMS)
                    add(who + 4, group[0], family, f"{group[0]}.{who}@home.example", f"+1718{company:03}{member}000")
                    add(who + 5, group[-1], family, f"{group[-1]}.{who}@work.example", f"+1718{company:03}{member}000")
                case 0:
                    add(who, given, family, f"{given}{who}+fair@gmail.com", None)
                case 1:
                    add(who, given, family[:-1] + rng.choice("xyz"), mobile, own)
                case 2:
                    son = rng.choice([name for name in GIVEN if name != given])
                    add(who + 1, son, family, f"{son}.{who}@gmail.com", own)
                case 3:
                    add(who + 2, given, f"{family} jr", f"{given}.junior{who}@gmail.com", own)
                case _:
                    add(who + 3, given[0], family, f"{given[0]}.{who}@elsewhere.example", own)
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whom_a_rule_merges_is_one_person_every_time(seed: int) -> None:
    people = generated(seed)
    names = [names_of(RULES, lead) for _, lead in people]
    having: dict[str | None, int] = {}
    for each in names:
        having[each.phone] = having.get(each.phone, 0) + 1
    merged = wrong = 0
    for (mine, one), (theirs, other) in combinations(zip((who for who, _ in people), names, strict=True), 2):
        if surely(RULES, one, other, leads_with_phone=having[one.phone]) is not None:
            merged, wrong = merged + 1, wrong + (mine != theirs)
    assert merged > 100 and wrong == 0


def test_a_short_form_is_surely_the_same_person_only_with_the_same_birthday() -> None:
    def lead(first: str, **told: object) -> Lead:
        known = {"first_name": first, "last_name": "Miller", "phone": "+16465550143", "attributes": told}
        return Lead.model_validate({"lead_id": UUID(int=1), "created_at": MONDAY, **known})

    def same(one: Lead, other: Lead) -> str | None:
        return surely(RULES, names_of(RULES, one), names_of(RULES, other), leads_with_phone=2)

    assert same(lead("Robert"), lead("Bob")) is None, "father and son may be called so: it is suggested"
    assert same(lead("Robert", born="1961-04-02"), lead("Bob", born="1961-04-02")) == "phone and name"
    assert same(lead("Robert", born="1961-04-02"), lead("Bob", born="1990-01-09")) is None
    assert same(lead("Robert"), lead("Robert")) == "phone and name"


def test_a_tag_is_one_mailbox_only_where_the_provider_is_known_to_drop_it() -> None:
    def lead(email: str) -> Lead:
        return Lead(lead_id=LeadId(UUID(int=1)), created_at=MONDAY, email=email)

    def same(one: str, other: str) -> str | None:
        return surely(RULES, names_of(RULES, lead(one)), names_of(RULES, lead(other)), leads_with_phone=0)

    assert same("ana@gmail.com", "ana+fair@gmail.com") == "one mailbox"
    assert same("ana@firm.example", "ana+fair@firm.example") is None
