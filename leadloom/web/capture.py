"""How does somebody come in by themselves? The hosted forms at /f/<name>; they take posts from other sites, too."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.intake import form_post
from leadloom.domain.intake.capture import Allowed, Door
from leadloom.domain.intake.form import Form, said
from leadloom.domain.mails.links import BadLink
from leadloom.domain.microsites.calculator import work_out
from leadloom.domain.microsites.reading import SESSION
from leadloom.runtime import form_posts
from leadloom.runtime.form_posts import Post
from leadloom.web import _form_page
from leadloom.web._form_page import Reader, forms_of, spoken
from leadloom.web._public import address, arrivals_of, company_of, fields_of, house_of, page, user_agent

router = APIRouter(include_in_schema=False)

_LONGEST_FIGURES, _MOST_FIGURES = 500, 20
_TICKED = frozenset({"on", "yes", "true", "1"})


@router.api_route("/f/{name}", methods=["GET", "HEAD"])
async def show(request: Request, name: str) -> HTMLResponse:
    """The empty form; of what we know of a reader who came by our link, nothing is asked and nothing shown."""
    forms = forms_of(request)
    form = forms.named(name)
    reader = await _form_page.reader_of(request, form, request.query_params.get("reader"))
    return await _form_page.draw(request, form, forms.parts, reader, posted={}, errors={})


@router.get("/f/{name}/thanks")
async def thank(request: Request, name: str) -> HTMLResponse:
    """What happens next."""
    house, forms = house_of(request), forms_of(request)
    form = forms.named(name)
    language = spoken(request, form, {})
    answer = page(
        "thanks.html",
        at=house.now(),
        company=await company_of(house),
        form=form,
        language=language,
        say=_form_page.saying(form, language),
        own=forms.parts.words[language],
        framed="framed" in request.query_params,
        gives=_given(request, form),
    )
    return _form_page.guarded(answer, form, framed="framed" in request.query_params)


def _given(request: Request, form: Form) -> str:
    """Where what the form gives is opened, for who has just posted it; empty for anybody else who looks here."""
    key, asset = request.query_params.get("key", ""), form.thanks.gives
    try:
        is_theirs = asset is not None and house_of(request).signer.read_asset(key) == asset
    except BadLink:
        return ""
    return f"/m/{asset}?key={key}" if is_theirs else ""


async def take(request: Request) -> Response:
    """Capture and thank; bad input comes back with its fields filled and the error beside the field."""
    forms = forms_of(request)
    form = forms.named(request.path_params["name"])
    posted = await fields_of(request)
    reader = await _form_page.reader_of(request, form, posted.get("reader"))
    language = spoken(request, form, posted)
    own = forms.parts.words[language]
    errors = dict.fromkeys(form_post.missing(form, posted, reader.known), own.needed)
    if not errors and form_post.was_too_fast(form, posted, house_of(request).now()):
        errors = {"": own.quick}
    if not errors:
        try:
            await _capture(request, form, posted, reader, language)
        except BadInput as error:
            words = form_post.wrong_words(forms.parts, error, language)
            errors = {error.field if error.field in form.fields else "": words}
        else:
            return RedirectResponse(_next(request, form, posted, language), status_code=HTTPStatus.SEE_OTHER)
    return await _form_page.draw(request, form, forms.parts, reader, posted=posted, errors=errors)


# A plain route: posts come in crowds, and FastAPI's search for parameters would cost each as much as deciding about it.
# It is open to other sites, as such a route is: nothing here looks at a cookie.
crowds = (Route("/f/{name}", take, methods=["POST"]),)


async def _capture(request: Request, form: Form, posted: Mapping[str, str], reader: Reader, language: str) -> None:
    """Make a lead of it, or hold it for a look; who posts can't tell which. Raises BadInput, Transient."""
    fields = form_post.told_by(form, posted)
    if not fields.get("email", "").strip() and reader.lead is not None and reader.lead.email is not None:
        fields["email"] = reader.lead.email
    if len(form.languages) > 1 and posted.get("lang") in form.languages:
        fields.setdefault("language", posted["lang"])
    post = Post(form, fields, _door(request, form, posted, language), bait=posted.get(form_post.BAIT, ""))
    lead_id = await form_posts.take(house_of(request), arrivals_of(request), request.app.state.flood, post)
    if lead_id is not None and SESSION.fullmatch(session := posted.get("reading", "")):
        await form_posts.join_readings(house_of(request), session, lead_id)


def _door(request: Request, form: Form, posted: Mapping[str, str], language: str) -> Door:
    return Door.built(
        name=form.name,
        at=house_of(request).now(),
        event=form.event,
        source=form.source,
        key=form_post.key_of(form, posted),
        allows=tuple(
            Allowed.built(
                purpose=box.purpose, wording=said(box.box, language, form.language), version=box.version,
                language=language,
            )
            for box in form.consents
            if posted.get(box.name, "").strip().lower() in _TICKED
        ),
        ip=address(request),
        page=form_post.shown_on(form, posted) or _page_of(request),
        user_agent=user_agent(request) or None,
        tells={**form_post.besides(form, posted), **_worked_out(request, form, posted)},
    )  # fmt: skip


def _worked_out(request: Request, form: Form, posted: Mapping[str, str]) -> dict[str, str]:
    """What its reader's figures come to, worked out here and not believed; nothing where they can't be read."""
    if form.counts is None:
        return {}
    name, _, piece = form.counts.partition("/")
    try:
        site = request.app.state.sites.sites().named(name)
        calculator = site.calculators[site.piece(piece).front.calculator or ""]
    except (NotFound, KeyError):
        return {}
    try:
        figures = dict(parse_qsl(posted.get("figures", "")[:_LONGEST_FIGURES], max_num_fields=_MOST_FIGURES))
    except ValueError:
        figures = {}
    return work_out(calculator, figures).told


def _page_of(request: Request) -> str:
    """Where the form stood: the page that posted it, without its query, which may name a person."""
    came_from = urlsplit(request.headers.get("referer", ""))
    if came_from.scheme in ("http", "https") and came_from.netloc:
        return f"{came_from.scheme}://{came_from.netloc}{came_from.path}"[:300]
    return request.scope["path"]


def _next(request: Request, form: Form, posted: Mapping[str, str], language: str) -> str:
    """Where its sender goes now: where the form lets them ask to go, else to its thanks."""
    if (wish := form_post.leads_to(form, posted)) is not None:
        return wish
    asked = {"lang": language} if language != form.language else {}
    asked |= {"framed": "1"} if posted.get("framed") else {}
    if form.thanks.gives is not None:
        asked["key"] = house_of(request).signer.asset(form.thanks.gives)
    return f"/f/{form.name}/thanks" + (f"?{urlencode(asked)}" if asked else "")
