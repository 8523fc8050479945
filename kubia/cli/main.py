"""The command `kubia`: turns errors into words on standard error and exit codes."""

import sys

from kubia.errors import InvalidError, KubiaError

INTERRUPTED = 130
"""The exit code after Ctrl-C: 128 and SIGINT's number, as shells have it."""


def run() -> None:
    """Run the command line and exit with an `ExitCode`, or with 130 if it was interrupted."""
    try:
        # Loading takes a moment, and Ctrl-C is to be answered properly from the first one on.
        from kubia.cli import app

        app.app()
    except InvalidError as error:
        for problem in error.problems:
            _print(problem)
        sys.exit(error.exit_code)
    except KubiaError as error:
        _print(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _interrupted()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            _interrupted()
        raise


def _interrupted() -> None:
    _print("interrupted: what was done stays; run the same again to go on.")
    sys.exit(INTERRUPTED)


def _print(problem: str) -> None:
    from kubia import console

    console.error(problem)


if __name__ == "__main__":
    run()
