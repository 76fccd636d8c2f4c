"""How does a list come in by the browser? Sent, mapped, rehearsed, brought in; each step of it can be taken back."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.intake.columns import LEAD_FIELDS
from leadloom.domain.lead import BasisKind
from leadloom.runtime import list_form
from leadloom.runtime.import_leads import LeadList
from leadloom.runtime.table import MOST_COLUMNS
from leadloom.runtime.table_file import SEPARATORS
from leadloom.runtime.uploaded_lists import LARGEST, receive, safe_name
from leadloom.store import published, uploads
from leadloom.store.published import Book
from leadloom.store.tx import Tx
from leadloom.store.uploads import Upload
from leadloom.web._public import content_type, fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._visit import Looking, Visit
from leadloom.web.console.imports import imports_page

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_OPERATION, Right.BRING_IN_LISTS, whole=True)])

_OF_A_FORM = 30
"""Fields of the form that maps a list, besides one for each column."""
_OF_AN_UPLOAD = 8


@router.post("/imports")
async def send(visit: Visit) -> Response:
    """Take a list: looked at, kept, nothing of it brought in yet."""
    if content_type(visit.request) != "multipart/form-data":
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send a form with a file: multipart/form-data.")
    async with visit.request.form(max_files=1, max_fields=_OF_AN_UPLOAD) as form:
        said = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        visit.check_form(said.get("token", ""))
        try:
            async with visit.house.db.read() as tx:
                seat = visit.seated(await published.book(tx))
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.filename:
                raise BadInput("file", None, "Choose a CSV file or an Excel workbook (.xlsx).")
            upload_id = await _kept(visit, file, said, by=seat.handle)
        except (BadInput, Conflict) as error:
            return await imports_page(visit, refused=str(error), status=HTTPStatus.BAD_REQUEST)
    return RedirectResponse(f"/imports/uploads/{upload_id}", status_code=HTTPStatus.SEE_OTHER)


async def _kept(visit: Looking, file: UploadFile, said: Mapping[str, str], *, by: str) -> UUID:
    how = LeadList(
        encoding=said.get("encoding", "").strip() or None,
        separator=next((sign for sign, name in SEPARATORS.items() if name == said.get("separator")), None),
        sheet=said.get("sheet", "").strip() or None,
    )
    with TemporaryDirectory(prefix="leadloom-upload-") as folder:
        path = Path(folder) / safe_name(file.filename or "")
        with path.open("wb") as kept:
            await asyncio.to_thread(shutil.copyfileobj, file.file, kept)
        if path.stat().st_size > LARGEST:
            raise BadInput("file", path.name, f"It is larger than {LARGEST >> 20} MB. Bring it in by `leads import`.")
        return await receive(visit.house.db, path, how, by=by, at=visit.at)


@router.get("/imports/uploads/{upload_id}")
async def show(visit: Visit, upload_id: UUID) -> HTMLResponse:
    """A list that was sent: how it is to be read, what a rehearsal said of it, how far it is."""
    return await _page(visit, upload_id)


@router.post("/imports/uploads/{upload_id}")
async def act(visit: Visit, upload_id: UUID) -> Response:
    """Rehearse it, bring it in, or give it up, in the name of the seat."""
    fields = await fields_of(visit.request, most=MOST_COLUMNS + _OF_A_FORM)
    visit.check_form(fields.get("token", ""))
    try:
        async with visit.house.db.transaction() as tx:
            book = await published.book(tx)
            visit.seated(book)
            await _act(tx, visit, await uploads.one(tx, upload_id), fields, book)
    except (BadInput, Conflict) as error:
        return await _page(visit, upload_id, refused=str(error), fields=fields, status=HTTPStatus.BAD_REQUEST)
    place = "/imports" if fields.get("do") == "cancel" else f"/imports/uploads/{upload_id}"
    return RedirectResponse(place, status_code=HTTPStatus.SEE_OTHER)


async def _act(tx: Tx, visit: Looking, upload: Upload, fields: Mapping[str, str], book: Book) -> None:
    acts: dict[str, Callable[[Tx, UUID], Awaitable[None]]] = {"bring-in": uploads.bring_in, "cancel": uploads.cancel}
    said = fields.get("do", "")
    if said == "rehearse":
        how = list_form.told(upload.found, upload.options, fields)
        list_form.check(upload.found, how, book, at=visit.at)
        await uploads.rehearse(tx, upload.upload_id, how.model_dump(mode="json"))
    elif said in acts:
        await acts[said](tx, upload.upload_id)
    else:
        raise BadInput("do", said[:20], "Press one of the buttons of the page.")


async def _page(
    visit: Looking,
    upload_id: UUID,
    *,
    refused: str | None = None,
    fields: Mapping[str, str] | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book, upload = await published.book(tx), await uploads.one(tx, upload_id)
    how, columns = LeadList.model_validate(upload.options), list_form.columns_asked(upload.found, upload.options)
    said = {**_as_form(how, columns, upload), **(fields or {})}
    page = visit.page(
        "console/upload.html",
        book,
        status=status,
        upload=upload,
        columns=columns,
        said=said,
        refused=refused or upload.error,
        lead_fields=tuple(LEAD_FIELDS),
        bases=tuple(_bases(book)),
        stage_choices=tuple((one.name, one.name) for one in book.definition.stages if one.kind != "sla"),
        source_choices=tuple((key, source.label) for key, source in book.definition.sources.items()),
        kept=uploads.KEPT,
        told=upload.told,
    )
    if upload.is_under_way:
        page.headers["Refresh"] = "2"
    return page


def _as_form(how: LeadList, columns: tuple[list_form.Asked, ...], upload: Upload) -> dict[str, str]:
    """What the form says before anybody has changed it."""
    said = {f"{list_form.COLUMN}{each.place}": each.field or "" for each in columns}
    texts = ("basis", "collected_on", "source", "list_source", "stage", "dates", "zone")
    said |= {name: str(getattr(how, name) or "") for name in texts}
    said |= {name: "yes" for name in ("keep_existing", "start_journeys") if getattr(how, name)}
    return said | {"made": "\n".join(list_form.made_of_columns(upload.options)), "value": "\n".join(how.value)}


def _bases(book: Book) -> list[tuple[str, str]]:
    """What everybody in a list may have allowed, with its words."""
    usable = [kind for kind in BasisKind if kind not in (BasisKind.NONE, BasisKind.SERVICE, BasisKind.IMPLIED)]
    rules = book.definition.consent.from_events.items()
    implied = [name for name, rule in rules if rule.kind is BasisKind.IMPLIED and rule.for_ is not None]
    found = [(kind.value, kind.value.replace("-", " ")) for kind in usable]
    return found + [(f"implied:{name}", f"implied by {name.replace('-', ' ')}") for name in implied]
