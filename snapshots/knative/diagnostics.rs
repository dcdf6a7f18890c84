//! What Knative refuses, and what it does in its own way: the programs on the pages of its codes.

use fnc::diagnostic::Code;

use super::Program;

/// Returns the programs of a page: those below the heading, in order.
fn programs(code: Code, heading: &str) -> Vec<String> {
    let page = code.page();
    let below = page.split(&format!("## {heading}\n")).nth(1).unwrap();
    let below = below.split("\n## ").next().unwrap();
    let blocks = below.split("```fn\n").skip(1);
    blocks
        .map(|it| it.split("```").next().unwrap().to_owned())
        .collect()
}

/// Shows what the bad program of a page gives; the good one must give nothing.
fn page(name: &str) {
    let code = Code::parse(name).unwrap();
    for text in programs(code, "Good") {
        let program = Program::text(&text);
        let (_, found) = program.build();
        assert!(found.is_empty(), "{}", program.shown(&found));
    }
    for text in programs(code, "Bad") {
        let program = Program::text(&text);
        let (_, found) = program.build();
        let shown = program.shown(&found);
        assert!(
            found.iter().all(|it| it.code == code) && !found.is_empty(),
            "{shown}"
        );
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(".");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, format!("{text}\n---\n{shown}")));
    }
}

#[test]
fn refusals() {
    for name in [
        "FN0860", "FN0861", "FN0862", "FN0863", "FN0864", "FN0890", "FN0891", "FN0892", "FN0894",
        "FN0960", "FN0961", "FN0962", "FN0963", "FN0964", "FN0965",
    ] {
        page(name);
    }
}

#[test]
fn notices() {
    let names = [
        "FN0541", "FN0950", "FN0951", "FN0952", "FN0953", "FN0954", "FN0955", "FN0956", "FN0957",
        "FN0959", "FN0995", "FN0996", "FN0998", "FN0999",
    ];
    for name in names {
        page(name);
    }
}

#[test]
fn what_is_out_of_range_is_refused() {
    let finds = |text: &str, message: &str| {
        let program = Program::text(text);
        let shown = program.shown(&program.build().1);
        assert!(shown.contains(message), "{message}\n{shown}");
    };
    let function = |setting: &str| {
        format!(
            "app a {{ targets knative }}\nfunction f {{\n handler \"f.py:handle\"\n on http GET \"/\" {{ auth none }}\n {setting}\n}}"
        )
    };
    finds(&function("timeout 11m"), "Knative takes 600s at most");
    finds(
        &function("scale 0..9 { concurrency 1001 }"),
        "Knative takes 1000 at most",
    );
    finds(
        &function("scale 0..9 { idle 2h }"),
        "Knative takes 1h at most",
    );
    finds(&function("memory 16MB"), "Knative takes 32MB or more");
    finds(
        "app a { targets knative }\nqueue q { max_size 2MB }",
        "Knative takes 1000KB at most",
    );
    finds(
        "app a { targets knative }\nqueue p { keep 14d }\nqueue q { retry 21 then p }",
        "Knative takes 20 at most",
    );
    let ready = "function f { handler \"f.py:handle\"; on queue q { concurrency 2 }; scale 3..9 }\nqueue p { keep 14d }";
    finds(
        &format!("app a {{ targets knative }}\nqueue q {{ retry 1 then p }}\n{ready}"),
        "fewer may work",
    );
}
