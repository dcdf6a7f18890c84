//! Tells when files of a program change.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

/// Editors write a file in several steps; so long nothing may happen before it is read.
const SETTLE: Duration = Duration::from_millis(150);

/// Watches the folder of a program.
#[derive(Debug)]
pub struct Watch {
    changes: mpsc::UnboundedReceiver<PathBuf>,
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// Watches the code in a folder, but for what tools make there.
    pub fn new(folder: &Path) -> notify::Result<Watch> {
        let (sender, changes) = mpsc::unbounded_channel();
        let top = folder.to_owned();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let Ok(event) = event else { return };
            if !is_change(event.kind) {
                return;
            }
            for path in event.paths {
                let within = path.strip_prefix(&top).unwrap_or(&path);
                if is_code(within) && !is_made(within) {
                    // Nobody listens at the end of a run.
                    let _ = sender.send(path);
                }
            }
        })?;
        watcher.watch(folder, RecursiveMode::Recursive)?;
        Ok(Watch {
            changes,
            _watcher: watcher,
        })
    }

    /// Waits for a change, and for the end of all that come with it; returns the files.
    pub async fn changed(&mut self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        match self.changes.recv().await {
            Some(file) => files.push(file),
            None => std::future::pending().await,
        }
        while let Ok(Some(file)) = tokio::time::timeout(SETTLE, self.changes.recv()).await {
            if !files.contains(&file) {
                files.push(file);
            }
        }
        files
    }
}

fn is_change(kind: EventKind) -> bool {
    use notify::event::ModifyKind;
    match kind {
        EventKind::Create(_) | EventKind::Remove(_) => true,
        EventKind::Modify(how) => !matches!(how, ModifyKind::Metadata(_)),
        EventKind::Any | EventKind::Access(_) | EventKind::Other => false,
    }
}

/// Tells whether a file is part of a program: data that a handler writes is not.
fn is_code(path: &Path) -> bool {
    let extension = path.extension().and_then(|it| it.to_str());
    extension.is_some_and(|it| ["fn", "py", "js", "mjs", "cjs"].contains(&it))
}

/// Tells whether a file is made by tools: hidden, or in a folder that is never packed.
fn is_made(path: &Path) -> bool {
    path.components().any(|it| match it {
        Component::Normal(name) => {
            let name = name.to_string_lossy();
            let made = ["build", "node_modules", "__pycache__"];
            name.starts_with('.') || made.contains(&&*name)
        }
        Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => {
            false
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tools_make_is_no_change_of_the_program() {
        let made = [
            ".fnc/pycache/a.pyc",
            "src/__pycache__/a.pyc",
            "build/aws/x",
            ".git/HEAD",
        ];
        assert!(made.iter().all(|it| is_made(Path::new(it))));
        let written = ["app.fn", "src/bill.py", "src/builder/a.py"].map(Path::new);
        assert!(written.iter().all(|it| is_code(it) && !is_made(it)));
        assert!(!is_code(Path::new("src/orders.txt")) && !is_code(Path::new("src")));
    }
}
