"""Is nobody but SNS ever asked for a certificate, or told that we want a topic?"""

from __future__ import annotations

import pytest

from leadloom.domain.errors import BadInput
from leadloom.runtime.provider_proof import is_sns_confirmation
from leadloom.runtime.sns_certificates import SnsCertificates, confirm_subscription
from tests.web.providers import CONFIRM


def test_a_confirmation_stands_at_sns_itself() -> None:
    assert is_sns_confirmation(CONFIRM)
    assert is_sns_confirmation("https://sns.cn-north-1.amazonaws.com.cn/?Action=ConfirmSubscription")


@pytest.mark.parametrize(
    "url",
    [
        CONFIRM.replace("https", "http"),
        CONFIRM.replace("amazonaws.com", "amazonaws.com.attacker.example"),
        CONFIRM.replace("sns.", "sns.x@"),
        CONFIRM.replace("/?", ":8443/?"),
        CONFIRM.replace("/?", "/internal?"),
        "https://sns.eu_central.amazonaws.com/",
        "https://169.254.169.254/",
        "file:///etc/passwd",
        "None",
    ],
)
async def test_nobody_else_is_asked(url: str) -> None:
    with pytest.raises(BadInput, match="SNS"):
        await confirm_subscription(url)
    with pytest.raises(BadInput, match="SNS"):
        await SnsCertificates()(url)
