"""Run the command line as `python -m mockserver`."""

from mockserver.cli.main import main

main(prog_name="mockserver")
