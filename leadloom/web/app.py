"""What answers HTTP? One app; every module of this folder that has a `router` is found and becomes part of it.

What stands in a module's `crowds` is asked for hundreds of times a second, and found before anything else.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from fastapi import APIRouter, Depends, FastAPI
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

import leadloom.web as web
from leadloom.domain.errors import BadInput
from leadloom.runtime import catalog
from leadloom.runtime.arrivals import Arrivals
from leadloom.runtime.form_posts import Flood
from leadloom.runtime.forms import FormFolder
from leadloom.runtime.microsites import SiteFolder
from leadloom.runtime.oidc import Oidc
from leadloom.runtime.passwords import Passwords
from leadloom.runtime.sns_certificates import SnsCertificates
from leadloom.runtime.tracking import Tracking
from leadloom.runtime.wiring import House
from leadloom.web.faults import answer_faults
from leadloom.web.security import LimitedBody, SafeHeaders, refuse_other_sites

STATIC = Path(__file__).parent / "static"


def create_app(house: House) -> FastAPI:
    """The app on an opened house; whoever opened the house closes it."""
    # Whose turn a wake-up is says the workflow's class: found now, so that no first visitor waits for its import.
    catalog.workflow_classes()
    # No page of FastAPI's own: its API browser loads scripts from elsewhere.
    app = FastAPI(
        title="Leadloom", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(refuse_other_sites)]
    )
    _refuse_open_seats(house)
    app.state.house = house
    app.state.passwords, app.state.oidc = Passwords(), Oidc(house.settings)
    app.state.arrivals = Arrivals(house.db)
    app.state.tracking = Tracking(house)
    app.state.running_calls = set()
    app.state.sns_certificates = SnsCertificates()
    app.state.forms, app.state.flood, app.state.sites = FormFolder(looks_every_s=1.0), Flood(), SiteFolder()
    app.add_middleware(LimitedBody)
    app.add_middleware(SafeHeaders)
    answer_faults(app)
    app.router.routes.extend(_of_crowds())
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for router in routers():
        app.include_router(router)
    return app


def _refuse_open_seats(house: House) -> None:
    """Raises BadInput where anybody could come and be anybody."""
    if house.settings.sign_in == "seats" and not house.settings.is_near:
        remedy = "Choosing a seat is for this machine alone: take password or oidc (docs/how-to/users.md)."
        raise BadInput("LEADLOOM_SIGN_IN", "seats", remedy)


def routers() -> Iterator[APIRouter]:
    """The routers of this folder and the folders below it, in order of module name; `_name` is not looked at."""
    for module in _modules():
        router = getattr(module, "router", None)
        if isinstance(router, APIRouter):
            yield router


def _of_crowds() -> Iterator[Route]:
    """The plain routes of the same modules that must not wait for a search through all others."""
    for module in _modules():
        yield from getattr(module, "crowds", ())


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(web.__path__, web.__name__ + "."):
        if not found.name.rpartition(".")[2].startswith("_"):
            yield importlib.import_module(found.name)
