"""The command line of `index` alone: `python -m newsdesk.index.cli`."""

from .app import main

main()
