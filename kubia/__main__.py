"""`python -m kubia`: the command line, where the script `kubia` is not on PATH."""

from kubia.cli.main import run

if __name__ == "__main__":
    run()
