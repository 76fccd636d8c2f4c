"""What does a form say about a letter that is coming?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast, get_args

from leadloom.domain.errors import BadInput
from leadloom.domain.mails.review import Act
from leadloom.runtime.reviews import Wish

_PASSAGE = "passage-"


def wish_of(fields: Mapping[str, str]) -> Wish:
    """The wish a form posts. Raises BadInput for a button that isn't there."""
    act = fields.get("do", "")
    if act not in get_args(Act):
        raise BadInput("do", act[:20], "Press one of the buttons of the page.")
    passages = {name.removeprefix(_PASSAGE): text for name, text in fields.items() if name.startswith(_PASSAGE)}
    return Wish(act=cast("Act", act), passages=passages if act == "edit" else {})
