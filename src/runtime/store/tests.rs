//! The store on its database, on damaged ones, and on disks that fail.

#![expect(clippy::disallowed_methods, reason = "the store lives on disk")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use super::*;

const SPACE: &str = "things";

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn open(folder: &Path) -> Result<Store, StoreError> {
    Store::open(Home::lock(folder)?)
}

fn put(number: u64) -> Change {
    let value = format!(
        "{number} {}",
        "x".repeat(usize::try_from(number * 37 % 5_000).unwrap())
    );
    Change::put(SPACE, number.to_be_bytes(), value.into())
}

/// Returns all records, as they are read after a start.
async fn all(store: &Store) -> Result<Vec<Record>, StoreError> {
    store.scan(SPACE, &[]).await
}

#[tokio::test]
async fn records_are_there_again_in_order() {
    let folder = folder();
    let store = open(folder.path()).unwrap();
    store.write((0..40).rev().map(put).collect());
    store.write(vec![put(7), Change::remove(SPACE, 9u64.to_be_bytes())]);
    store.write(vec![Change::put("others", 1u64.to_be_bytes(), b"o".into())]);
    store.saved().wait().await.unwrap();
    let before = all(&store).await.unwrap();
    assert_eq!(before.len(), 39);
    assert!(before.is_sorted_by_key(|it| it.key.clone()));
    store.close().unwrap();
    // What comes too late is not promised.
    store.write(vec![put(100)]);
    assert!(store.saved().wait().await.is_err());

    let store = open(folder.path()).unwrap();
    assert_eq!(all(&store).await.unwrap(), before);
    assert_eq!(
        store
            .get("others", &1u64.to_be_bytes())
            .await
            .unwrap()
            .unwrap(),
        b"o"
    );
    assert_eq!(store.get(SPACE, &9u64.to_be_bytes()).await.unwrap(), None);
    let key = 0x0101u64.to_be_bytes();
    store.write(vec![Change::put(SPACE, key, b"1".into())]);
    let some = store.scan(SPACE, &key[..7]).await.unwrap();
    assert_eq!(some.len(), 1, "only keys that begin so");
}

#[tokio::test]
async fn a_folder_is_locked_and_can_be_cleared() {
    let folder = folder();
    let store = open(folder.path()).unwrap();
    store.write(vec![put(1)]);
    match Home::lock(folder.path()) {
        Err(StoreError::InUse { process }) => assert_eq!(process, Some(std::process::id())),
        other => panic!("{other:?}"),
    }
    store.close().unwrap();
    let home = Home::lock(folder.path()).unwrap();
    home.clear().unwrap();
    home.clear().unwrap();
    let store = Store::open(home).unwrap();
    assert_eq!(all(&store).await.unwrap(), []);
    let ignored = fs::read_to_string(folder.path().join(".fnc/.gitignore")).unwrap();
    assert_eq!(ignored, "*\n");
}

/// Returns the files of a store with records, and the records: closed well, or cut off with its log.
async fn files(well: bool) -> (Vec<(String, Vec<u8>)>, Vec<Record>) {
    let folder = folder();
    let store = open(folder.path()).unwrap();
    for number in 0..20 {
        store.write(vec![put(number)]);
        store.saved().wait().await.unwrap();
    }
    let records = all(&store).await.unwrap();
    if well {
        store.close().unwrap();
    }
    let files = fs::read_dir(folder.path().join(".fnc/data")).unwrap();
    let files = files.map(|it| it.unwrap().path());
    let files = files.map(|it| {
        let name = it.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read(it).unwrap())
    });
    (files.collect(), records)
}

/// Opens a store of these files: it is refused, or holds everything.
async fn refused_or_whole(files: &[(String, Vec<u8>)], records: &[Record], what: &str) -> bool {
    let folder = folder();
    let data = folder.path().join(".fnc/data");
    fs::create_dir_all(&data).unwrap();
    for (name, bytes) in files {
        fs::write(data.join(name), bytes).unwrap();
    }
    let store = match open(folder.path()) {
        Ok(store) => store,
        Err(StoreError::Damaged(_) | StoreError::Foreign(_)) => return true,
        Err(other) => panic!("{what}: {other}"),
    };
    match all(&store).await {
        Ok(found) => {
            assert!(found == records, "{what}: {} records", found.len());
            // It goes on working.
            store.write(vec![put(1000)]);
            store
                .saved()
                .wait()
                .await
                .unwrap_or_else(|it| panic!("{what}: {it}"));
            false
        }
        Err(StoreError::Damaged(_)) => true,
        Err(other) => panic!("{what}: {other}"),
    }
}

#[tokio::test]
async fn no_changed_byte_goes_unnoticed() {
    for well in [true, false] {
        let (good, records) = files(well).await;
        assert!(!refused_or_whole(&good, &records, "untouched").await);
        let mut refused = 0;
        for at in 0..good.len() {
            let length = good[at].1.len();
            // A few bytes of each page, at other places in each.
            for place in (0..length).step_by(length.div_ceil(120).max(1)) {
                let place = (place + place / 512 * 13) % length;
                let mut files = good.clone();
                files[at].1[place] ^= 0x41;
                let what = format!("byte {place} of {length} in {}", good[at].0);
                refused += usize::from(refused_or_whole(&files, &records, &what).await);
            }
        }
        assert!(refused > 50, "{refused}");
    }
}

#[tokio::test]
async fn no_missing_end_goes_unnoticed() {
    for well in [true, false] {
        let (good, records) = files(well).await;
        for at in 0..good.len() {
            let length = good[at].1.len();
            for left in (0..length).step_by(length.div_ceil(30).max(1)) {
                let mut files = good.clone();
                files[at].1.truncate(left);
                let what = format!("{left} bytes of {length} in {}", good[at].0);
                refused_or_whole(&files, &records, &what).await;
            }
            if good[at].0 != "commits" && !(well && good[at].0 == "store.db-wal") {
                let mut files = good.clone();
                files.remove(at);
                let what = format!("no {}", good[at].0);
                assert!(refused_or_whole(&files, &records, &what).await, "{what}");
            }
        }
    }
}

#[tokio::test]
async fn another_format_is_refused() {
    let folder = folder();
    open(folder.path()).unwrap().close().unwrap();
    let path = folder.path().join(".fnc/data/store.db");
    let later = rusqlite::Connection::open(path).unwrap();
    later.pragma_update(None, "user_version", 2).unwrap();
    drop(later);
    let error = open(folder.path()).unwrap_err();
    assert!(matches!(error, StoreError::Foreign(2)), "{error}");
}

/// A disk in memory that is slow, and fails after some commits.
#[derive(Clone, Default)]
pub(crate) struct Model {
    pub(crate) commits: Arc<Mutex<Vec<Vec<Change>>>>,
    fails_after: Option<usize>,
}

impl Disk for Model {
    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let mut commits = self.commits.lock().unwrap();
        if self.fails_after.is_some_and(|it| it <= commits.len()) {
            return Err(StoreError::Full);
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
        commits.push(changes.to_vec());
        Ok(())
    }

    fn get(&mut self, space: &str, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let all = self.scan(space, key)?;
        Ok(all.into_iter().find(|it| it.key == key).map(|it| it.value))
    }

    fn scan(&mut self, space: &str, prefix: &[u8]) -> Result<Vec<Record>, StoreError> {
        let commits = self.commits.lock().unwrap();
        let state = state(&commits, space).into_iter();
        let found = state.filter(|(key, _)| key.starts_with(prefix));
        Ok(found.map(|(key, value)| Record { key, value }).collect())
    }

    fn close(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Returns what a space holds after these commits.
pub(crate) fn state(commits: &[Vec<Change>], space: &str) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut state = BTreeMap::new();
    for change in commits.iter().flatten().filter(|it| it.space == space) {
        match &change.value {
            Some(value) => state.insert(change.key.clone(), value.clone()),
            None => state.remove(&change.key),
        };
    }
    state
}

#[tokio::test]
async fn many_writes_share_a_commit() {
    let disk = Model::default();
    let store = Store::on(Box::new(disk.clone()), None).unwrap();
    let mut promises = Vec::new();
    for number in 0..2_000 {
        store.write(vec![put(number)]);
        promises.push(store.saved());
    }
    for promise in promises {
        promise.wait().await.unwrap();
    }
    assert_eq!(all(&store).await.unwrap().len(), 2_000);
    let commits = disk.commits.lock().unwrap().len();
    assert!(commits < 500, "{commits} commits");
}

#[tokio::test]
async fn after_a_failure_nothing_is_promised_and_what_was_stays() {
    let disk = Model {
        fails_after: Some(3),
        ..Model::default()
    };
    let store = Store::on(Box::new(disk.clone()), None).unwrap();
    for number in 0..3 {
        store.write(vec![put(number)]);
        store.saved().wait().await.unwrap();
    }
    let before = store.saved();
    store.write(vec![put(3)]);
    let after = store.saved();
    before.wait().await.unwrap();
    assert!(matches!(after.wait().await, Err(StoreError::Full)));
    store.write(vec![put(4)]);
    assert!(matches!(store.saved().wait().await, Err(StoreError::Full)));
    assert!(matches!(store.failure().await, StoreError::Full));
    assert_eq!(all(&store).await.unwrap().len(), 3);
    assert!(matches!(store.close(), Err(StoreError::Full)));
}
