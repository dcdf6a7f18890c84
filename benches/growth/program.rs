//! A program of any size: functions behind http, queues, topics and schedules in turn, each with a bit of everything.

use std::fmt::Write;

use fnc::check::HandlerFiles;

/// Functions whose handlers share a file.
const FILE: usize = 10;

/// Writes a program of so many functions.
pub(crate) fn text(functions: usize) -> String {
    let mut text = String::from(
        "/// A program to measure with.\napp big\n\nstage dev, prod\n\nparam workers int = if stage == \"prod\" then 50 else 5\n\nsecret key\n\n\
         defaults {\n  runtime python3.13\n  memory 512MB\n  timeout 10s\n  retry 2 then parked\n}\n\n\
         queue parked { keep 14d }\n",
    );
    for n in 0..functions {
        let handler = format!("src/part{}.py:handle_{n}", n / FILE);
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
        let queue = match n {
            0 => "parked".to_owned(),
            _ => format!("work_{}", (n - 1) / 4 * 4 + 1),
        };
        let queue = if n < functions.saturating_sub(4) && n > 0 {
            queue
        } else {
            "parked".to_owned()
        };
        write!(
            text,
            "\n{before}/// Does the work of number {n}.\nfunction f_{n} {{\n  handler \"{handler}\"\n  {trigger}\n  can send {queue}\n  \
             env {{\n    NUMBER = {n}\n    NAME = \"${{app.name}}-{n}\"\n    KEY = secret.key\n  }}\n  scale 0..workers\n}}\n"
        )
        .expect("writing to a text never fails");
    }
    text
}

/// The handler files of a program, made up when they are asked for.
pub(crate) struct Handlers;

impl HandlerFiles for Handlers {
    fn read(&self, path: &str) -> Option<String> {
        let number = path.strip_prefix("src/part")?.strip_suffix(".py")?;
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
    parts.map(|it| (format!("src/part{it}.py"), handlers(it * FILE)))
}
