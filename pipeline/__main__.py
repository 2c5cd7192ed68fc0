"""`python -m pipeline` is the command."""

from pipeline.cli import main

main()
