"""`python -m kubia.operator`: run the operator until it is asked to stop."""

import asyncio
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Sequence

from kubia.errors import InvalidError, KubiaError
from kubia.operator import health, logs
from kubia.operator.api import Api, cluster
from kubia.operator.flags import parse
from kubia.operator.leader_election import LeaderElection
from kubia.operator.operator import Operator
from kubia.operator.settings import Settings

_log = logging.getLogger(__name__)


def main(argv: Sequence[str]) -> int:
    """Run; return the exit code: 0 asked to stop, 1 failed, 2 misused."""
    try:
        settings = parse(argv, os.environ)
        logs.setup(settings.log_level)
        asyncio.run(_run(settings))
    except InvalidError as error:
        sys.stderr.writelines(f"error: {problem}\n" for problem in error.problems)
        return error.exit_code
    except KubiaError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


async def _run(settings: Settings) -> None:
    api = Api(cluster(settings.context, settings.kubeconfig))
    identity = f"{socket.gethostname()}_{secrets.token_hex(4)}"
    election = LeaderElection(
        api, namespace=settings.lease_namespace, name=settings.lease_name, identity=identity
    )
    operator = Operator(settings, api, None if settings.dry_run else election)
    try:
        server = await health.serve(operator, settings.host, settings.port)
    except OSError as error:
        await api.close()
        message = f"port: {settings.port} on {settings.host} cannot be served: {error.strerror}"
        raise KubiaError(message) from error
    port = server.sockets[0].getsockname()[1]
    _log.info("serving", extra={"host": settings.host, "port": port})
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    working = asyncio.create_task(operator.run())
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([working, stopped], return_when=asyncio.FIRST_COMPLETED)
    working.cancel()
    await asyncio.wait([working])
    stopped.cancel()
    server.close()
    await api.close()
    if not working.cancelled():
        working.result()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
