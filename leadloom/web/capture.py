"""How does somebody come in by themselves? The hosted forms at /f/<name>; they take posts from other sites, too."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.intake.capture import Door
from leadloom.web._forms import Form, forms
from leadloom.web._public import address, arrivals_of, company_of, fields_of, house_of, page, user_agent

router = APIRouter(include_in_schema=False)

BAIT = "fax_number"
"""A field no person sees. Whoever fills it is thanked and forgotten."""
FASTEST = timedelta(seconds=2)
"""Nobody fills a form in less. Whoever does is asked to press again, so that a fast person isn't lost."""

_OURS = frozenset({BAIT, "began", "once"})
_ONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")


@router.api_route("/f/{name}", methods=["GET", "HEAD"])
async def show(request: Request, name: str) -> HTMLResponse:
    """The empty form."""
    return await _page(request, name, _form(name), fields={}, errors={})


@router.get("/f/{name}/thanks")
async def thank(request: Request, name: str) -> HTMLResponse:
    """What happens next."""
    house, form = house_of(request), _form(name)
    return page("thanks.html", at=house.now(), company=await company_of(house), thanks=form.thanks)


async def take(request: Request) -> Response:
    """Capture and thank; bad input comes back with its fields filled and the error beside the field."""
    name = request.path_params["name"]
    form = _form(name)
    posted = await fields_of(request)
    thanks = RedirectResponse(f"/f/{name}/thanks", status_code=HTTPStatus.SEE_OTHER)
    if posted.get(BAIT):
        return thanks
    fields = {field: text for field, text in posted.items() if field not in _OURS}
    errors = {field: "This is needed." for field in form.needs if not fields.get(field, "").strip()}
    if not errors and _too_fast(request, posted):
        errors = {"": "That was quick. If you are a person, press the button once more."}
    if not errors:
        door = _door(request, name, form, posted)
        try:
            await arrivals_of(request).form({**fields, **form.keeps}, door, at=door.at)
        except BadInput as error:
            errors = {error.field if error.field in form.asks else "": error.remedy}
        else:
            return thanks
    return await _page(request, name, form, fields=posted, errors=errors)


# A plain route: posts come in crowds, and FastAPI's search for parameters would cost each as much as deciding about it.
# It is open to other sites, as such a route is: nothing here looks at a cookie.
router.add_route("/f/{name}", take, methods=["POST"])


def _form(name: str) -> Form:
    form = forms().forms.get(name)
    if form is None:
        raise NotFound("form", name)
    return form


def _too_fast(request: Request, posted: dict[str, str]) -> bool:
    """Forms of other pages don't say when they were opened; they aren't judged."""
    began = posted.get("began", "")
    elapsed = house_of(request).now().timestamp() - int(began) if began.isdecimal() and len(began) < 12 else None
    return elapsed is not None and 0 <= elapsed < FASTEST.total_seconds()


def _door(request: Request, name: str, form: Form, posted: dict[str, str]) -> Door:
    once = posted.get("once", "")
    return Door(
        name=name,
        at=house_of(request).now(),
        event=form.event,
        source=form.source,
        # The same shown form posted twice (a double press, a reload) is one event.
        key=f"form:{name}:{once}" if _ONCE.fullmatch(once) else None,
        wording=form.consent,
        ip=address(request),
        page=_page_of(request),
        user_agent=user_agent(request) or None,
        tells=form.tells,
    )


def _page_of(request: Request) -> str:
    """Where the form stood: the page that posted it, without its query, which may name a person."""
    came_from = urlsplit(request.headers.get("referer", ""))
    if came_from.scheme in ("http", "https") and came_from.netloc:
        return f"{came_from.scheme}://{came_from.netloc}{came_from.path}"[:300]
    return request.scope["path"]


async def _page(
    request: Request, name: str, form: Form, *, fields: dict[str, str], errors: dict[str, str]
) -> HTMLResponse:
    house = house_of(request)
    # A form that comes back keeps when it was opened and its key: it is the same form.
    began = fields.get("began", "") or str(int(house.now().timestamp()))
    once = fields.get("once", "") or secrets.token_urlsafe(16)
    return page(
        "form.html",
        at=house.now(),
        company=await company_of(house),
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        name=name,
        form=form,
        asked={field: forms().fields[field] for field in form.asks},
        values=fields,
        errors=errors,
        bait=BAIT,
        began=began,
        once=once,
    )
