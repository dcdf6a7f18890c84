//! Runs `fnc` as a process in a folder of its own, and shows all that came of it in one text.

use std::fmt::{self, Display};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// The repository.
pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A folder to run `fnc` in.
#[must_use]
pub(crate) struct Fnc {
    folder: TempDir,
    env: Vec<(&'static str, &'static str)>,
}

impl Fnc {
    /// Makes an empty folder.
    pub(crate) fn new() -> Self {
        Fnc {
            folder: tempfile::tempdir().unwrap(),
            env: Vec::new(),
        }
    }

    /// Puts a file into the folder.
    pub(crate) fn file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Copies an example into the folder, under its own name.
    pub(crate) fn example(self, name: &str) -> Self {
        let from = Path::new(ROOT).join("examples").join(name);
        copy(&from, &self.path(name));
        self
    }

    /// Sets a variable of the environment.
    pub(crate) fn env(mut self, name: &'static str, value: &'static str) -> Self {
        self.env.push((name, value));
        self
    }

    /// Returns the path of a file in the folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Returns the text of a file in the folder.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Returns every file below a folder with its contents, in order.
    pub(crate) fn tree(&self, path: &str) -> Vec<(String, Vec<u8>)> {
        let top = self.path(path);
        let files = walk(&top).into_iter().map(|file| {
            let name = file.strip_prefix(&top).unwrap();
            let name = name.to_str().unwrap().replace('\\', "/");
            (name, fs::read(&file).unwrap())
        });
        files.collect()
    }

    /// Runs `fnc` with arguments that hold no blanks.
    #[must_use]
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.run_with(arguments, "")
    }

    /// Runs `fnc` with a text on standard input.
    #[must_use]
    pub(crate) fn run_with(&self, arguments: &str, input: &str) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fnc"));
        command
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .env_remove("NO_COLOR")
            .envs(self.env.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A run that needs no input may be over before it is written.
        if let Err(error) = stdin.write_all(input.as_bytes()) {
            assert_eq!(error.kind(), ErrorKind::BrokenPipe, "{error}");
        }
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        Ran {
            arguments: arguments.to_owned(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code().unwrap(),
        }
    }
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    arguments: String,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

impl Ran {
    /// Asserts the exit code, and shows everything when it is another.
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n{self}");
        self
    }
}

impl Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "$ fnc {}", self.arguments)?;
        f.write_str(&self.stdout)?;
        if !self.stderr.is_empty() {
            writeln!(f, "------- stderr -------")?;
            f.write_str(&self.stderr)?;
        }
        writeln!(f, "------- exit code: {}", self.code)
    }
}

/// Returns every file below a folder, in order.
pub(crate) fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|it| it.unwrap().path()).collect();
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(walk(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// Copies a folder without what was built in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    for file in walk(from) {
        let within = file.strip_prefix(from).unwrap();
        let built = within.components().any(|it| {
            let it = it.as_os_str();
            it == "build" || it == "__pycache__" || it == ".fnc"
        });
        if !built {
            let target = to.join(within);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::copy(&file, target).unwrap();
        }
    }
}

/// Compares a text with its snapshot in `snapshots/<folder>/<name>.snap`.
pub(crate) fn snapshot(folder: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(ROOT).join("snapshots").join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.remove_snapshot_suffix();
    // An image is named after its contents, which change with every shim.
    settings.add_filter(r"(/(?:python|node)[0-9.]+:)[0-9a-f]{16}", "${1}…");
    settings.bind(|| insta::assert_snapshot!(name, text));
}
