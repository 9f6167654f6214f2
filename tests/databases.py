"""A PostgreSQL server of our own, for tests; it can be killed and started again."""

from __future__ import annotations

import glob
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

import pytest
import sqlalchemy as sa


class Server:
    """A running server on the loopback with its data in a folder of its own; a context manager.

    Skips the test where PostgreSQL or psycopg is not installed.
    """

    def __init__(self) -> None:
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"))
        folders = [os.path.dirname(path) for path in reversed(found)]
        path = os.pathsep.join([*folders, os.environ.get("PATH", "")])
        server, initdb = shutil.which("postgres", path=path), shutil.which("initdb", path=path)
        if not server or not initdb:
            pytest.skip("no PostgreSQL server (postgres, initdb) on this machine")
        pytest.importorskip("psycopg", reason="psycopg is not installed")
        # The server refuses to run as root.
        self.user = "postgres" if os.geteuid() == 0 else None
        self.home = tempfile.mkdtemp(prefix="store-test-")
        if self.user:
            shutil.chown(self.home, self.user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        subprocess.run(
            [initdb, "-D", f"{self.home}/data", "-U", "tester", "-A", "trust", "-E", "UTF8", "-N"],
            check=True,
            capture_output=True,
            user=self.user,
            cwd="/",
        )
        self.argv = [
            server, "-D", f"{self.home}/data", "-p", str(port), "-k", self.home, "-h", "127.0.0.1"
        ]  # fmt: skip
        self.url = f"postgresql+psycopg://tester@127.0.0.1:{port}/postgres"
        self.start()

    def start(self) -> None:
        """Start it, again where it was killed, and wait until it answers."""
        for attempt in itertools.count():
            self.process = subprocess.Popen(
                self.argv,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                user=self.user,
                cwd="/",
            )
            while self.process.poll() is None:
                try:
                    administer(self.url, "SELECT 1")
                    return
                except sa.exc.OperationalError:
                    time.sleep(0.1)
            # What the killed one left behind may still be going.
            assert attempt < 50, "the server does not start"
            time.sleep(0.1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGQUIT)  # at once: nobody will read this data again
        self.process.wait()
        shutil.rmtree(self.home)


def processes(pid: int) -> list[int]:
    """Return a process and its children, such as a server's, each of which has its own group."""
    found = [pid]
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(path.read_text().rsplit(")", 1)[1].split()[1]) == pid:
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def administer(url: str, *statements: str) -> None:
    """Run statements, each its own transaction."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def empty(url: str) -> None:
    """Drop everything in a database: a new one would take seconds."""
    administer(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
        "DROP SCHEMA public CASCADE",
        "CREATE SCHEMA public",
    )
