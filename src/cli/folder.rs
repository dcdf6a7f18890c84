//! A build folder on disk: what it holds, what would change, and changing it.
//!
//! The folder keeps a list of the files written into it. What is on the list is ours to replace and to remove;
//! everything else belongs to somebody else and is never touched.

#![expect(clippy::disallowed_methods, reason = "build folders are on disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use super::{Failure, shown};
use crate::target::Artifact;

/// The name of the list, in the folder.
const LIST: &str = ".fnc-files";

/// The first line of the list.
const LIST_HEAD: &str = "# The files that fnc wrote here; it replaces and removes no others.\n";

/// What would change in a folder.
#[derive(Debug)]
pub(crate) struct Plan {
    folder: PathBuf,
    /// What happens to each path, the list included.
    pub(crate) changes: Vec<Change>,
    /// How many files the folder holds afterwards, without the list.
    pub(crate) total: usize,
    old_list: BTreeSet<String>,
    new_list: BTreeSet<String>,
}

/// What happens to one path of a folder.
#[derive(Debug)]
pub(crate) struct Change {
    /// The path in the folder.
    pub(crate) path: String,
    /// What is there now.
    pub(crate) old: Option<Vec<u8>>,
    /// What is to be there.
    pub(crate) new: Option<Artifact>,
}

impl Change {
    /// Tells whether this is the list, not one of the files.
    pub(crate) fn is_list(&self) -> bool {
        self.path == LIST
    }
}

impl Plan {
    /// Compares a folder with what it is to hold. Fails where a file of somebody else is in the way.
    pub(crate) fn new(folder: &Path, artifacts: Vec<Artifact>) -> Result<Plan, Failure> {
        let old_list = read_list(folder)?;
        let wanted: BTreeMap<String, Artifact> = artifacts
            .into_iter()
            .map(|it| (it.path.clone(), it))
            .collect();
        let new_list: BTreeSet<String> = wanted.keys().cloned().collect();
        let total = wanted.len();
        let mut changes = Vec::new();
        for (path, artifact) in wanted {
            let old = read(&folder.join(&path))?;
            if old.as_deref() == Some(artifact.contents.as_ref()) {
                continue;
            }
            if old.is_some() && !old_list.contains(&path) {
                return Err(in_the_way(&folder.join(path)));
            }
            let new = Some(artifact);
            changes.push(Change { path, old, new });
        }
        for path in old_list.difference(&new_list) {
            let old = read(&folder.join(path))?;
            if old.is_some() {
                let (path, new) = (path.clone(), None);
                changes.push(Change { path, old, new });
            }
        }
        if old_list != new_list || !folder.join(LIST).is_file() {
            let (path, new) = (LIST.to_owned(), Some(list_of(&new_list)));
            let old = read(&folder.join(LIST))?;
            changes.push(Change { path, old, new });
        }
        Ok(Plan {
            folder: folder.to_owned(),
            changes,
            total,
            old_list,
            new_list,
        })
    }

    /// Makes the folder hold what it should. Each file appears whole or not at all, and whatever stops this half-way,
    /// the list names everything that was written.
    pub(crate) fn apply(&self) -> Result<(), Failure> {
        if self.changes.is_empty() {
            return Ok(());
        }
        create(&self.folder)?;
        if self.old_list != self.new_list {
            let both = self.old_list.union(&self.new_list).cloned().collect();
            write(&self.folder, &list_of(&both))?;
        }
        let mut last = self.folder.clone();
        for change in self.changes.iter().filter(|it| !it.is_list()) {
            match &change.new {
                Some(artifact) => {
                    let path = self.folder.join(&artifact.path);
                    let parent = path.parent().unwrap_or(&self.folder);
                    if parent != last {
                        create(parent)?;
                        parent.clone_into(&mut last);
                    }
                    write(&self.folder, artifact)?;
                }
                None => remove(&self.folder, &change.path)?,
            }
        }
        write(&self.folder, &list_of(&self.new_list))
    }
}

fn in_the_way(path: &Path) -> Failure {
    let path = shown(path);
    Failure::Machine(format!(
        "`{path}` is in the way: fnc did not write it, so it is left alone; move it, or build elsewhere with `--out`"
    ))
}

fn list_of(paths: &BTreeSet<String>) -> Artifact {
    let lines = paths.iter().flat_map(|path| [path.as_str(), "\n"]);
    let text: String = std::iter::once(LIST_HEAD).chain(lines).collect();
    Artifact::new(LIST, text)
}

/// Returns the paths of the list that lie inside the folder; others can't be ours.
fn read_list(folder: &Path) -> Result<BTreeSet<String>, Failure> {
    let text = read(&folder.join(LIST))?.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let inside = |path: &&str| {
        let mut parts = Path::new(path).components();
        !path.is_empty() && parts.all(|it| matches!(it, Component::Normal(_)))
    };
    let paths = text.lines().filter(|line| !line.starts_with('#'));
    Ok(paths.filter(inside).map(ToOwned::to_owned).collect())
}

/// Returns a file's contents; `None` when there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match fs::read(path) {
        Ok(contents) => Ok(Some(contents)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(Failure::file("read", path)(error)),
    }
}

fn create(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(Failure::file("create", folder))
}

fn write(folder: &Path, artifact: &Artifact) -> Result<(), Failure> {
    let path = folder.join(&artifact.path);
    replace(&path, &artifact.contents, artifact.executable)
}

/// Writes a file under another name and renames it, so that nobody sees half of it.
pub(crate) fn replace(path: &Path, contents: &[u8], executable: bool) -> Result<(), Failure> {
    let written = path.with_file_name(format!(".fnc-new-{}", std::process::id()));
    let kept = fs::metadata(path).map(|it| it.permissions());
    let result = fs::write(&written, contents)
        .and_then(|()| kept.map_or(Ok(()), |it| fs::set_permissions(&written, it)))
        .and_then(|()| permit(&written, executable))
        .and_then(|()| fs::rename(&written, path));
    result.map_err(|error| {
        // What can't be removed either is no reason to hide the first error.
        let _ = fs::remove_file(&written);
        Failure::file("write", path)(error)
    })
}

#[cfg(unix)]
fn permit(path: &Path, executable: bool) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if executable {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn permit(_path: &Path, _executable: bool) -> io::Result<()> {
    Ok(())
}

/// Removes a file and the folders that it leaves empty, up to the build folder.
fn remove(folder: &Path, path: &str) -> Result<(), Failure> {
    let path = folder.join(path);
    fs::remove_file(&path).map_err(Failure::file("remove", &path))?;
    for parent in path.ancestors().skip(1) {
        // A folder that still holds something stays: that is what the error says.
        if parent == folder || fs::remove_dir(parent).is_err() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(folder: &Path, files: &[(&str, &str)]) -> Result<Vec<String>, Failure> {
        let files = files.iter().map(|(path, text)| Artifact::new(*path, *text));
        let plan = Plan::new(folder, files.collect())?;
        plan.apply()?;
        Ok(plan.changes.into_iter().map(|it| it.path).collect())
    }

    #[test]
    fn writes_only_what_changed_and_removes_what_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        assert_eq!(
            build(at, &[("a/x", "1"), ("b", "2")]).unwrap(),
            ["a/x", "b", LIST]
        );
        assert!(build(at, &[("a/x", "1"), ("b", "2")]).unwrap().is_empty());
        assert_eq!(build(at, &[("b", "3")]).unwrap(), ["b", "a/x", LIST]);
        assert!(!at.join("a").exists());
        assert_eq!(fs::read_to_string(at.join("b")).unwrap(), "3");
    }

    #[test]
    fn files_of_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        fs::write(at.join("mine"), "precious").unwrap();
        let message = build(at, &[("a", "1"), ("mine", "2")])
            .unwrap_err()
            .to_string();
        assert!(message.contains("mine` is in the way"), "{message}");
        assert!(!at.join("a").exists());
        build(at, &[("a", "1")]).unwrap();
        build(at, &[]).unwrap();
        assert_eq!(fs::read_to_string(at.join("mine")).unwrap(), "precious");
    }

    #[test]
    fn a_list_cannot_point_outside() {
        let outer = tempfile::tempdir().unwrap();
        let at = outer.path().join("build");
        fs::create_dir_all(&at).unwrap();
        fs::write(outer.path().join("precious"), "").unwrap();
        fs::write(at.join(LIST), "../precious\n/etc/hosts\n").unwrap();
        build(&at, &[]).unwrap();
        assert!(outer.path().join("precious").exists());
    }
}
