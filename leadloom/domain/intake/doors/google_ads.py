"""Google Ads' lead form, as its webhook posts it: developers.google.com/google-ads/webhook."""

from __future__ import annotations

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.doors.filled import Filled
from leadloom.domain.intake.touch import clean
from leadloom.domain.model import Json

NAME = "google-ads"
_NAMES = {
    "EMAIL": "email", "WORK_EMAIL": "email", "FULL_NAME": "name", "FIRST_NAME": "firstName", "LAST_NAME": "lastName",
    "PHONE_NUMBER": "phone", "WORK_PHONE": "phone", "COMPANY_NAME": "company", "JOB_TITLE": "title",
    "COUNTRY": "country", "POSTAL_CODE": "postal_code", "CITY": "city", "REGION": "region",
}  # fmt: skip
_WHERE = {"gcl_id": "gclid", "campaign_id": "utm_campaign", "form_id": "form_id", "adgroup_id": "utm_content"}


def key_of(body: Json) -> str:
    """The key its settings page was given: the proof that it is ours."""
    told = body.get("google_key") if isinstance(body, dict) else None
    return told if isinstance(told, str) else ""


def read(body: Json) -> Filled:
    """Read a lead form. Raises BadInput for another shape."""
    columns = body.get("user_column_data") if isinstance(body, dict) else None
    lead_id = body.get("lead_id") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(columns, list) or not isinstance(lead_id, str):
        raise BadInput("user_column_data", "", "Send lead_id and user_column_data, as Google Ads does.")
    traits: dict[str, Json] = {}
    # A work address says more than a private one: it stands last, and the later value counts.
    for column in sorted((each for each in columns if isinstance(each, dict)), key=_is_work):
        name, value = column.get("column_id"), column.get("string_value")
        if isinstance(name, str) and isinstance(value, str) and value.strip():
            traits[_NAMES.get(name, clean(name, 60).lower())] = value
    touch: dict[str, Json] = {
        ours: clean(str(body[theirs]), 100) for theirs, ours in _WHERE.items() if body.get(theirs) is not None
    }
    return Filled(traits=traits, key=f"{NAME}:{clean(lead_id, 200)}", touch=touch, is_test=body.get("is_test") is True)


def _is_work(column: dict[str, Json]) -> bool:
    return str(column.get("column_id", "")).startswith("WORK_")
