//! Whether a handler's file loads modules that could do something with the app's resources.

use super::plain_text::words;
use crate::model::Language;

/// Modules that come with the language, and can't reach a cloud by themselves.
const PLAIN: [&str; 38] = [
    "__future__",
    "abc",
    "assert",
    "asyncio",
    "base64",
    "collections",
    "contextlib",
    "copy",
    "crypto",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "events",
    "fractions",
    "functools",
    "hashlib",
    "hmac",
    "html",
    "itertools",
    "json",
    "logging",
    "math",
    "operator",
    "os",
    "path",
    "random",
    "re",
    "secrets",
    "statistics",
    "string",
    "sys",
    "textwrap",
    "time",
    "traceback",
    "typing",
    "util",
    "uuid",
];

/// Tells whether a file loads nothing but plain modules.
pub(super) fn loads_nothing(text: &str, language: Language) -> bool {
    let plain = |it: &str| PLAIN.contains(&it.split(['.', '/']).next().unwrap_or(it));
    let quoted = |rest: &str| {
        let rest = rest.trim_start_matches(['(', ' ']);
        let module = rest.strip_prefix(['"', '\'']);
        let module = module.and_then(|it| it.split(['"', '\'']).next());
        module.is_some_and(|it| plain(it.strip_prefix("node:").unwrap_or(it)))
    };
    match language {
        Language::Python => text.lines().map(str::trim_start).all(|line| {
            let mut parts = line.split_whitespace();
            match (parts.next(), parts.next()) {
                (Some("from"), Some(module)) => plain(module),
                (Some("import"), Some(_)) => {
                    let modules = line.trim_start_matches("import").split(',');
                    modules
                        .into_iter()
                        .all(|it| plain(it.split_whitespace().next().unwrap_or("")))
                }
                _ => !line.contains("__import__") && !line.contains("importlib"),
            }
        }),
        Language::Node => {
            let after = |word: &'static str| {
                words(text, word).filter_map(move |at| text.get(at + word.len()..))
            };
            let imports = |rest: &str| rest.trim_start().starts_with(['(', '"', '\'']);
            after("require").all(quoted)
                && after("from").all(quoted)
                && after("import").filter(|it| imports(it)).all(quoted)
        }
        Language::Other => false,
    }
}
