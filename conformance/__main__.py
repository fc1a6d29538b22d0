"""``python -m conformance``, and of the installed library ``python -m xspace.conformance``."""

import sys

if __name__ == "__main__":
    from .runner import main

    sys.exit(main())
