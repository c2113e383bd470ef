"""The application in this process, and the program in one of its own."""

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

for package in ("fastapi", "uvicorn", "prometheus_client", "httpx2"):
    pytest.importorskip(package, reason="needs the extra `server` and httpx2")

REWARDS = str(Path(__file__).parents[1])  # where rewards_for_tests.py lies


@pytest.fixture
def serve():
    """Return a function that serves a reward inside this process and gives a client."""
    from fastapi.testclient import TestClient

    from plaudit.engines import open_engine
    from plaudit.server.app import create_app
    from plaudit.server.settings import Settings

    opened = []

    def start(reward, *, engine=None, **settings):
        app = create_app(reward, engine or open_engine("inline", reward), Settings(**settings))
        client = TestClient(app, raise_server_exceptions=False)
        client.__enter__()
        opened.append(client)
        return client

    yield start
    for client in opened:
        client.__exit__(None, None, None)


def _command_line(process_id):
    try:
        return Path(f"/proc/{process_id}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):  # it ended since it was listed
        return b""


class Program:
    """`plaudit serve` in a process of its own, with all that it says."""

    def __init__(self, *arguments, environment=()):
        import httpx2

        variables = os.environ | {"PYTHONPATH": os.pathsep.join([REWARDS, os.environ.get("PYTHONPATH", "")])}
        command = [sys.executable, "-m", "plaudit", "serve", "--port", "0", *map(str, arguments)]
        self.process = subprocess.Popen(
            command, env=variables | dict(environment), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self.lines = []
        for line in self.process.stderr:
            self.lines.append(line)
            if line.startswith("Serving "):
                break
        else:
            self.process.wait(60)
            self.process.stderr.close()
            pytest.fail("the server did not start:\n" + "".join(self.lines))
        self.url = next(word for word in self.lines[-1].split() if word.startswith("http://"))
        self._reader = threading.Thread(target=lambda: self.lines.extend(self.process.stderr), daemon=True)
        self._reader.start()
        self.client = httpx2.Client(base_url=self.url, timeout=120, trust_env=False)

    def workers(self):
        """Return the ids of the worker processes, the oldest first."""
        lists = [path.read_text() for path in Path(f"/proc/{self.process.pid}/task").glob("*/children")]
        children = sorted(int(child) for found in lists for child in found.split())
        return [child for child in children if b"plaudit.engines.child" in _command_line(child)]

    def close(self):
        self.client.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(60)
        self._reader.join(60)
        self.process.stderr.close()


@pytest.fixture
def program():
    """Return a context manager that runs the program."""

    @contextmanager
    def run(*arguments, environment=()):
        running = Program(*arguments, environment=environment)
        try:
            yield running
        finally:
            running.close()

    return run
