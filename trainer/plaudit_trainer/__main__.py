"""`python -m plaudit_trainer RECIPE`: the same as `plaudit train RECIPE`, for launchers that start modules."""

import sys

from plaudit.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "train")
    main()
