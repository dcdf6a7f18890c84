//! `fnc init`: a small working app to begin with.

#![expect(clippy::disallowed_methods, reason = "the app is written to disk")]

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{Failure, Outcome, Terminal, shown};

/// Begin a small working app
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The folder; it is made where there is none
    #[arg(default_value = ".")]
    dir: PathBuf,

    /// Choose the language of the handlers
    #[arg(long, value_enum, default_value_t = Lang::Python, value_name = "LANGUAGE")]
    lang: Lang,
}

/// A language that handlers can begin in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lang {
    /// Python
    Python,
    /// JavaScript
    Node,
}

/// What keeps local data out of version control; one that is there already is left as it is.
const IGNORED: &str = ".gitignore";

impl Init {
    /// Writes the app; refuses when any of its files is there already.
    pub(crate) fn run(&self, terminal: &Terminal) -> Result<Outcome, Failure> {
        let dir = &self.dir;
        fs::create_dir_all(dir).map_err(Failure::file("create", dir))?;
        let real = dir.canonicalize().map_err(Failure::file("read", dir))?;
        let folder = real.file_name().unwrap_or_default().to_string_lossy();
        let files = files(&app_name(&folder), self.lang);
        let there = |path: &str| path != IGNORED && dir.join(path).exists();
        if let Some((path, _)) = files.iter().find(|(path, _)| there(path)) {
            let path = shown(&dir.join(path));
            let message = format!("`{path}` is there already; name another folder");
            return Err(Failure::Usage(message));
        }
        for (path, text) in &files {
            let path = dir.join(path);
            if path.exists() {
                continue;
            }
            let parent = path.parent().unwrap_or(dir);
            fs::create_dir_all(parent).map_err(Failure::file("create", parent))?;
            fs::write(&path, text).map_err(Failure::file("write", &path))?;
            terminal.say(format!("wrote {}", shown(&path)));
        }
        let place = if dir == Path::new(".") {
            String::new()
        } else {
            format!(" {}", shown(dir))
        };
        terminal.say(format!("next: fnc run{place}"));
        terminal.say("      curl localhost:3000/hello/World");
        terminal.say(format!("      fnc build{place}"));
        Ok(Outcome::Done)
    }
}

/// Returns the files of the app and their texts.
fn files(app: &str, lang: Lang) -> [(String, String); 4] {
    let (ending, greet, work) = match lang {
        Lang::Python => (
            "py",
            include_str!("init/greet.py"),
            include_str!("init/work.py"),
        ),
        Lang::Node => (
            "mjs",
            include_str!("init/greet.mjs"),
            include_str!("init/work.mjs"),
        ),
    };
    let program = include_str!("init/app.fn");
    let program = program.replace("APP", app).replace("EXT", ending);
    [
        ("app.fn".to_owned(), program),
        (format!("src/greet.{ending}"), greet.to_owned()),
        (format!("src/work.{ending}"), work.to_owned()),
        (IGNORED.to_owned(), ".fnc/\n".to_owned()),
    ]
}

/// Makes a legal name of a folder's name.
fn app_name(folder: &str) -> String {
    let lower = folder.to_lowercase();
    let legal = lower.chars().map(|it| match it {
        'a'..='z' | '0'..='9' => it,
        _ => '_',
    });
    let name: String = legal.collect();
    let name = name.trim_start_matches(|it: char| !it.is_ascii_lowercase());
    let name: String = name.trim_end_matches('_').chars().take(40).collect();
    if name.is_empty() {
        "my_app".to_owned()
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_legal() {
        for (folder, name) in [
            ("shop", "shop"),
            ("My Shop-2", "my_shop_2"),
            ("2024", "my_app"),
            ("42nd", "nd"),
            ("é", "my_app"),
        ] {
            assert_eq!(app_name(folder), name);
        }
    }
}
