//! FN0233: keys and fields of a table that contradict one another.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{FieldKind, Table, TableField, TableKey};

/// Compares the fields of a table's keys: each has one type, two of one key differ, and `ttl` is a number.
pub(super) fn check(table: &Table, found: &mut Diagnostics) {
    let indexes = table.indexes.iter().map(|it| &it.key);
    let mut types: BTreeMap<&str, &TableField> = BTreeMap::new();
    for key in table.key.iter().chain(indexes) {
        let TableKey { partition, sort } = key;
        if let Some(sort) = sort
            .as_ref()
            .filter(|it| it.name.value == partition.name.value)
        {
            let message = format!("`{}` is both halves of one key", sort.name.value);
            found.push(
                Diagnostic::new(Code::FN0233, message)
                    .label(
                        sort.name.span,
                        "rows of one partition all have the same one",
                    )
                    .label(partition.name.span, "rows are spread by it already")
                    .help("sort by another field, or leave `sort` out"),
            );
            continue;
        }
        for field in [Some(partition), sort.as_ref()].into_iter().flatten() {
            let first = *types.entry(field.name.as_str()).or_insert(field);
            if first.kind != field.kind {
                let message = format!(
                    "`{}` has two types in `{}`",
                    field.name.value, table.name.value
                );
                found.push(
                    Diagnostic::new(Code::FN0233, message)
                        .label(field.name.span, format!("{} here", word(field.kind)))
                        .label(first.name.span, format!("{} here", word(first.kind)))
                        .help("a field of a key has one type in all rows: give both the same"),
                );
            }
        }
    }
    let Some(ttl) = &table.ttl else {
        return;
    };
    if let Some(field) = types
        .get(ttl.as_str())
        .filter(|it| it.kind == FieldKind::String)
    {
        let message = format!(
            "`{}` can't say when a row expires: it is a string",
            ttl.value
        );
        found.push(
            Diagnostic::new(Code::FN0233, message)
                .label(ttl.span, "seconds since 1970 are needed")
                .label(field.name.span, "a string here")
                .help("name a field of its own, such as `ttl expires_at`"),
        );
    }
}

fn word(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::String => "a string",
        FieldKind::Int => "an int",
    }
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
    fn keys_agree() {
        table("key id string, sort id string", "FN0233 at `id`");
        table(
            "key id string; index by_age { key id int, sort age int }",
            "FN0233 at `id`",
        );
        table("key id string; ttl id", "FN0233 at `id`");
        table(
            "key id string, sort at int; index by_at { key at int, sort id string }; ttl expires_at",
            "",
        );
        table(
            "key id string; index by_end { key owner string, sort until int }; ttl until",
            "",
        );
    }
}
