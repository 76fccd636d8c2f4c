"""Whose is a mail domain: a company's, a part of one, anybody's at a provider of mail, or a roof over many?"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

from leadloom.domain.model import Value

Registrable = Callable[[str], str | None]
"""Domain → the domain somebody registered, by the public suffix list (private suffixes count); None for a suffix."""

_KNOWN_EVERYWHERE = """
    aim.com alice.it aliceadsl.fr aol.com aol.de arcor.de att.net bell.net bellsouth.net bigpond.com
    bigpond.net.au blueyonder.co.uk bluewin.ch bol.com.br btinternet.com btopenworld.com centrum.cz charter.net
    comcast.net cox.net daum.net duck.com earthlink.net email.cz email.de email.it fastmail.com fastmail.fm
    free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hanmail.net hey.com home.nl
    hotmail.be hotmail.ca hotmail.ch hotmail.co.uk hotmail.com hotmail.com.ar hotmail.com.br hotmail.de hotmail.es
    hotmail.fr hotmail.it hotmail.nl hushmail.com icloud.com ig.com.br inbox.lv inbox.ru interia.pl juno.com
    kpnmail.nl laposte.net libero.it list.ru live.ca live.cn live.co.uk live.com live.com.au live.de live.fr
    live.it live.nl mac.com mail.com mail.de mail.ru mailbox.org me.com msn.com mweb.co.za naver.com neuf.fr
    ntlworld.com o2.pl onet.pl online.de online.no optonline.net optusnet.com.au orange.fr outlook.at outlook.be
    outlook.com outlook.com.br outlook.de outlook.es outlook.fr outlook.it planet.nl pm.me posteo.de
    poczta.onet.pl privaterelay.appleid.com proton.me protonmail.ch protonmail.com qq.com rambler.ru
    rediffmail.com rocketmail.com rogers.com sapo.pt sbcglobal.net seznam.cz sfr.fr shaw.ca sina.com sky.com
    skynet.be sohu.com t-online.de talktalk.net telenet.be telia.com telus.net terra.com.br tin.it tiscali.it
    tuta.com tutanota.com tuta.io uol.com.br ukr.net verizon.net virgilio.it virgin.net virginmedia.com
    vodafone.de wanadoo.fr web.de windstream.net wp.pl xs4all.nl xtra.co.nz ya.ru yahoo.ca yahoo.co.id yahoo.co.in
    yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.com.mx yahoo.com.sg yahoo.de
    yahoo.es yahoo.fr yahoo.in yahoo.it yandex.com yandex.ru yeah.net ymail.com zoho.com zonnet.nl 126.com 163.com
    10minutemail.com guerrillamail.com mailinator.com sharklasers.com trashmail.com tempmail.com yopmail.com
"""
FREE_MAIL = frozenset(_KNOWN_EVERYWHERE.split())
"""Where anybody gets a mailbox, known everywhere; the definition adds its own (`mql.free_mail`)."""

_SHARED = """
    onmicrosoft.com googleapps.com google.com zohomail.com secureserver.net mail.onmicrosoft.com ovh.net
    kasserver.com strato.de ionos.com hostedemail.com wixsite.com myshopify.com wordpress.com blogspot.com
"""
_ROOFS = frozenset(_SHARED.split())
"""Hosts under which every customer has a name of its own."""
_LEARNING = re.compile(
    r"(^|\.)(edu|ac)\.[a-z]{2,3}$|\.edu$|(^|[.-])(uni|univ|university|universitat|fh|tu|th|eth|hs)[.-]"
)


class Ground(StrEnum):
    """What a mail domain says about a company."""

    OWN = "own"
    """It was registered by somebody: a company's, or a part's of one."""
    FREE = "free mail"
    ROOF = "a shared host"


class Site(Value):
    """What a domain tells."""

    domain: str
    ground: Ground
    roof: str
    """The domain somebody registered; of `mail.nordkap.example` it is `nordkap.example`."""
    label: str
    """Its first part: `nordkap`."""
    is_learning: bool
    """A university's: its parts (a clinic, an institute) are others than it."""

    @property
    def is_part(self) -> bool:
        """Whether it lies below a registered domain."""
        return self.domain != self.roof


def is_free_mail(domain: str) -> bool:
    """Whether anybody gets a mailbox there."""
    return domain in FREE_MAIL


def site_of(domain: str, registrable: Registrable) -> Site:
    """What the domain tells; `domain` in lower case and ASCII, as a normalised address has it."""
    roof = registrable(domain) or domain
    ground = Ground.OWN
    if is_free_mail(domain) or is_free_mail(roof):
        ground = Ground.FREE
    elif roof in _ROOFS or any(domain.endswith(f".{one}") for one in _ROOFS):
        ground, roof = Ground.ROOF, domain
    return Site(
        domain=domain,
        ground=ground,
        roof=roof,
        label=roof.partition(".")[0],
        is_learning=_LEARNING.search(roof) is not None,
    )
