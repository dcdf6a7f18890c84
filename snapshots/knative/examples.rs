//! Every example, built as a whole.

use super::{Program, Write};

/// Compares all that is made for an example; the shim and the handlers, which are copies, are named only.
fn example(snapshot: &str, path: &str, stage: Option<&str>) {
    let program = Program::example(path, stage);
    let (made, found) = program.build();
    let made = made.unwrap_or_else(|| panic!("{}", program.shown(&found)));
    let mut text = program.shown(&found);
    for file in &made.artifacts {
        writeln!(text, "=== {} ===", file.path).unwrap();
        if !file.path.contains("/_fnc/") && !file.path.contains("/app/") {
            text.push_str(std::str::from_utf8(&file.contents).unwrap());
        }
    }
    writeln!(text, "=== summary ===\n{}", made.summary.join("\n")).unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(".");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    // The tag of an image changes with every line of the shim and of the handlers.
    settings.add_filter(r"\b[0-9a-f]{16}\b", "TAG");
    settings.bind(|| insta::assert_snapshot!(snapshot, text));
}

#[test]
fn hello() {
    example("hello", "hello", None);
}

#[test]
fn shop() {
    example("shop-dev", "shop", Some("dev"));
    example("shop-prod", "shop", Some("prod"));
}

#[test]
fn relay() {
    example("relay", "relay", None);
}

#[test]
fn trio() {
    example("trio", "trio", None);
}

#[test]
fn batch_sqs() {
    example("batch-sqs", "real/batch-sqs", None);
}

#[test]
fn sqs_standard() {
    example("sqs-standard", "real/sqs-standard", None);
}

#[test]
fn user_management() {
    example("user-management", "real/user-management", Some("prod"));
}

#[test]
fn a_second_build_is_the_same() {
    let build = || Program::example("shop", Some("prod")).built();
    assert_eq!(build(), build());
}

#[test]
fn every_word_is_printed_as_a_value() {
    let program = Program::folder("targets/knative/conformance/words", Some("prod"));
    assert!(program.objects().len() > 30);
    for (path, text) in program.built() {
        // What a template engine makes of a list or an object that is no single value.
        assert!(!text.contains("[object]"), "{path}");
        assert!(!text.contains("{{") || path.contains("/_fnc/"), "{path}");
    }
}
