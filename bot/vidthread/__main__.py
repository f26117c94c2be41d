"""`python -m vidthread` is the command `vidthread`."""

import sys

from .cli import main

sys.exit(main())
