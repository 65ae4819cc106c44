"""`python -m contract_tests`, and the command `contract-tests`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, or say what is missing to run it.

    Python's exit code after a failed import is 1, which would read as a violation.
    """
    try:
        from contract_tests.cli.main import main as command
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("contract_tests", "mockserver"):
            raise
        sys.stderr.write(f"Error: {error.name} is not installed: pip install 'analytics-mock[contract-tests]'\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    command(prog_name="contract-tests")


if __name__ == "__main__":
    main()
