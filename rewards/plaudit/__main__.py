"""`python -m plaudit`: the same program as `plaudit`."""

from plaudit.cli import main

if __name__ == "__main__":
    main()
