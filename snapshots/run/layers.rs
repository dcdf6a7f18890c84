//! Layers lie under a function's code.

use std::fs;

use super::running::Running;
use crate::harness::Fnc;

const PROGRAM: &str = r#"
app layered { targets aws }
layer first { folder "layers/first/" }
layer second { folder "layers/second" }
function say {
  handler "src/say.py:handle"
  layers first, second
  on http GET "/" { auth none }
  scale 1..1
}
"#;

fn word(text: &str) -> String {
    format!("WORD = '{text}'\n")
}

#[test]
fn imports_find_what_the_code_does_not_hold_and_the_later_layer_wins() {
    let handler = "import beside, both, deep.inner, layers, own\n\n\ndef handle(event, context):\n    \
                   words = [it.WORD for it in (own, both, beside, deep.inner, layers)]\n    return ' '.join(words)\n";
    let files = Fnc::new()
        .file("app.fn", PROGRAM)
        .file("src/say.py", handler)
        .file("src/own.py", word("code"))
        .file("layers/first/own.py", word("layer"))
        .file("layers/first/both.py", word("first"))
        .file("layers/second/both.py", word("second"))
        .file("layers/second/src/beside.py", word("beside"))
        .file("layers/first/deep/inner.py", word("deep"))
        .file("layers/first/layers.py", word("layers"));
    let live = Running::start(files, "");
    assert_eq!(live.get("/").body, "code second beside deep layers");

    fs::write(live.fnc.path("layers/second/both.py"), word("changed")).unwrap();
    live.until("the new layer", |it| {
        it.get("/").body == "code changed beside deep layers"
    });
}
