"""Measure `plaudit serve` under load from a second process, beside bare FastAPI apps and the peers' servers.

`python benchmarks/server.py`; what it measures and how is in `benchmarks/README.md`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

HERE = Path(__file__).resolve().parent
CONNECTIONS = 32
BATCH = 64
START_SECONDS = 120
TICKS = os.sysconf("SC_CLK_TCK")

Case = tuple[str, str, str]
Body = Callable[[Sequence[Case]], Any]


@dataclass(frozen=True)
class Contender:
    """A server to be measured."""

    name: str
    command: list[str]
    path: str
    body: Body
    batch: int = 1


@dataclass(frozen=True)
class Round:
    """What one round of load showed."""

    completions_per_second: float
    milliseconds: list[float]
    processor_milliseconds: float
    failed: int


def main() -> int:
    """Measure every contender in turn, round by round, and write the table."""
    options = _options()
    cases = _cases(options.completions)
    contenders = list(_contenders(options))
    rounds: dict[str, list[Round]] = {contender.name: [] for contender in contenders}
    for number in range(options.rounds):
        for contender in contenders:
            rounds[contender.name].append(_measure(contender, cases))
            last = rounds[contender.name][-1]
            print(f"round {number + 1}: {contender.name}: {last.completions_per_second:.0f}/s", file=sys.stderr)
    text = _page(rounds, options)
    options.out.write_text(text, encoding="utf-8")
    print(text)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--completions", type=int, default=4000, help="how many a round sends")
    parser.add_argument("--rounds", type=int, default=3, help="of each server, in turn; the median counts")
    parser.add_argument("--processes", type=int, default=2, help="worker processes of each server")
    parser.add_argument("--eval-protocol", metavar="PYTHON", help="a Python that has eval-protocol and Plaudit")
    parser.add_argument("--nemo-gym", metavar="PYTHON", help="a Python that has NeMo-Gym and Plaudit")
    parser.add_argument("--out", type=Path, default=HERE / "server.md", help="the page to write")
    return parser.parse_args()


def _cases(count: int) -> list[Case]:
    """Short mathematics, right and wrong, in the forms that models write."""
    random.seed(6)
    forms = [
        r"So it is \boxed{{{}}}.",
        r"Thus \boxed{{\frac{{{}}}{{1}}}}",
        r"The answer is $\boxed{{{}.0}}$",
        "It is {}.",
    ]
    cases = []
    for row in range(count):
        gold = random.randrange(1000)
        answer = gold + (row % 3 == 0)
        working = " ".join(f"Step {step}: {gold} = {gold - step} + {step}." for step in range(10))
        cases.append((f"Compute number {row}.", f"{working} {forms[row % len(forms)].format(answer)}", str(gold)))
    return cases


def _contenders(options: argparse.Namespace) -> Sequence[Contender]:
    processes, port = str(options.processes), "PORT"
    ours = [sys.executable, "-m", "plaudit", "serve", "--reward", "math-equal", "--port", port, "--workers", processes]
    ours += ["--queue", str(2 * BATCH * CONNECTIONS)]  # a refused batch would count as a fast one

    def bare(app: str, python: str = sys.executable, count: str = processes) -> list[str]:
        return [python, str(HERE / "server_apps.py"), app, port, count]

    found = [
        Contender(f"plaudit serve, {BATCH} a request (/v1/score)", ours, "/v1/score", _native, BATCH),
        Contender("plaudit serve, one a request (/slime)", ours, "/slime", _slime),
        Contender("plaudit serve, one a request (/verify)", ours, "/verify", _nemo_gym),
        Contender("bare FastAPI, the same reward, one process", bare("naive", count="1"), "/score", _slime),
        Contender(f"bare FastAPI, the same reward, {processes} processes", bare("naive"), "/score", _slime),
    ]
    if find_spec("math_verify"):
        found.append(
            Contender(f"bare FastAPI, Math-Verify, {processes} processes", bare("math_verify"), "/score", _slime)
        )
    if options.eval_protocol:
        command = bare("eval_protocol", options.eval_protocol)
        found.append(
            Contender(
                f"eval-protocol's server, the same reward, {processes} processes", command, "/reward", _eval_protocol
            )
        )
    if options.nemo_gym:
        command = bare("nemo_gym", options.nemo_gym)
        found.append(
            Contender(f"NeMo-Gym's server, the same reward, {processes} processes", command, "/verify", _nemo_gym)
        )
    return found


def _native(cases: Sequence[Case]) -> Any:
    return {"samples": [{"completion": text, "prompt": ask, "columns": {"answer": gold}} for ask, text, gold in cases]}


def _slime(cases: Sequence[Case]) -> Any:
    ((prompt, text, gold),) = cases
    return {"prompt": prompt, "response": text, "label": gold}


def _eval_protocol(cases: Sequence[Case]) -> Any:
    ((prompt, text, gold),) = cases
    turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": text}]
    return {"messages": turns, "ground_truth": gold}


def _nemo_gym(cases: Sequence[Case]) -> Any:
    ((prompt, text, gold),) = cases
    part = {"type": "output_text", "text": text, "annotations": []}
    message = {"id": "m", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
    response = {"id": "r", "object": "response", "created_at": 0, "model": "m", "output": [message]}
    response |= {"parallel_tool_calls": False, "tool_choice": "auto", "tools": []}
    return {"responses_create_params": {"input": prompt}, "response": response, "answer": gold}


def _measure(contender: Contender, cases: Sequence[Case]) -> Round:
    port = _free_port()
    command = [part if part != "PORT" else str(port) for part in contender.command]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    with tempfile.TemporaryFile() as said:  # a pipe that nobody reads would stop a server that complains a lot
        server = subprocess.Popen(command, cwd=HERE, env=environment, stdout=subprocess.DEVNULL, stderr=said)
        try:
            _wait_for(port, server, said)
            return _round(port, server, _requests(contender, cases, port), len(cases))
        finally:
            server.terminate()
            server.wait()


def _round(port: int, server: subprocess.Popen[bytes], requests: Sequence[bytes], cases: int) -> Round:
    with multiprocessing.get_context("spawn").Pool(1) as second_process:
        second_process.apply(_load, (port, requests[: max(1, len(requests) // 10)]))  # warm
        busy = _processor_seconds(server.pid)
        began = time.perf_counter()
        milliseconds, failed = second_process.apply(_load, (port, requests))
        seconds = time.perf_counter() - began
    spent = _processor_seconds(server.pid) - busy
    return Round(cases / seconds, milliseconds, 1000 * spent / cases, failed)


def _requests(contender: Contender, cases: Sequence[Case], port: int) -> list[bytes]:
    found = []
    for start in range(0, len(cases), contender.batch):
        body = json.dumps(contender.body(cases[start : start + contender.batch])).encode()
        head = f"POST {contender.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        found.append(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def _wait_for(port: int, server: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    server.kill()
    said.seek(0)
    raise SystemExit(f"{server.args} ended or did not answer in {START_SECONDS} s: {said.read().decode()[-2000:]}")


def _load(port: int, requests: Sequence[bytes]) -> tuple[list[float], int]:
    """Send every request over a fixed number of connections, each waiting for its answer; runs in a second process."""
    return asyncio.run(_all(port, list(reversed(requests))))


async def _all(port: int, waiting: list[bytes]) -> tuple[list[float], int]:
    milliseconds: list[float] = []
    failed = 0

    async def connection() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
        while waiting:
            began = time.perf_counter()
            writer.write(waiting.pop())
            fine = await _answer(reader)
            failed += not fine
            milliseconds.append(1000 * (time.perf_counter() - began))
        writer.close()

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return milliseconds, failed


async def _answer(reader: asyncio.StreamReader) -> bool:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    await reader.readexactly(length)
    return b" 200 " in head.split(b"\r\n", 1)[0]


def _processor_seconds(process_id: int) -> float:
    """Processor time of a process and of all that it started and that still lives."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    children = " ".join(path.read_text() for path in Path(f"/proc/{process_id}/task").glob("*/children")).split()
    return sum(map(int, fields[11:15])) / TICKS + sum(_processor_seconds(int(child)) for child in children)


def _page(rounds: dict[str, list[Round]], options: argparse.Namespace) -> str:
    lines = [
        "# `plaudit serve` under load",
        "",
        f"Written by `python benchmarks/server.py`: {options.completions} completions a round over {CONNECTIONS}",
        f"connections from a second process, {options.rounds} rounds of each server in turn, the median of the rounds.",
        f"{os.cpu_count()} cores for server, workers and client together, and for other work: the load average was",
        f"{os.getloadavg()[2]:.0f}, so processor time says more than the rest. Python {platform.python_version()},",
        f"FastAPI {version('fastapi')}, uvicorn {version('uvicorn')}.",
        "",
        "| server | completions/s | p50 ms | p99 ms | processor ms per completion | not 200 |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, measured in rounds.items():
        speed = statistics.median(each.completions_per_second for each in measured)
        cost = statistics.median(each.processor_milliseconds for each in measured)
        halves = statistics.median(statistics.quantiles(each.milliseconds, n=100)[49] for each in measured)
        tails = statistics.median(statistics.quantiles(each.milliseconds, n=100)[98] for each in measured)
        failed = sum(each.failed for each in measured)
        lines.append(f"| {name} | {speed:,.0f} | {halves:.1f} | {tails:.1f} | {cost:.2f} | {failed} |")
    absent = [
        name
        for name, there in (
            ("Math-Verify", find_spec("math_verify")),
            ("eval-protocol", options.eval_protocol),
            ("NeMo-Gym", options.nemo_gym),
        )
        if not there
    ]
    if absent:
        lines += ["", f"Not measured in this run, for want of an environment: {', '.join(absent)}."]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
