"""Double opt-in on real parts, in virtual time: the guide at once, a letter only after the press, never without it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import httpx

from leadloom.mail.wire_lint import lint_wire
from leadloom.runtime.wiring import House
from leadloom.web.app import create_app
from tests.house import TestHouse, a_house
from tests.store.acts import rows

DAY = timedelta(days=1)


class AtThisMoment(House):
    """The web's house, whose business time is told to it: the server's skips."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def mails_to(house: TestHouse, who: str) -> list[str]:
    return [mail.header("Feedback-ID").split(":")[0] for mail in house.trap.mails if who in mail.header("To")]


async def test_a_german_reader_gets_the_guide_at_once_and_letters_only_after_confirming(dsn: str) -> None:
    async with a_house(dsn) as house:
        inner = house.house
        web = AtThisMoment(inner.settings, inner.db, inner.signer, inner.temporal)
        transport = httpx.ASGITransport(app=create_app(web))
        async with httpx.AsyncClient(transport=transport, base_url="https://kelvance.example") as client:

            async def ask(method: str, path: str, **form: str) -> httpx.Response:
                object.__setattr__(web, "at", await house.now())
                return await client.request(method, path, data=form or None)

            told = {"company": "Nordkap Pharma", "country": "Germany", "consent": "yes"}
            for who in ("mia@nordkap.example", "ole@nordkap.example", "eva@nordkap.example"):
                assert (await ask("POST", "/f/guide", email=who, **told)).status_code == 303
            await house.pass_time(DAY)
            assert sorted(mails_to(house, "mia@")) == ["confirm", "deliver-guide"]
            [confirm] = [mail for mail in house.trap.mails if "mia@" in mail.header("To") and b"/y/" in mail.raw]
            text = confirm.text
            link = re.search(r"(/y/[\w-]+)", text)
            assert link is not None
            assert "ein Klick" in text
            # A gateway opens every link: nothing follows.
            assert (await ask("GET", link[1])).status_code == 200
            pressed = await ask("POST", link[1])
            assert "Danke. Die Briefe kommen." in pressed.text
            # Eva never wrote her address anywhere: her mail program's button ends it at once, without a page.
            [to_eva] = [mail for mail in house.trap.mails if "eva@" in mail.header("To") and b"/y/" in mail.raw]
            assert lint_wire(to_eva.raw, mail_class="service", stops=True) == []
            [guide] = [mail for mail in house.trap.mails if "eva@" in mail.header("To") and b"/y/" not in mail.raw]
            assert lint_wire(guide.raw, mail_class="service") == []
            one_click = re.match(r"<https?://[^/]+(/u/[\w-]+)>", to_eva.header("List-Unsubscribe"))
            assert one_click is not None
            assert to_eva.header("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
            stopped = await ask("POST", one_click[1], **{"List-Unsubscribe": "One-Click"})
            assert (stopped.status_code, stopped.headers.get("location")) == (200, None)
            await house.pass_time(39 * DAY)
            mia, ole = mails_to(house, "mia@"), mails_to(house, "ole@")
            assert mia[2:] == ["nine-minutes", "calculator", "meridian", "audit-report", "one-question"]
            assert sorted(mails_to(house, "eva@")) == ["confirm", "deliver-guide"]
            # The other one never pressed: asked, reminded once, and left alone.
            assert sorted(ole) == ["confirm", "deliver-guide", "remind"]
            late = await ask("GET", link[1])
            assert "Danke" in late.text
        happened = await rows(
            dsn, "SELECT kind, email FROM event JOIN lead USING (lead_id) WHERE kind LIKE 'opt_in%' ORDER BY 1"
        )
        assert [tuple(row) for row in happened] == [
            ("opt_in_confirmed", "mia@nordkap.example"), ("opt_in_expired", "ole@nordkap.example"),
        ]  # fmt: skip
        clocks = await rows(dsn, "SELECT kind FROM lead_clock WHERE kind = 'opt-in-expiry'")
        assert clocks == []
