"""Are the same people known again, and different ones never merged?"""

from __future__ import annotations

from uuid import UUID

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.identity import (
    IdentityKey,
    identity_keys,
    is_work_mail,
    mail_domain,
    normal_email,
    recognise,
)
from leadloom.domain.lead import LeadDraft
from leadloom.domain.model import LeadId
from tests.domain.a_standing import DEFINITION

_LETTERS = "abcxyzABCXYZ019"
_ATOMS = st.text(_LETTERS, min_size=1, max_size=8)
_LOCALS = st.builds(
    lambda name, tag, dot: f"{name}{f'.{dot}' if dot else ''}{f'+{tag}' if tag else ''}",
    _ATOMS,
    st.none() | _ATOMS,
    st.none() | _ATOMS,
)
ADDRESSES = st.builds(lambda local, host: f"{local}@{host}.example", _LOCALS, _ATOMS)


@given(ADDRESSES)
def test_normalising_twice_is_normalising_once(address: str) -> None:
    once = normal_email(address)

    assert normal_email(once) == once


@given(ADDRESSES, st.sampled_from(["", " ", "\t", " \r\n"]))
def test_case_and_outer_spaces_make_no_other_person(address: str, space: str) -> None:
    assert normal_email(f"{space}{address.swapcase()}{space}") == normal_email(address)


@given(ADDRESSES, ADDRESSES)
def test_two_addresses_are_one_person_only_if_they_differ_in_case_alone(one: str, other: str) -> None:
    assert (normal_email(one) == normal_email(other)) == (one.lower() == other.lower())


@given(
    st.text("ab9+_-.", min_size=1, max_size=70),
    st.lists(st.text("xn9-", min_size=1, max_size=66), min_size=1, max_size=3),
    st.sampled_from(["example", "com", "test", "local", "arpa", "a", "9"]),
)
def test_what_is_taken_at_a_glance_is_what_the_validator_takes(local: str, hosts: list[str], top: str) -> None:
    address = f"{local}@{'.'.join(hosts)}.{top}"
    try:
        found = validate_email(address, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        with pytest.raises(BadInput):
            normal_email(address)
    else:
        assert normal_email(address) == f"{found.local_part}@{found.ascii_domain}".lower()


@pytest.mark.parametrize("address", ["ana@depot.test", "ana@depot.local", "ana@xn--a.example", f"a@{'a' * 64}.example"])
def test_what_the_validator_refuses_is_refused_however_plain_it_looks(address: str) -> None:
    with pytest.raises(BadInput):
        normal_email(address)


def test_a_tag_keeps_two_people_apart() -> None:
    assert normal_email("ana+fair@nordkap.example") != normal_email("ana@nordkap.example")


def test_a_domain_is_one_whether_written_in_unicode_or_ascii() -> None:
    assert normal_email("ana@käse.example") == normal_email("ana@XN--KSE-QLA.example") == "ana@xn--kse-qla.example"


@pytest.mark.parametrize(
    "text",
    ["", "ana", "ana@", "@nordkap.example", "ana@nordkap", "a b@nordkap.example",
     "ana@nordkap.example\r\nBcc: x@y.example", "ana\x00@nordkap.example", "Ana <ana@nordkap.example>",
     f"{'a' * 65}@nordkap.example", "jürgen@nordkap.example"],
)  # fmt: skip
def test_what_no_mail_reaches_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        normal_email(text)

    assert (refused.value.field, refused.value.value) == ("email", text)
    assert "ana@company.example" in refused.value.remedy


def test_a_draft_is_known_by_external_id_and_by_address() -> None:
    draft = LeadDraft(email=" Ana@Nordkap.example", external_id=" crm-7 ")

    assert identity_keys(draft) == (
        IdentityKey(kind="external_id", value="crm-7"),
        IdentityKey(kind="email", value="ana@nordkap.example"),
    )


def test_external_ids_keep_their_case() -> None:
    assert identity_keys(LeadDraft(external_id="aB")) != identity_keys(LeadDraft(external_id="Ab"))


def test_blanks_identify_nobody() -> None:
    assert identity_keys(LeadDraft(email=" ", external_id="")) == ()


def test_free_mail_is_no_work_mail() -> None:
    assert is_work_mail(DEFINITION, "ana@nordkap.example")
    assert not is_work_mail(DEFINITION, "ana@gmail.com")
    assert not is_work_mail(DEFINITION, None)
    assert mail_domain("ana@nordkap.example") == "nordkap.example"


def test_drafts_are_recognised_in_turn_and_the_first_known_key_decides() -> None:
    ana, ben, *new = [LeadId(UUID(int=no)) for no in range(1, 7)]

    def crm(value: str) -> IdentityKey:
        return IdentityKey("external_id", value)

    def mail(value: str) -> IdentityKey:
        return IdentityKey("email", value)

    known = {crm("7"): ana, mail("ben@x.example"): ben}
    drafts = [
        (crm("7"), mail("ben@x.example")),
        (crm("8"), mail("ben@x.example")),
        (mail("cleo@x.example"),),
        (crm("9"), mail("cleo@x.example")),
    ]
    found = recognise(drafts, known, new[:4])
    assert [(each.lead_id, each.is_new, each.others) for each in found] == [
        (ana, False, (ben,)),
        (ben, False, ()),
        (new[2], True, ()),
        (new[2], False, ()),
    ]
    assert [each.claims for each in found] == [(), (crm("8"),), (mail("cleo@x.example"),), (crm("9"),)]
