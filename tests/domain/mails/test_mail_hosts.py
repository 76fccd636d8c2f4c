"""Who takes a domain's mail in, by what is declared, by its name, and by what its MX said?"""

from __future__ import annotations

import pytest

from leadloom.domain.mails.mail_hosts import Hosting, MailHost, TakenInBy, is_asked_about, read_mx, told_by_name


def last_two(name: str) -> str:
    """As the public suffix list says for the names here."""
    return ".".join(name.split(".")[-2:])


@pytest.mark.parametrize(
    ("exchanges", "provider", "host"),
    [
        (("aspmx.l.google.com", "alt1.aspmx.l.google.com"), "google", "google"),
        (("aspmx2.googlemail.com",), "google", "google"),
        (("alder-com.mail.protection.outlook.com",), "microsoft", "microsoft"),
        (("alder-com.o-v1.mx.microsoft",), "microsoft", "microsoft"),
        (("mx-eu.mail.am0.yahoodns.net",), "yahoo", "yahoo"),
        (("mx01.mail.icloud.com",), "apple", "apple"),
        (("eu-smtp-inbound-1.mimecast.com",), "others", "mimecast"),
        (("mx0a-00123.pphosted.com",), "others", "proofpoint"),
        (("mx1-us1.ppe-hosted.com",), "others", "proofpoint"),
        (("d123.a.ess.de.barracudanetworks.com",), "others", "barracuda"),
        # A gateway in front of a provider is what judges our mail.
        (("cluster1.eu.messagelabs.com", "aspmx.l.google.com"), "others", "symantec"),
        (("mx1.alder.com", "mx2.alder.com"), "others", "alder.com"),
        ((), "others", "alder.de"),
    ],
)
def test_the_preferred_exchange_says_who_takes_mail_in(exchanges: tuple[str, ...], provider: str, host: str) -> None:
    found = read_mx("alder.de", exchanges, registrable=last_two)
    assert (found.provider, found.host, found.takes_mail) == (provider, host, True)


def test_a_single_dot_says_that_a_domain_takes_no_mail() -> None:
    assert read_mx("alder.de", (".",), registrable=last_two).takes_mail is False
    # Beside another record it says nothing (RFC 7505 §3).
    beside = read_mx("alder.de", (".", "mx.alder.de"), registrable=last_two)
    assert (beside.takes_mail, beside.host) == (True, "alder.de")


def test_what_is_declared_wins_then_a_well_known_name_then_mx() -> None:
    by_mx = {
        "alder.com": MailHost(domain="alder.com", provider="others", host="mimecast"),
        "birch.com": MailHost(domain="birch.com", provider="microsoft", host="microsoft"),
        "cedar.com": MailHost(domain="cedar.com", provider="google", host="google"),
        "gmail.com": MailHost(domain="gmail.com", provider="others", host="elsewhere.com"),
    }
    hosting = Hosting({"alder.com": "google", "cedar.com": "others"}, by_mx)
    assert hosting.of("alder.com") == TakenInBy("google", "google")
    assert hosting.of("Sales.Alder.com.") == TakenInBy("google", "google")
    assert hosting.of("birch.com") == TakenInBy("microsoft", "microsoft")
    assert hosting.of("cedar.com") == TakenInBy("others", "cedar.com")
    assert hosting.of("gmail.com") == TakenInBy("google", "google")
    assert hosting.of("nobody-asked.com") == TakenInBy("others", "nobody-asked.com")
    assert hosting.of("") == TakenInBy("others", "")


@pytest.mark.parametrize(
    ("domain", "asked"),
    [
        ("alder.com", True), ("mail.alder.co.uk", True), ("alder.example", False), ("www.example.com", False),
        ("localhost", False), ("gmail.com", False), ("outlook.de", False), ("", False),
    ],
)  # fmt: skip
def test_dns_is_asked_only_where_it_can_say_something(domain: str, *, asked: bool) -> None:
    assert is_asked_about(domain) is asked


def test_a_well_known_name_needs_no_question() -> None:
    assert told_by_name("gmail.com").host == "google"
    assert told_by_name("alder.example").host == "alder.example"
