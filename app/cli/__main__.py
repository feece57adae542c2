"""`python -m app.cli`, the same as `penumbra`."""

import sys

from app.cli.main import main

sys.exit(main())
