"""Is a mailbox of ours known again, whatever the relays on the way made of its address?"""

from __future__ import annotations

from uuid import UUID

import pytest

from leadloom.domain.mails.links import Purpose, Signer
from leadloom.domain.mails.mail_urls import MailUrls
from leadloom.domain.model import MessageId
from leadloom.domain.returns import addressed

SIGNER = Signer(["a secret of these tests alone"])
MAIL = MessageId(UUID(int=7))
URLS = MailUrls(base_url="", signer=SIGNER, message_id=MAIL, marketing=True)
BOX = URLS.mailbox(Purpose.BOUNCE, "kelvance.example")
LOCAL = BOX.partition("@")[0]


@pytest.mark.parametrize(
    "address",
    [
        BOX,
        BOX.upper(),
        f"<{BOX}>",
        f"prvs=0123456789={BOX}",
        f"btv1==0123456789=={BOX}",
        f"SRS0=ab12=XY=kelvance.example={LOCAL}@relay.example",
        f"srs0+ab12=XY=kelvance.example={LOCAL}@relay.example",
        f"SRS1=zz9=first.example==ab12=XY=kelvance.example={LOCAL}@second.example",
        f"prvs=0123456789=SRS0=ab12=XY=kelvance.example={LOCAL}@relay.example",
    ],
)
def test_our_token_is_found_in_every_wrapper(address: str) -> None:
    found = addressed.read(address, SIGNER)
    assert found is not None
    assert (found.purpose, found.message_id) == (Purpose.BOUNCE, MAIL)


@pytest.mark.parametrize(
    "address",
    ["", "@", "ana.torres@meridian-pharma.example",
     f"r-{LOCAL[2:]}@kelvance.example", f"{LOCAL[:-1]}a@kelvance.example", "b-" + "a" * 55],
)  # fmt: skip
def test_any_other_address_is_no_mailbox_of_ours(address: str) -> None:
    assert addressed.read(address, SIGNER) is None
