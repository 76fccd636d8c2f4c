"""The letter of buying-circle: a brief its champion can forward as it stands."""

from tests.journeys.letters import KNOWN, faults_of_letter, written


def test_the_brief_is_one_we_would_send():
    assert faults_of_letter("buying-circle", "brief", mail_class="marketing", handle="dana-whitlock") == []


def test_the_brief_tells_nobody_what_a_colleague_read():
    brief = written("buying-circle", "brief", KNOWN, mail_class="marketing").text

    assert "colleague" not in brief
