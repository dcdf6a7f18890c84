//! A program of any size: functions behind http, queues, topics and schedules in turn, each with a bit of everything.

use fnc::check::HandlerFiles;

/// Functions whose handlers share a file, and those whose files share a folder: a part of a program that people write
/// lies in a folder of its own.
const FILE: usize = 10;
const FOLDER: usize = 100;

/// Writes a program of so many functions.
pub(crate) fn text(functions: usize) -> String {
    texts(functions, 1).concat()
}

/// Writes a program of so many functions as several texts; all but the last have equally many.
pub(crate) fn texts(functions: usize, count: usize) -> Vec<String> {
    let size = functions.div_ceil(count);
    let part = |at: usize| {
        let all = at * size..((at + 1) * size).min(functions);
        let head = if at == 0 { HEAD } else { "" };
        head.to_owned() + &all.map(|n| function(n, functions)).collect::<String>()
    };
    (0..count).map(part).collect()
}

const HEAD: &str = "/// A program to measure with.\napp big\n\nstage dev, prod\n\nparam workers int = if stage == \"prod\" then 50 else 5\n\nsecret key\n\n\
     defaults {\n  runtime python3.13\n  memory 512MB\n  timeout 10s\n  retry 2 then parked\n}\n\n\
     queue parked { keep 14d }\n";

fn function(n: usize, functions: usize) -> String {
    let handler = format!("{}:handle_{n}", path(n / FILE));
    let (before, trigger) = match n % 4 {
        0 => (
            String::new(),
            format!("on http POST \"/things/{n}/{{id}}\" {{ auth none }}"),
        ),
        1 => (
            format!("queue work_{n} {{ retry 5 then parked }}\n"),
            format!("on queue work_{n} {{ batch 10 within 1s }}"),
        ),
        2 => (format!("topic news_{n}\n"), format!("on topic news_{n}")),
        _ => (String::new(), format!("on schedule \"{} 3 * * *\"", n % 60)),
    };
    // What it may send to is declared nearby, as in a program that people write.
    let queue = if n < functions.saturating_sub(4) && n > 0 {
        format!("work_{}", (n - 1) / 4 * 4 + 1)
    } else {
        "parked".to_owned()
    };
    format!(
        "\n{before}/// Does the work of number {n}.\nfunction f_{n} {{\n  handler \"{handler}\"\n  {trigger}\n  can send {queue}\n  \
         env {{\n    NUMBER = {n}\n    NAME = \"${{app.name}}-{n}\"\n    KEY = secret.key\n  }}\n  scale 0..workers\n}}\n"
    )
}

/// Returns the path of a handler file.
fn path(file: usize) -> String {
    format!("part{}/work{file}.py", file * FILE / FOLDER)
}

/// The handler files of a program, made up when they are asked for.
pub(crate) struct Handlers;

impl HandlerFiles for Handlers {
    fn read(&self, path: &str) -> Option<String> {
        let (_, name) = path.rsplit_once('/')?;
        let number = name.strip_prefix("work")?.strip_suffix(".py")?;
        let first = number.parse::<usize>().ok()? * FILE;
        Some(handlers(first))
    }

    fn list(&self, _folder: &str) -> Vec<String> {
        Vec::new()
    }
}

fn handlers(first: usize) -> String {
    let handler =
        |n| format!("def handle_{n}(event, context):\n    return {{'statusCode': 200}}\n\n\n");
    (first..first + FILE).map(handler).collect()
}

/// Returns the path and text of each handler file of a program.
pub(crate) fn files(functions: usize) -> impl Iterator<Item = (String, String)> {
    let parts = 0..functions.div_ceil(FILE);
    parts.map(|it| (path(it), handlers(it * FILE)))
}
