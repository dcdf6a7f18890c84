//! Files change while an app runs.

use std::fs;

use super::running::Running;
use crate::harness::Fnc;

fn program(path: &str) -> String {
    format!(
        r#"
        app live
        queue jobs {{ delay 2s; retry 1 then parked }}
        queue parked
        function say {{
          handler "src/say.py:handle"
          on http GET "{path}" {{ auth none }}
          scale 1..2
        }}
        function work {{
          handler "work/work.py:handle"
          on queue jobs
          scale 0..1
        }}
        "#
    )
}

fn handler(word: &str) -> String {
    format!("def handle(event, context):\n    return '{word}'\n")
}

#[test]
fn changed_files_take_over_and_messages_stay() {
    let files = Fnc::new()
        .file("app.fn", program("/"))
        .file("src/say.py", handler("one"))
        .file("work/work.py", handler("done"));
    let live = Running::start(files, "");
    assert_eq!(live.get("/").body, "one");
    let change = |path: &str, text: String| fs::write(live.fnc.path(path), text).unwrap();
    live.send("jobs", "1");

    change("src/say.py", handler("two"));
    live.until("the new handler", |it| it.get("/").body == "two");
    live.until("a line", |it| it.lines_with(&["reloaded say"]) == 1);

    change("app.fn", program("/").replace("scale 1..2", "scale 1..2 {"));
    live.until("the error", |it| {
        it.output().contains("what ran before goes on")
    });
    assert!(live.output().contains("FN01"), "{}", live.output());
    assert_eq!(live.get("/").body, "two");

    change("app.fn", program("/new"));
    live.until("the new route", |it| it.get("/new").status == 200);
    assert_eq!(live.get("/").status, 404);
    live.until("the message", |it| {
        it.state("sources", "queue jobs", "done") == 1
    });
}
