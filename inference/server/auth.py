"""Who is calling: bearer tokens from a file, compared in constant time, before any request is read."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import grpc

from core.errors import EngineError
from inference import faults

user: ContextVar[str] = ContextVar("user", default="")
"""Whose call is being answered."""


class Tokens:
    """Accepted tokens and whose they are. Only hashes are kept in memory."""

    def __init__(self, owners: dict[str, str]) -> None:
        self._hashes = {hashlib.sha256(token.encode()).digest(): owner for token, owner in owners.items()}

    @classmethod
    def from_file(cls, path: Path) -> Tokens:
        """Lines of `TOKEN` or `NAME TOKEN`; `#` begins a comment. Raises EngineError for what cannot be trusted."""
        try:
            text = path.read_text(encoding="utf-8")
            mode = path.stat().st_mode
        except OSError as error:
            raise EngineError(path, f"the token file cannot be read ({error.strerror})", "Check the path.") from error
        if os.name == "posix" and mode & (stat.S_IWGRP | stat.S_IWOTH | stat.S_IROTH):
            raise EngineError(path, "other users may read or change the token file", f"Run: chmod 600 {path}")
        owners: dict[str, str] = {}
        for line in text.splitlines():
            words = line.split("#")[0].split()
            if words:
                owners[words[-1]] = words[0] if len(words) > 1 else "artist"
        if not owners or min(len(token) for token in owners) < 16:
            raise EngineError(path, "has no token of at least 16 characters", f"Try this one: {new_token()}")
        return cls(owners)

    def owner(self, authorization: str) -> str | None:
        """Whose `Bearer TOKEN` this is; None for nobody's. Looks at every token, whichever fits."""
        scheme, _, token = authorization.partition(" ")
        given = hashlib.sha256(token.strip().encode()).digest()
        found = None
        for known, owner in self._hashes.items():
            if hmac.compare_digest(known, given):
                found = owner
        return found if scheme.lower() == "bearer" else None


def new_token() -> str:
    return secrets.token_urlsafe(32)


class Authenticate(grpc.aio.ServerInterceptor):
    """Lets no call through without a token; sets `user` for those it lets through."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        values = [value for key, value in handler_call_details.invocation_metadata or () if key == "authorization"]
        owner = self._tokens.owner(str(values[0])) if values else None
        handler = await continuation(handler_call_details)
        if owner is None:
            return _refusing(handler)
        user.set(owner)
        return handler


def _refusing(handler: grpc.RpcMethodHandler[Any, Any] | None) -> grpc.RpcMethodHandler[Any, Any]:
    async def refuse(_request: object, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        error = EngineError("The engine", "refused the token", "Check the token file.", reason="UNAUTHENTICATED")
        code, message = faults.status_of(error)
        await context.abort(code, error.sentence, ((faults.METADATA_KEY, message.SerializeToString()),))

    if handler is not None and handler.request_streaming:
        return grpc.stream_unary_rpc_method_handler(refuse)
    return grpc.unary_unary_rpc_method_handler(refuse)
