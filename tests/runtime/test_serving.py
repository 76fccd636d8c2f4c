"""Is the console served without a needless wait on connections that are used again?"""

from __future__ import annotations

import socket

from leadloom.runtime.local.serving import _listening


def test_accepted_connections_name_their_protocol_so_that_answers_wait_for_no_acknowledgement() -> None:
    with _listening(0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP
