//! Handlers that Lambda calls itself: those that take Lambda's own events, where nothing is to be done around them.

use super::cron::from_cron;
use crate::model::{App, Auth, Contract, EnvValue, Function, Language, TriggerKind};
use crate::target::Package;

/// The longest `Handler` ("AWS Lambda API Reference", `CreateFunction`).
const LONGEST: usize = 128;

/// Returns what Lambda calls: the file without its ending, and the symbol. None where the shim stands between, or where
/// Lambda's way to load a file would find another one.
pub(super) fn handler(app: &App, package: &Package, function: &Function) -> Option<String> {
    if function.contract.value == Contract::Portable || needs_shim(app, function) {
        return None;
    }
    let (path, _) = function.handler.file.rsplit_once('.')?;
    let is_found = match function.runtime.value.language() {
        Language::Python => python_finds(package, function, path),
        Language::Node => node_finds(package, function, path),
        Language::Other => return None,
    };
    let made = format!("{path}.{}", function.handler.symbol);
    let plain = !path.contains('.') && !made.contains(char::is_whitespace);
    (is_found && plain && made.len() <= LONGEST).then_some(made)
}

/// Tells whether something is done before or after the handler: secrets fetched, a key compared, records passed over.
fn needs_shim(app: &App, function: &Function) -> bool {
    let mut variables = function.env.iter();
    let secret = variables.any(|it| matches!(it.value, EnvValue::Secret(_)));
    let around = |kind: &TriggerKind| match kind {
        TriggerKind::Http(it) => matches!(it.auth.value, Auth::Key(_)),
        TriggerKind::Websocket(it) => matches!(it.auth.value, Auth::Key(_)),
        TriggerKind::Schedule(it) => from_cron(&it.cron.value)
            .iter()
            .any(|it| !it.skipped_days.is_empty()),
        // Where nothing parks, the shim ends it: a queue would deliver until its messages expire.
        TriggerKind::Topic(it) => {
            let topic = app.topics.get(it.topic.as_str());
            topic.is_some_and(|it| it.fifo.value) && function.retry.value.park.is_none()
        }
        TriggerKind::Every(_)
        | TriggerKind::Queue(_)
        | TriggerKind::Stream(_)
        | TriggerKind::Table(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Event(_)
        | TriggerKind::Raw(_) => false,
    };
    let mut triggers = function.triggers.iter();
    // Layers lie under the code, where the entry makes them found.
    let layers = !function.layers.is_empty();
    layers || secret || triggers.any(|it| it.filter.is_some() || around(&it.kind))
}

/// Tells whether Lambda finds a Python file by its path from the top, and nothing lies beside it that it could import
/// by name alone: the top is all that Lambda searches.
fn python_finds(package: &Package, function: &Function, path: &str) -> bool {
    let top = path.split('/').next().unwrap_or(path);
    let taken = TAKEN.split_whitespace().any(|it| it == top);
    let folder = function.handler.folder();
    let mut others = package.folder(folder);
    let is_python = |path: &str| path.rsplit_once('.').is_some_and(|(_, it)| it == "py");
    let alone = !others.any(|(it, _)| is_python(it) && it != function.handler.file);
    !taken && (folder.is_empty() || alone)
}

/// Tells whether Lambda, which tries the endings in this order, comes to this file first.
fn node_finds(package: &Package, function: &Function, path: &str) -> bool {
    let mut endings = [".js", ".mjs", ".cjs"].iter();
    let first = endings.find(|it| package.files.contains_key(&format!("{path}{it}")));
    first.is_some_and(|it| function.handler.file.ends_with(it))
}

// Modules of Python itself and of Lambda's runtimes: a folder or file of the same name isn't found.
const TAKEN: &str = "\
    abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit audioop awslambdaric \
    base64 bdb binascii bisect bootstrap boto3 botocore builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd \
    code codecs codeop collections colorsys compileall compression concurrent configparser contextlib contextvars \
    copy copyreg crypt csv ctypes curses dataclasses datetime dateutil dbm decimal difflib dis distutils doctest \
    email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc \
    genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib imaplib imghdr \
    imp importlib inspect io ipaddress itertools jmespath json keyword lib2to3 linecache locale logging lzma mailbox \
    mailcap marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath \
    nturl2path numbers opcode operator optparse os ossaudiodev pathlib pdb pickle pickletools pipes pkgutil platform \
    plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue \
    quopri random re readline reprlib resource rlcompleter runpy runtime s3transfer sched secrets select selectors \
    shelve shlex shutil signal simplejson site six smtpd smtplib snapshot_restore_py sndhdr socket socketserver spwd \
    sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct subprocess sunau \
    symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios textwrap this threading time timeit \
    tkinter token tokenize tomllib trace traceback tracemalloc tty turtle turtledemo types typing unicodedata \
    unittest urllib urllib3 uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc \
    zipapp zipfile zipimport zlib zoneinfo";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_pythons_own_are_known() {
        for name in ["json", "email", "queue", "boto3"] {
            assert!(TAKEN.split_whitespace().any(|it| it == name), "{name}");
        }
    }
}
