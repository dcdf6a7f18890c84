"""What every shim shares: the portable event, answers, and what a handler may do.

Standard library only, Python 3.11 or later. A shim turns its provider's payload into an event
with `record` and `event` (or `http_event`), runs the handler with `call`, and encodes the outcome
with `http_answer` or `batch_answer`. `portable.mjs` has the same functions under the same names.
"""

from .answer import batch_answer, error_answer, http_answer, plain
from .cloudevent import from_cloudevent, to_cloudevent
from .context import CallFailed, Context, NotAllowed, SendFailed, as_row, row_query, stored_object
from .encoding import as_attribute, as_text, duration_ms, encode, from_json, timestamp, to_json
from .event import (
    BASE64_ATTRIBUTE,
    TYPES,
    VERSION,
    event,
    event_record,
    find_trigger,
    invoke_event,
    message,
    object_record,
    record,
    row_record,
    stream_record,
    tick,
)
from .filter import matches, taken
from .handler import call, call_async, load, load_for, log_error, run
from .key import refusal
from .request import http_event, match_route
from .websocket import is_connect, websocket_event
