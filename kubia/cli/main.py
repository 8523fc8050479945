"""The command `kubia`: turns errors into words on standard error and exit codes."""

import sys

from kubia.errors import InvalidError, KubiaError

INTERRUPTED = 130


def run() -> None:
    """Run the command line. Exit codes: 0 done, 1 failed, 2 misuse, 130 interrupted."""
    try:
        # Loading takes a moment, and Ctrl-C is to be answered properly from the first one on.
        from kubia.cli import app  # noqa: PLC0415

        app.app()
    except InvalidError as error:
        for problem in error.problems:
            _tell(problem)
        sys.exit(error.exit_code)
    except KubiaError as error:
        _tell(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _interrupted()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            _interrupted()
        raise


def _interrupted() -> None:
    _tell("interrupted: what was done stays; run the same again to go on.")
    sys.exit(INTERRUPTED)


def _tell(problem: str) -> None:
    from kubia import console  # noqa: PLC0415 (as above)

    console.error(problem)


if __name__ == "__main__":
    run()
