//! What every shim shares, `targets/common`: copied beside the shim into each build folder and beside the local bootstraps.

/// A file's name and its text.
pub type File = (&'static str, &'static str);

/// Lists files of a folder below `targets/` with their texts.
macro_rules! files {
    ($folder:literal: $($name:literal)+) => {
        [$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/targets/", $folder, "/", $name)))),+]
    };
}
pub(crate) use files;

/// The modules for Python.
pub const PYTHON: [File; 11] = files!("common":
    "answer.py" "cloudevent.py" "context.py" "encoding.py" "event.py" "filter.py" "handler.py" "key.py" "portable.py" "request.py"
    "websocket.py"
);

/// The modules for Python of what lets callers in by itself.
pub const GATE_PYTHON: [File; 2] = files!("common": "sites.py" "token.py");

/// The modules for Node.
pub const NODE: [File; 11] = files!("common":
    "answer.mjs" "cloudevent.mjs" "context.mjs" "encoding.mjs" "event.mjs" "filter.mjs" "handler.mjs" "key.mjs" "portable.mjs" "request.mjs"
    "websocket.mjs"
);

/// The modules for Python of `contract lambda` where there is no Lambda.
pub const CONTRACT_PYTHON: [File; 3] =
    files!("common": "contract.py" "lambda_answer.py" "lambda_event.py");

/// The modules for Node of the same.
pub const CONTRACT_NODE: [File; 3] =
    files!("common": "contract.mjs" "lambda_answer.mjs" "lambda_event.mjs");

/// The modules for Node of what lets callers in by itself.
pub const GATE_NODE: [File; 2] = files!("common": "sites.mjs" "token.mjs");
