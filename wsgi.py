"""The one entry for web, worker, release and commands: puts platform/ on the path and makes the application.

`gunicorn wsgi:app`, `flask --app wsgi ...`; `python wsgi.py run` and `python wsgi.py demo` are what the Makefile calls.
"""

import gc
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "platform"))

if __name__ == "__main__":
    from app.local import main

    raise SystemExit(main(sys.argv[1:]))

# What is loaded stays: collections while it is loading find nothing, and one that walks it again later would hold a request up for a tenth of a second.
gc.disable()

from app.assembly import create_app  # noqa: E402 see above

app = create_app()
gc.freeze()
gc.enable()
