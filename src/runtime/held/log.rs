//! The records of a stream, or the changes of a table, as long as they are kept for functions that start to read later.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::engine::{Nanos, Time};
use crate::runtime::host::Message;
use crate::runtime::payload::{LogPlace, Sent};
use crate::runtime::store::{Change, Record, StoreError};

/// The space of records: a key is the stream's name, a zero and the record's number, eight bytes, the highest first; a
/// value is a line of JSON, the [`Head`], and after it what the record carries.
pub(super) const SPACE: &str = "records";
/// The space of the number that the next record of a stream gets.
pub(super) const NUMBERS: &str = "numbers";

/// So many records of a stream are kept for later readers at most, and so many bytes.
const MOST: usize = 100_000;
const MOST_BYTES: usize = 64 << 20;

#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) next: u64,
    records: VecDeque<Arc<Sent>>,
    bytes: usize,
}

/// All of a record but what it carries.
#[derive(Serialize, Deserialize)]
struct Head {
    id: String,
    time: u64,
    shard: u32,
    key: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    binary: bool,
}

impl Log {
    /// Returns where the next record is.
    pub(super) fn place(&mut self, shard: u32) -> LogPlace {
        self.next += 1;
        LogPlace {
            shard,
            sequence: self.next,
        }
    }

    /// Adds a record with a place; returns what is to be kept of it.
    pub(super) fn add(&mut self, stream: &str, sent: &Arc<Sent>) -> Vec<Change> {
        let Some(place) = sent.log else {
            return Vec::new();
        };
        let message = &sent.message;
        let head = Head {
            id: sent.id.clone(),
            time: sent.time.0,
            shard: place.shard,
            key: message.key.clone(),
            kind: message.kind.clone(),
            binary: message.binary,
        };
        let mut value = serde_json::to_vec(&head).expect("a head has names and numbers only");
        value.push(b'\n');
        value.extend_from_slice(&message.body);
        self.bytes += message.body.len();
        self.records.push_back(Arc::clone(sent));
        let mut changes = vec![
            Change::put(SPACE, key(stream, place.sequence), value),
            Change::put(NUMBERS, stream, self.next.to_be_bytes().to_vec()),
        ];
        while self.records.len() > MOST || self.bytes > MOST_BYTES {
            changes.extend(self.forget(stream));
        }
        changes
    }

    fn forget(&mut self, stream: &str) -> Option<Change> {
        let gone = self.records.pop_front()?;
        self.bytes -= gone.message.body.len();
        let sequence = gone.log?.sequence;
        Some(Change::remove(SPACE, key(stream, sequence)))
    }

    /// Forgets what is older than it is kept.
    pub(super) fn expire(&mut self, stream: &str, keep: Nanos, now: Time) -> Vec<Change> {
        let mut changes = Vec::new();
        while self.records.front().is_some_and(|it| it.time + keep <= now) {
            changes.extend(self.forget(stream));
        }
        changes
    }

    /// Returns the records from this number on.
    pub(super) fn from(&self, first: u64) -> Vec<Arc<Sent>> {
        let number = |it: &Sent| it.log.map_or(0, |it| it.sequence);
        let records = self.records.iter();
        records.filter(|it| number(it) >= first).cloned().collect()
    }

    /// Takes in a record that was kept, in order.
    pub(super) fn restore(&mut self, sequence: u64, record: &Record) -> Result<(), StoreError> {
        let unknown = || StoreError::Damaged("a record of a stream is no record".into());
        let end = record.value.iter().position(|it| *it == b'\n');
        let (head, body) = record.value.split_at(end.ok_or_else(unknown)?);
        let head: Head = serde_json::from_slice(head).map_err(|_| unknown())?;
        let body = body.get(1..).unwrap_or_default().to_vec();
        self.bytes += body.len();
        self.next = self.next.max(sequence);
        self.records.push_back(Arc::new(Sent {
            id: head.id,
            time: Time(head.time),
            message: Message {
                body: body.into(),
                binary: head.binary,
                key: head.key,
                kind: head.kind,
                ..Message::default()
            },
            log: Some(LogPlace {
                shard: head.shard,
                sequence,
            }),
        }));
        Ok(())
    }
}

fn key(stream: &str, sequence: u64) -> Vec<u8> {
    [stream.as_bytes(), b"\0", &sequence.to_be_bytes()].concat()
}
