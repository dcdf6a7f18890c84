//! Every block of the README and of the guides in `docs/` is run, or checked as far as it goes.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::harness::{Fnc, ROOT};
use crate::run::running::Running;

/// A fenced block of a page.
struct Block {
    language: String,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let text = fs::read_to_string(Path::new(ROOT).join(page)).unwrap();
    let fenced = text.split("\n```").skip(1).step_by(2);
    let block = |it: &str| {
        let (language, text) = it.split_once('\n').unwrap_or((it, ""));
        Block {
            language: language.to_owned(),
            text: text.to_owned(),
        }
    };
    fenced.map(block).collect()
}

/// Returns the pages but for those of the codes, which have tests of their own.
fn pages() -> Vec<String> {
    let entries = fs::read_dir(Path::new(ROOT).join("docs")).unwrap();
    let names = entries.map(|it| it.unwrap().file_name().into_string().unwrap());
    let pages = names.filter(|it| it.ends_with("md"));
    let mut pages: Vec<String> = pages.map(|it| format!("docs/{it}")).collect();
    pages.push("README.md".to_owned());
    pages.sort();
    pages
}

/// Returns a folder with an app and every handler that it names.
fn app(program: &str) -> Fnc {
    let mut fnc = Fnc::new().file("app.fn", format!("{program}\n"));
    for part in program.split("handler \"").skip(1) {
        let (handler, _) = part.split_once('"').unwrap();
        let (file, symbol) = handler.split_once(':').unwrap();
        let python = Path::new(file).extension().is_some_and(|it| it == "py");
        let text = if python {
            format!("def {symbol}(event, context):\n    return None\n")
        } else {
            format!("export function {symbol}(event, context) {{}}\n")
        };
        fnc = fnc.file(file, text);
    }
    fnc
}

/// Returns a program without the blanks that put the comments of a page below each other.
fn unaligned(program: &str) -> String {
    let lines = program.lines().map(|line| match line.split_once("  //") {
        Some((said, comment)) => format!("{} //{comment}", said.trim_end()),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_block_is_of_a_kind_that_is_tested() {
    for page in pages() {
        for block in blocks(&page) {
            let language = block.language.as_str();
            let known = [
                "fn", "sh", "console", "python", "js", "json", "text", "pest",
                "yaml", // targets/aws/conformance/byhand.py
            ];
            assert!(known.contains(&language), "{page}: a block of `{language}`");
        }
    }
}

#[test]
fn programs_have_no_errors() {
    for page in pages() {
        for block in blocks(&page).iter().filter(|it| it.language == "fn") {
            if block.text.starts_with("test \"") {
                // Tests are those of the shop, and pass there.
                let fnc = Fnc::new().example("shop");
                fs::write(fnc.path("shop/app.test.fn"), unaligned(&block.text) + "\n").unwrap();
                let ran = fnc.run("test shop");
                assert_eq!(ran.code, 0, "{page}\n{ran}");
                let formatted = fnc.run("fmt --check shop/app.test.fn");
                assert_eq!(formatted.code, 0, "{page}\n{formatted}");
                continue;
            }
            let fnc = app(&block.text);
            let ran = fnc.run("check");
            assert_eq!(ran.code, 0, "{page}\n{ran}");
            let formatted = app(&unaligned(&block.text)).run("fmt --check");
            assert_eq!(formatted.code, 0, "{page}\n{formatted}");
        }
    }
}

#[test]
fn json_is_json() {
    for page in pages() {
        for block in blocks(&page).iter().filter(|it| it.language == "json") {
            let read: Result<serde_json::Value, _> = serde_json::from_str(&block.text);
            assert!(read.is_ok(), "{page}: {read:?}\n{}", block.text);
        }
    }
}

#[test]
fn handlers_can_be_parsed() {
    for page in pages() {
        for block in blocks(&page) {
            // A block may be a part of a handler.
            let text = &block.text;
            let (name, whole, interpreter) = match block.language.as_str() {
                "python" if text.starts_with("def ") || text.starts_with("import ") => {
                    ("a.py", text.clone(), ["python3", "-mpy_compile"])
                }
                "python" => {
                    let body = text.replace('\n', "\n    ");
                    let whole = format!("async def handle(event, context):\n    {body}\n");
                    ("a.py", whole, ["python3", "-mpy_compile"])
                }
                "js" if text.starts_with("export ") || text.starts_with("import ") => {
                    ("a.mjs", text.clone(), ["node", "--check"])
                }
                "js" => {
                    let whole = format!("async function handle(event, context) {{\n{text}\n}}\n");
                    ("a.mjs", whole, ["node", "--check"])
                }
                _ => continue,
            };
            let fnc = Fnc::new().file(name, whole);
            let [program, argument] = interpreter;
            let parsed = Command::new(program)
                .args([argument, name])
                .current_dir(fnc.path("."))
                .output()
                .unwrap();
            assert!(parsed.status.success(), "{page}: {text}\n{parsed:?}");
        }
    }
}

#[test]
fn commands_of_the_readme_work() {
    let fnc = Fnc::new();
    crate::harness::copy(&Path::new(ROOT).join("examples"), &fnc.path("examples"));
    let mut fnc = Some(fnc);
    let mut app: Option<Running> = None;
    let blocks = blocks("README.md");
    let commands = blocks.iter().filter(|it| it.language == "sh");
    let lines: Vec<&str> = commands.flat_map(|it| it.text.lines()).collect();
    assert!(lines.len() >= 4, "{lines:?}");
    for line in lines {
        let words = words(line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["make", target] => {
                let makefile = fs::read_to_string(Path::new(ROOT).join("Makefile")).unwrap();
                assert!(makefile.contains(&format!("\n{target}:")), "make {target}");
            }
            ["cargo", "run", "--release", "--", "run", arguments @ ..] => {
                let folder = fnc.take().expect("one app runs at a time");
                app = Some(Running::start(folder, &arguments.join(" ")));
            }
            ["cargo", "run", "--release", "--", arguments @ ..] => {
                let folder = fnc.as_ref().expect("commands come before the app runs");
                let _ = folder.run(&arguments.join(" ")).exits(0);
            }
            ["curl", url, "--json", body] => {
                let app = app.as_ref().expect("an app runs");
                let path = url
                    .strip_prefix("localhost:3000")
                    .expect("the default port");
                let reply = app.post(path, body);
                assert!((200..300).contains(&reply.status), "{line}: {reply:?}");
            }
            _ => panic!("no test knows the command `{line}`"),
        }
    }
}

/// Splits a command as a shell does that knows blanks and single quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            words.last_mut().unwrap().push_str(part);
            continue;
        }
        for (at, word) in part.split(' ').enumerate() {
            if at > 0 {
                words.push(String::new());
            }
            words.last_mut().unwrap().push_str(word);
        }
    }
    words.retain(|it| !it.is_empty());
    words
}
