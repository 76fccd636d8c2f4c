"""The command line's door: `python starter.py NOUN VERB`. Finds the commands in leadloom/cli/."""

from __future__ import annotations

import os
import sys

from leadloom.cli._door import run

if __name__ == "__main__":
    code = run(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # The SDK can abort the interpreter at exit (temporalio/sdk-python issue 300): leave before it does.
    os._exit(code)
