//! Records in a SQLite database.
//!
//! The write-ahead log is flushed to disk at every commit. A log can't tell its torn end from damage: what comes
//! after a bad page is left out without a word. So every commit has a number, which is also written to a file of
//! its own once the commit is on disk; a database that is behind that number has lost something.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, params};

use super::{Change, Disk, Home, Record, StoreError};

/// The form of what is kept; another number means another form.
const FORMAT: i64 = 1;

/// So many empty pages of 4 KiB may stay for what comes.
const ROOM: i64 = 1000;

/// A database in a file.
pub struct Database {
    connection: Connection,
    commits: i64,
    /// The number of the last commit that is on disk for sure.
    mark: File,
}

impl Database {
    /// Opens the database of a folder, or makes it, and checks it whole.
    pub fn open(home: &Home) -> Result<Database, StoreError> {
        let folder = home.data()?;
        let mut mark = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join("commits"))
            .map_err(StoreError::file("open", ".fnc/data/commits"))?;
        let marked = marked(&mut mark)?;
        let connection = connect(&folder.join("store.db")).map_err(explained)?;
        let format: i64 = pragma(&connection, "user_version")?;
        if format != FORMAT && (format != 0 || has_tables(&connection)?) {
            return Err(StoreError::Foreign(format));
        }
        if format == 0 && marked > 0 {
            return Err(lost(marked));
        }
        if format == 0 {
            make(&connection).map_err(explained)?;
        } else {
            check(&connection)?;
        }
        let commits = "SELECT number FROM commits";
        let commits = connection.query_row(commits, (), |row| row.get(0));
        let commits: i64 = commits.map_err(explained)?;
        if commits < marked {
            return Err(lost(marked - commits));
        }
        Ok(Database {
            connection,
            commits,
            mark,
        })
    }

    fn transact(&mut self, changes: &[Change]) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        {
            let put = "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)";
            let mut put = transaction.prepare_cached(put)?;
            let remove = "DELETE FROM records WHERE space = ? AND key = ?";
            let mut remove = transaction.prepare_cached(remove)?;
            for Change { space, key, value } in changes {
                match value {
                    Some(value) => put.execute(params![space, key, value, sum(key, value)])?,
                    None => remove.execute(params![space, key])?,
                };
            }
            let count = "UPDATE commits SET number = ?";
            let mut count = transaction.prepare_cached(count)?;
            count.execute([self.commits + 1])?;
        }
        transaction.commit()
    }
}

impl Disk for Database {
    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.transact(changes).map_err(explained)?;
        self.commits += 1;
        let place = self.mark.seek(SeekFrom::Start(0));
        place
            .and_then(|_| self.mark.write_all(&self.commits.to_le_bytes()))
            .map_err(StoreError::file("write", ".fnc/data/commits"))
    }

    fn get(&mut self, space: &str, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let query = "SELECT value, sum FROM records WHERE space = ? AND key = ?";
        let mut query = self.connection.prepare_cached(query).map_err(explained)?;
        let found = query
            .query_row(params![space, key], |row| {
                let value: Vec<u8> = row.get(0)?;
                Ok((value, row.get(1)?))
            })
            .optional();
        match found.map_err(explained)? {
            Some((value, sum)) => Ok(Some(checked(space, key.to_vec(), value, sum)?.value)),
            None => Ok(None),
        }
    }

    fn scan(&mut self, space: &str, prefix: &[u8]) -> Result<Vec<Record>, StoreError> {
        let query = "SELECT key, value, sum FROM records WHERE space = ? AND key >= ? ORDER BY key";
        let mut query = self.connection.prepare_cached(query).map_err(explained)?;
        let mut rows = query.query(params![space, prefix]).map_err(explained)?;
        let mut records = Vec::new();
        while let Some(row) = rows.next().map_err(explained)? {
            let key: Vec<u8> = row.get(0).map_err(explained)?;
            if !key.starts_with(prefix) {
                break;
            }
            let value = row.get(1).map_err(explained)?;
            let sum = row.get(2).map_err(explained)?;
            records.push(checked(space, key, value, sum)?);
        }
        Ok(records)
    }

    fn close(&mut self) -> Result<(), StoreError> {
        let free = pragma(&self.connection, "freelist_count")?;
        if free > ROOM && free > pragma(&self.connection, "page_count")? / 2 {
            self.connection.execute_batch("VACUUM").map_err(explained)?;
        }
        let log = "PRAGMA wal_checkpoint(TRUNCATE)";
        self.connection.execute_batch(log).map_err(explained)
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // A damaged one is left as it is.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // One process uses it, so its log needs no memory that is shared with others.
    connection.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;",
    )?;
    Ok(connection)
}

/// Makes the tables; all or none.
fn make(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "BEGIN;
         CREATE TABLE records (space TEXT, key BLOB, value BLOB NOT NULL, sum INTEGER NOT NULL,
             PRIMARY KEY (space, key)) WITHOUT ROWID;
         CREATE TABLE commits (number INTEGER NOT NULL);
         INSERT INTO commits VALUES (0);
         PRAGMA user_version = {FORMAT};
         COMMIT;"
    ))
}

fn lost(commits: i64) -> StoreError {
    StoreError::Damaged(format!("its last {commits} commits are gone").into())
}

fn has_tables(connection: &Connection) -> Result<bool, StoreError> {
    let query = "SELECT count(*) > 0 FROM sqlite_schema";
    let found = connection.query_row(query, (), |row| row.get(0));
    found.map_err(explained)
}

fn pragma(connection: &Connection, name: &str) -> Result<i64, StoreError> {
    let value = connection.pragma_query_value(None, name, |row| row.get(0));
    value.map_err(explained)
}

/// Reads every page, and says what is wrong with the first that is.
fn check(connection: &Connection) -> Result<(), StoreError> {
    let found = connection.query_row("PRAGMA quick_check(1)", (), |row| row.get::<_, String>(0));
    match found.map_err(explained)? {
        ok if ok == "ok" => Ok(()),
        what => Err(StoreError::Damaged(what.into())),
    }
}

/// Reads the number of the last commit that is on disk for sure.
fn marked(mark: &mut File) -> Result<i64, StoreError> {
    let mut bytes = Vec::new();
    mark.read_to_end(&mut bytes)
        .map_err(StoreError::file("read", ".fnc/data/commits"))?;
    match <[u8; 8]>::try_from(bytes.as_slice()) {
        Ok(bytes) => Ok(i64::from_le_bytes(bytes)),
        Err(_) if bytes.is_empty() => Ok(0),
        Err(_) => Err(StoreError::Damaged("`commits` holds no number".into())),
    }
}

/// Returns a checksum (FNV-1a): the database itself doesn't look whether a byte has changed.
fn sum(key: &[u8], value: &[u8]) -> i64 {
    let mut sum: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in key.iter().chain(value) {
        sum = (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    sum.cast_signed()
}

fn checked(space: &str, key: Vec<u8>, value: Vec<u8>, found: i64) -> Result<Record, StoreError> {
    if sum(&key, &value) == found {
        return Ok(Record { key, value });
    }
    let what = format!("a record of the {space} has changed");
    Err(StoreError::Damaged(what.into()))
}

#[expect(clippy::needless_pass_by_value, reason = "it is for map_err")]
fn explained(error: rusqlite::Error) -> StoreError {
    let text = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Damaged(text.into())
        }
        Some(ErrorCode::DiskFull) => StoreError::Full,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::InUse { process: None }
        }
        // A column of another type than it was given.
        None => StoreError::Damaged(text.into()),
        Some(_) => StoreError::Failed(text.into()),
    }
}
