//! Azure: the build folders of the examples.

use std::fmt::Write;
use std::path::Path;

use crate::azure_program::Program;
use crate::harness::ROOT;

/// Shows all that comes of an example; what is only copied by its size.
fn example(name: &str, stage: Option<&str>) {
    let program = Program::example(name, stage);
    let (made, found) = program.build();
    let mut shown = program.shown(&found);
    let made = made.unwrap_or_else(|| panic!("{shown}"));
    writeln!(
        shown,
        "\nsummary: {}\ndeploy: {}",
        made.summary.join("\n         "),
        made.deploy
    )
    .unwrap();
    for artifact in &made.artifacts {
        let (_, inside) = artifact
            .path
            .split_once('/')
            .unwrap_or(("", &artifact.path));
        let folder = artifact.path != inside;
        let copied = folder && program.package.files.contains_key(inside)
            || inside.strip_prefix("_fnc/").is_some_and(is_shared);
        let text = String::from_utf8(artifact.contents.to_vec()).unwrap();
        if inside.rsplit('.').next() == Some("json") && !copied {
            let read: serde_json::Result<serde_json::Value> = serde_json::from_str(&text);
            assert!(read.is_ok_and(|it| it.is_object()), "{}", artifact.path);
        }
        let text = if copied { "(copied)\n" } else { &text };
        write!(shown, "\n══ {} ══\n{text}", artifact.path).unwrap();
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("azure");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let name = match stage {
        None => name.replace("real/", ""),
        Some(stage) => format!("{name}_in_{stage}"),
    };
    settings.bind(|| insta::assert_snapshot!(name, shown));
}

/// Tells whether a file is the same in every build folder; `vectors.rs` runs them.
fn is_shared(file: &str) -> bool {
    let folders = ["common", "azure"].map(|it| Path::new(ROOT).join("targets").join(it));
    folders.iter().any(|it| it.join(file).is_file())
}

#[test]
fn hello() {
    example("hello", None);
}

#[test]
fn shop() {
    example("shop", None);
}

#[test]
fn shop_in_prod() {
    example("shop", Some("prod"));
}

#[test]
fn relay() {
    example("relay", None);
}

#[test]
fn trio() {
    example("trio", None);
}

#[test]
fn batch_sqs() {
    example("real/batch-sqs", None);
}

#[test]
fn sqs_standard() {
    example("real/sqs-standard", None);
}

#[test]
fn user_management() {
    example("real/user-management", None);
}
