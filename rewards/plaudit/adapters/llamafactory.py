"""LLaMA-Factory: a recipe behind the address that its PPO stage asks for scores (`reward_model_type: api`).

Written against LLaMA-Factory 0.9.5 (`get_rewards_from_server`): POST `{"model", "messages"}`, where a message is prompt
and response in one text with special tokens; `{"scores": [number, …]}` back. No gold comes along, so only rewards that
read no column can judge; a missing score is unknown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from plaudit.adapters.end_tokens import without_end_tokens
from plaudit.adapters.judge import Judge
from plaudit.errors import DataError, PlauditError

RESPONSE_STARTS = ("<|im_start|>assistant\n", "<|start_header_id|>assistant<|end_header_id|>\n\n", "[/INST]",
                   "<start_of_turn>model\n", "<｜Assistant｜>", "Assistant:")  # fmt: skip
"""What precedes the response in the usual chat templates: Qwen, Llama, Mistral, Gemma, DeepSeek, and the plain one."""

MOST_BYTES = 256 * 1024**2


def answer(judge: Judge, request: Mapping[str, Any], *, starts: tuple[str, ...] = RESPONSE_STARTS) -> dict[str, Any]:
    r"""Answer one request: a score for each message.

    Raises:
        ConfigError: The judge has no fallback, or reads a column, which LLaMA-Factory never sends.
        DataError: No response is found in a message, or there are no messages.

    >>> text = "<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\nso<end_working_out><SOLUTION>4</SOLUTION>"
    >>> answer(Judge("format-exact", fallback=0.0), {"model": "model", "messages": [text + "<|im_end|>"]})
    {'scores': [3.0]}
    """
    judge.needs_fallback("LLaMA-Factory")
    reads = judge.reward.spec.reads
    if reads:
        judge.refuse(f"{judge.name!r} reads {', '.join(reads)}, and LLaMA-Factory sends texts only.")
    messages = request.get("messages")
    if not isinstance(messages, list):
        raise DataError("A request of LLaMA-Factory holds `messages`, a list of texts.")
    samples = [judge.sample(response_of(message, starts)) for message in messages]
    return {"scores": [judge.value(score) for score in judge.score(samples)]}


def serve(judge: Judge, *, port: int, starts: tuple[str, ...] = RESPONSE_STARTS) -> None:
    """Answer requests on this machine until interrupted; what can't be answered gets status 422 and the reason.

    Raises:
        ConfigError: LLaMA-Factory can't use the judge.
    """
    answer(judge, {"messages": []}, starts=starts)
    with server(judge, port=port, starts=starts) as made:
        made.serve_forever()


def server(judge: Judge, *, port: int, starts: tuple[str, ...] = RESPONSE_STARTS) -> ThreadingHTTPServer:
    """Return the server, bound to this machine's own address; port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            try:
                length = int(self.headers.get("Content-Length", 0))
                if length > MOST_BYTES:
                    raise DataError(f"A request has {MOST_BYTES} bytes at most.")
                status, body = 200, answer(judge, json.loads(self.rfile.read(length)), starts=starts)
            except (PlauditError, ValueError) as error:
                status, body = 422, {"error": str(error)}
            said = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def response_of(message: Any, starts: tuple[str, ...] = RESPONSE_STARTS) -> str:
    """Return the last response of a text that holds a whole conversation.

    Raises:
        DataError: None of the known beginnings of a response is in it.
    """
    text = message if isinstance(message, str) else ""
    ends = [text.rfind(start) + len(start) for start in starts if start in text]
    if not ends:
        raise DataError(f"No response is found in {text[-60:]!r}: give `starts`, what precedes one in your template.")
    return without_end_tokens(text[max(ends) :])
