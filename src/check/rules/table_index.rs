//! FN0234: an index that gives nothing: the table's own key, or another index, looks rows up the same way.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Table, TableField, TableKey};
use crate::source::Span;

/// Compares each index with the table's key and with the indexes before it.
pub(super) fn check(table: &Table, found: &mut Diagnostics) {
    let own = table.key.as_ref().map(|key| (key, key.partition.name.span));
    let mut known: Vec<(&TableKey, Span)> = own.into_iter().collect();
    for index in &table.indexes {
        match known.iter().find(|(key, _)| same(key, &index.key)) {
            Some((_, first)) => found.push(
                Diagnostic::new(
                    Code::FN0234,
                    format!(
                        "the index `{}` looks up what is found without it",
                        index.name.value
                    ),
                )
                .label(index.name.span, "the same key")
                .label(*first, "as here")
                .help("remove it: every write pays for each index"),
            ),
            None => known.push((&index.key, index.name.span)),
        }
    }
}

fn same(one: &TableKey, other: &TableKey) -> bool {
    // A field of two types is FN0233.
    let field = |it: &TableField| (it.name.value.clone(), it.kind);
    let fields = |it: &TableKey| (field(&it.partition), it.sort.as_ref().map(field));
    fields(one) == fields(other)
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[track_caller]
    fn table(block: &str, expected: &str) {
        let user = r#"function f { handler "src/f.py:handle"; on http GET "/" { auth none }; can read notes }"#;
        finds(&format!("table notes {{ {block} }}\n{user}"), expected);
    }

    #[test]
    fn an_index_is_another_way_to_look_up() {
        table(
            "key id string; index by_id { key id string }",
            "FN0234 at `by_id`",
        );
        table(
            "key id string; index a { key owner string }; index b { key owner string }",
            "FN0234 at `b`",
        );
        table(
            "key id string; index by_id { key id string, sort at int }; index c { key owner string }",
            "",
        );
    }
}
