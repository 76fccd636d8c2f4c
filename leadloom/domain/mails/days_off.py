"""On which days does no windowed mail go to a lead's country? Public holidays and pauses, by the lead's own date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import holidays

from leadloom.domain.definitions.mail_policy import MailPolicy, Pause


class DaysOff:
    """The days off of one country. Holidays come from the `holidays` package: data, worked out year by year."""

    def __init__(self, country: str | None, pauses: Sequence[Pause] = (), *, keeps_holidays: bool = False) -> None:
        """`country` is ISO 3166-1 alpha-2; None is nowhere we know, where only pauses for everybody hold."""
        self._country = country
        self._pauses = tuple(pause for pause in pauses if pause.is_for(country))
        self._holidays = (
            holidays.country_holidays(country, language="en_US") if country is not None and keeps_holidays else None
        )

    @classmethod
    def under(cls, policy: MailPolicy, country: str | None) -> DaysOff:
        """The days off that the mail policy gives leads of that country."""
        known = country.upper() if country else None
        return cls(known, policy.pauses, keeps_holidays=known in policy.holidays)

    def on(self, day: date) -> str | None:
        """Why that local day is off, in words; None when it isn't. A pause says more than the holidays within it."""
        for pause in self._pauses:
            if pause.from_ <= day <= pause.through:
                return f"no mail from {pause.from_} through {pause.through} ({pause.why})"
        name = None if self._holidays is None else self._holidays.get(day)
        return None if name is None else f"{day} is a holiday in {self._country} ({name})"


NOTHING_OFF = DaysOff(None)
"""For whom every day of the window is as good as another."""
