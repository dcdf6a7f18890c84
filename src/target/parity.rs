//! The words of the language and how each target carries them out, from the tables that the checks read.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde::Serialize;

use super::{Status, Target, backend};

/// Every key that is looked up in the targets' tables.
pub const KEYS: &[&str] = &[
    "app.description",
    "app.domain",
    "app.tags",
    "aws.account_concurrency",
    "bucket",
    "bucket.expire",
    "bucket.public_read",
    "bucket.versioned",
    "bus",
    "external.bucket",
    "external.bus",
    "external.import",
    "external.layer",
    "external.queue",
    "external.stream",
    "external.table",
    "external.topic",
    "function.arch",
    "function.can.invoke",
    "function.can.publish.bus",
    "function.can.read.bucket",
    "function.can.read.table",
    "function.can.reply",
    "function.can.write.bucket",
    "function.can.write.stream",
    "function.can.write.table",
    "function.contract.lambda",
    "function.disk",
    "function.layers",
    "function.logs",
    "function.runtime.container",
    "function.runtime.custom",
    "function.tags",
    "function.trace",
    "function.vpc",
    "hatch.function",
    "hatch.layer",
    "hatch.resource",
    "hatch.trigger",
    "knative.domain",
    "knative.gateway",
    "knative.kafka",
    "knative.registry",
    "layer",
    "named",
    "on.bucket",
    "on.bucket.deleted",
    "on.bucket.prefix",
    "on.bucket.suffix",
    "on.event",
    "on.http.auth.custom",
    "on.http.auth.jwt",
    "on.http.auth.key",
    "on.http.cors",
    "on.stream",
    "on.stream.batch",
    "on.stream.from",
    "on.stream.max_age",
    "on.stream.parallel",
    "on.stream.retry",
    "on.stream.split_on_error",
    "on.stream.within",
    "on.table",
    "on.table.batch",
    "on.table.from",
    "on.table.max_age",
    "on.table.parallel",
    "on.table.retry",
    "on.table.split_on_error",
    "on.table.within",
    "on.websocket",
    "output",
    "raw.permission",
    "raw.resource",
    "raw.trigger",
    "stream",
    "stream.keep",
    "stream.shards",
    "table",
    "table.index",
    "table.ttl",
    "vpc",
    "where",
];

/// A word and what it comes to on each target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The word, by its key: `queue.retry`, `on.http.auth.jwt`.
    pub word: String,
    /// On AWS.
    pub aws: Cell,
    /// On Azure.
    pub azure: Cell,
    /// On Knative.
    pub knative: Cell,
}

/// What a word comes to on one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// `exact`, `approximate`, `refused`; `none` where the word is about another target.
    pub status: &'static str,
    /// The code that says so, where it isn't exact.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub code: &'static str,
    /// What it becomes, or why it is refused.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub how: &'static str,
}

/// Returns every word, in alphabetical order.
pub fn rows() -> Vec<Row> {
    let listed = Target::ALL.map(|it| backend(it).limits());
    let listed = listed.iter().flat_map(|it| it.words.keys());
    let mut words: BTreeSet<&str> = listed.map(String::as_str).collect();
    words.extend(KEYS);
    let row = |word: &str| Row {
        word: word.to_owned(),
        aws: cell(word, Target::Aws),
        azure: cell(word, Target::Azure),
        knative: cell(word, Target::Knative),
    };
    words.into_iter().map(row).collect()
}

fn cell(word: &str, target: Target) -> Cell {
    let others = Target::ALL.into_iter().filter(|it| *it != target);
    let about_another = others
        .into_iter()
        .any(|other| word.split('.').any(|it| it == other.word()));
    if about_another {
        return Cell {
            status: "none",
            code: "",
            how: "",
        };
    }
    let words = &backend(target).limits().words;
    let exact_key = words.get(word);
    // A word of its own that the table doesn't list is refused; a part of a word goes with the whole.
    let found = exact_key.or_else(|| {
        let own = KEYS.contains(&word);
        let whole = word.match_indices('.').rev();
        let mut whole = whole.filter_map(|(at, _)| words.get(word.get(..at)?));
        if own { None } else { whole.next() }
    });
    let Some(found) = found else {
        return Cell {
            status: "refused",
            code: "FN0803",
            how: "",
        };
    };
    Cell {
        status: match found.status {
            Status::Exact => "exact",
            Status::Approximate => "approximate",
            Status::Refused => "refused",
        },
        code: &found.code,
        how: &found.how,
    }
}

/// Returns the table as Markdown.
pub fn markdown() -> String {
    let mut made = String::from(
        "# The words of the language on each target\n\n\
         Printed by `fnc parity`, from the tables that the checks read. *exact*: the same meaning; *approximate*: nearly, and the \
         code says how it differs; *refused*: an error with this code; –: about another target.\n\n\
         | word | AWS | Azure | Knative |\n|---|---|---|---|\n",
    );
    for row in rows() {
        let shown = |it: &Cell| match (it.status, it.code) {
            ("none", _) => "–".to_owned(),
            (status, "") => status.to_owned(),
            (status, code) => format!("{status} ({code})"),
        };
        let (aws, azure, knative) = (shown(&row.aws), shown(&row.azure), shown(&row.knative));
        // Writing to a string can't fail.
        let _ = writeln!(made, "| `{}` | {aws} | {azure} | {knative} |", row.word);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_what_the_command_prints() {
        assert_eq!(
            markdown(),
            include_str!("../../docs/parity.md").replace("\r\n", "\n"),
            "`fnc parity > docs/parity.md` brings the page up to date"
        );
    }

    #[test]
    fn words_about_one_target_say_nothing_of_the_others() {
        let cell = cell("knative.registry", Target::Aws);
        assert_eq!(cell.status, "none");
    }

    #[test]
    fn every_key_that_is_checked_is_listed() {
        let source = include_str!("words.rs");
        let code = source.split("#[cfg(test)]").next().unwrap();
        let literals = code.split('"').skip(1).step_by(2);
        let key = |it: &&str| {
            it.contains('.')
                && it
                    .chars()
                    .all(|it| it.is_ascii_lowercase() || it == '.' || it == '_')
        };
        let missing: Vec<_> = literals
            .filter(key)
            .filter(|it| !KEYS.contains(it))
            .collect();
        assert_eq!(missing, Vec::<&str>::new());
    }
}
