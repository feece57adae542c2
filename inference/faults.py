"""Errors across the wire: a sentence stays a sentence, and its place in the tree of errors survives.

Knows the tree in `core/errors.py` and gRPC's status codes. The details travel as trailing metadata.
"""

from __future__ import annotations

import grpc
from google.protobuf.message import DecodeError

from core import errors
from core.errors import Cancelled, EngineError, EngineLost, OptionError, PenumbraError, PromptError
from inference.contract import penumbra_pb2 as pb

METADATA_KEY = "penumbra-error-bin"
LONGEST = 1000
"""Characters of one part of a sentence; metadata has little room."""

STATUS = {
    "NEED_BLOB": grpc.StatusCode.FAILED_PRECONDITION,
    "NOT_FOUND": grpc.StatusCode.NOT_FOUND,
    "QUEUE_FULL": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "QUOTA": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "LIMIT": grpc.StatusCode.INVALID_ARGUMENT,
    "STALE_SEQ": grpc.StatusCode.ABORTED,
    "BAD_IMAGE": grpc.StatusCode.INVALID_ARGUMENT,
    "BAD_REQUEST": grpc.StatusCode.INVALID_ARGUMENT,
    "OPTION_INVALID": grpc.StatusCode.INVALID_ARGUMENT,
    "PATH_DENIED": grpc.StatusCode.PERMISSION_DENIED,
    "HASH_MISMATCH": grpc.StatusCode.DATA_LOSS,
    "UNAUTHENTICATED": grpc.StatusCode.UNAUTHENTICATED,
    "CANCELLED": grpc.StatusCode.CANCELLED,
}
REASONS = {
    "FrameError": "BAD_IMAGE",
    "PlateError": "BAD_IMAGE",
    "ColorError": "BAD_REQUEST",
    "PromptError": "BAD_REQUEST",
    "OptionError": "OPTION_INVALID",
}
KINDS = {
    kind.__name__: kind for kind in (errors.FrameError, errors.PlateError, errors.ColorError, PromptError, OptionError)
}


class NeedBlobsError(EngineError):
    """The engine has not got pictures the request names; `ids` says which."""

    def __init__(self, ids: list[pb.BlobId]) -> None:
        super().__init__(
            "The engine",
            f"has not got {len(ids)} of the pictures this needs",
            reason="NEED_BLOB",
            retryable=True,
        )
        self.ids = ids


def error_to(error: PenumbraError) -> pb.Error:
    """An error as it crosses the wire."""
    kind = type(error).__name__
    message = pb.Error(
        reason=REASONS.get(kind, "INTERNAL"),
        message=error.sentence[:LONGEST],
        subject=error.subject[:LONGEST],
        why=error.why[:LONGEST],
        hint=error.hint[:LONGEST],
        kind=kind,
    )
    if isinstance(error, EngineError):
        message.reason = error.reason
        message.retryable = error.retryable
        message.retry_after_ms = error.retry_after_ms
    if isinstance(error, NeedBlobsError):
        message.need.extend(error.ids[:64])
    return message


def error_from(message: pb.Error) -> PenumbraError:
    """The error of a message, in its place of the tree."""
    if message.reason == "CANCELLED":
        return Cancelled()
    if message.reason == "NEED_BLOB":
        return NeedBlobsError(list(message.need))
    kind = KINDS.get(message.kind)
    if kind is not None:
        return kind(message.subject, message.why, message.hint)
    return EngineError(
        message.subject or "The engine",
        message.why or message.message or "answered with an error",
        message.hint,
        reason=message.reason or "INTERNAL",
        retryable=message.retryable,
        retry_after_ms=message.retry_after_ms,
    )


def status_of(error: PenumbraError) -> tuple[grpc.StatusCode, pb.Error]:
    """The status and details a call ends with."""
    message = error_to(error)
    return STATUS.get(message.reason, grpc.StatusCode.INTERNAL), message


def error_of_call(error: grpc.aio.AioRpcError, where: str) -> PenumbraError:
    """What a failed call means to the application. `where` names the engine."""
    for key, value in error.trailing_metadata() or ():
        if key == METADATA_KEY and isinstance(value, bytes):
            try:
                return error_from(pb.Error.FromString(value))
            except DecodeError:
                break
    code = error.code()
    if code is grpc.StatusCode.UNAVAILABLE:
        return EngineLost(where, "does not answer", "It is being reached again.")
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        hint = "See that it runs and can be reached, or choose a faster model."
        return EngineError(where, "did not answer in time", hint, reason="DEADLINE", retryable=True)
    if code is grpc.StatusCode.CANCELLED:
        return Cancelled()
    if code is grpc.StatusCode.UNAUTHENTICATED:
        return EngineError(where, "refused the token", "Ask whoever runs it for one.", reason="UNAUTHENTICATED")
    return EngineError(where, f"answered {code.name}: {error.details()}", reason="INTERNAL")
