//! The events that outlive a run: each is a record of the store, from its arrival until it is settled.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::held::Held;
use super::host::Message;
use super::payload::{LogPlace, Payload, Sent};
use super::store::{Change, Record, Saved, Store, StoreError};
use crate::engine::{Event, Fate, Kind, Program, Source, SourceId, Time, Why};

/// The space of events. A key is an event's number, eight bytes, the highest first; a value is a line of JSON, the
/// [`Head`], and after it the body of the message as it came.
const SPACE: &str = "messages";

/// The store of a run, or none, and what it held at the start.
#[derive(Debug, Default)]
pub struct Kept {
    store: Option<Arc<Store>>,
    /// What is to be written at the end of this step.
    changes: Vec<Change>,
    /// What was there at the start, until it is taken.
    stored: Vec<Stored>,
    last: u64,
    /// Events that are in the store, but of no part of the program.
    away: BTreeSet<u64>,
    /// What is held beside them.
    pub(super) held: Held,
}

/// An event of an earlier run, with the names of its source and its origin.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    source: String,
    origin: Option<String>,
    event: Event<Payload>,
}

/// How many events of a source were kept.
pub(super) struct Line {
    pub(super) source: String,
    pub(super) count: usize,
    pub(super) note: &'static str,
}

/// All of an event but the body of its message.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    source: String,
    arrived: u64,
    since: u64,
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    /// When a schedule's tick was planned; none: it is a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    tick: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<MessageHead>,
}

#[derive(Debug, Serialize, Deserialize)]
struct MessageHead {
    id: String,
    time: u64,
    attributes: Vec<(String, String)>,
    binary: bool,
    /// As its sender gave it; the event's own may say more, such as a shard.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Shard and sequence number of a stream's record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log: Option<(u32, u64)>,
}

impl Kept {
    /// Returns what keeps nothing: all is gone when the run ends.
    pub fn nothing() -> Kept {
        Kept::default()
    }

    /// Reads what a store holds.
    pub async fn of(store: Store) -> Result<Kept, StoreError> {
        let stored = read(&store).await?;
        Ok(Kept {
            held: Held::of(&store).await?,
            last: stored.iter().map(|it| it.event.id).max().unwrap_or(0),
            store: Some(Arc::new(store)),
            stored,
            ..Kept::default()
        })
    }

    /// Tells what is there from earlier runs, source by source.
    pub(super) fn lines(&self, program: &Program) -> Vec<Line> {
        let places = places(program);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for stored in &self.stored {
            *counts.entry(&stored.source).or_default() += 1;
        }
        let line = |(source, count): (&str, usize)| Line {
            source: source.to_owned(),
            count,
            note: match places.get(source) {
                Some(_) => "from an earlier run",
                None => "no longer part of the program; `--fresh` deletes all",
            },
        };
        let lines = counts.into_iter().map(line);
        let rows = self.held.counts().map(|(source, count, what)| Line {
            source,
            count,
            note: match what {
                "objects" => "objects from an earlier run",
                _ => "rows from an earlier run",
            },
        });
        lines.chain(rows).collect()
    }

    /// Keeps what is held otherwise than it was, together with what is kept in this step.
    pub(super) fn change(&mut self, changes: Vec<Change>) {
        if self.store.is_some() {
            self.changes.extend(changes);
        }
    }

    /// Returns the highest number of an event that was kept.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Returns the events of an earlier run that have a place in the program; the others are away.
    pub(super) fn back(&mut self, program: &Program) -> Vec<(SourceId, Event<Payload>)> {
        let stored = std::mem::take(&mut self.stored);
        self.away = stored.iter().map(|it| it.event.id).collect();
        self.returned(program, stored)
    }

    /// Returns those of the events that were away and have a place in the program now.
    pub(super) fn returned(
        &mut self,
        program: &Program,
        stored: Vec<Stored>,
    ) -> Vec<(SourceId, Event<Payload>)> {
        let places = places(program);
        let mut events = Vec::new();
        for stored in stored {
            let Some(place) = places.get(&stored.source) else {
                continue;
            };
            if self.away.remove(&stored.event.id) {
                let mut event = stored.event;
                event.origin = stored.origin.and_then(|it| places.get(&it).copied());
                events.push((*place, event));
            }
        }
        events
    }

    /// Tells whether something is kept that has no place in the program.
    pub(super) fn has_away(&self) -> bool {
        !self.away.is_empty()
    }

    /// Reads all that is kept, as it is now.
    pub(super) fn read(
        &self,
    ) -> impl Future<Output = Result<Vec<Stored>, StoreError>> + Send + 'static {
        let store = self.store.clone();
        async move {
            match store {
                Some(store) => read(&store).await,
                None => Ok(Vec::new()),
            }
        }
    }

    /// Keeps an event as it is now.
    pub(super) fn keep(&mut self, program: &Program, source: SourceId, event: &Event<Payload>) {
        if self.store.is_some()
            && let Some(value) = encode(program, source, event)
        {
            self.changes.push(Change::put(SPACE, key(event.id), value));
        }
    }

    /// Takes note of what became of an event.
    pub(super) fn settled(&mut self, program: &Program, source: SourceId, event: u64, fate: Fate) {
        let synchronous = program
            .sources
            .get(source.0)
            .is_some_and(Source::synchronous);
        if self.store.is_none() || (synchronous && fate != Fate::Dropped(Why::Removed)) {
            return;
        }
        match fate {
            // It stays until its resource comes back, or all is deleted. The number of the source is of the
            // program before.
            Fate::Dropped(Why::Removed) => drop(self.away.insert(event)),
            Fate::Done | Fate::Failed(_) | Fate::Dropped(_) => {
                self.changes.push(Change::remove(SPACE, key(event)));
            }
            // Where it waits now is told by itself.
            Fate::Retry(..) | Fate::Split(..) | Fate::Parked(..) | Fate::Redriven(_) => {}
        }
    }

    /// Says what becomes of the events of a resource that is removed.
    pub(super) fn of_removed(&self) -> &'static str {
        match self.store {
            Some(_) => "are kept, but wait no longer",
            None => "are dropped",
        }
    }

    /// Writes all changes of a step together.
    pub(super) fn write(&mut self) {
        if !self.changes.is_empty()
            && let Some(store) = &self.store
        {
            store.write(std::mem::take(&mut self.changes));
        }
    }

    /// Tells when all that has happened is on disk.
    pub(super) fn saved(&self) -> Saved {
        self.store
            .as_ref()
            .map_or_else(Saved::at_once, |it| it.saved())
    }

    pub(super) fn store(&self) -> Option<Arc<Store>> {
        self.store.clone()
    }

    /// Keeps nothing from now on; returns the store, to be closed.
    pub(super) fn close(&mut self) -> Option<Arc<Store>> {
        self.store.take()
    }
}

async fn read(store: &Store) -> Result<Vec<Stored>, StoreError> {
    let records = store.scan(SPACE, &[]).await?;
    records.iter().map(decode).collect()
}

/// Returns the sources of a program by names that say the same in any program.
fn places(program: &Program) -> BTreeMap<String, SourceId> {
    let all = (0..program.sources.len()).map(SourceId);
    all.filter_map(|it| Some((place_name(program, it)?, it)))
        .collect()
}

/// Names a source: `queue orders`, `topic placed of bill`, `every 5m of bill`; none when nothing of it is kept.
pub(super) fn place_name(program: &Program, id: SourceId) -> Option<String> {
    let source = program.sources.get(id.0)?;
    let function = source.function.and_then(|it| program.functions.get(it.0));
    let function = function.map_or("", |it| it.name.as_str());
    match source.kind {
        Kind::Http | Kind::Invoke => None,
        Kind::Queue => Some(format!("queue {}", source.name)),
        Kind::Topic => Some(format!("topic {} of {function}", source.name)),
        Kind::Stream(_) => Some(format!("stream {} of {function}", source.name)),
        Kind::Table(_) => Some(format!("table {} of {function}", source.name)),
        Kind::Bucket => Some(format!(
            "bucket {} {} of {function}",
            source.name, source.detail
        )),
        Kind::Event => Some(format!(
            "bus {} {} of {function}",
            source.name, source.detail
        )),
        Kind::Schedule(_) => Some(format!("{} of {function}", source.name)),
    }
}

fn key(event: u64) -> [u8; 8] {
    event.to_be_bytes()
}

fn encode(program: &Program, source: SourceId, event: &Event<Payload>) -> Option<Vec<u8>> {
    let (tick, message, body) = match &event.payload {
        // Whoever called is gone after the run, and so is the call.
        Payload::Call(_) => return None,
        Payload::Tick(planned) => (Some(planned.0), None, Bytes::new()),
        Payload::Message(sent) => {
            let Sent {
                id,
                time,
                message,
                log,
            } = &**sent;
            let head = MessageHead {
                id: id.clone(),
                time: time.0,
                attributes: message.attributes.clone(),
                binary: message.binary,
                group: message.group.clone(),
                kind: message.kind.clone(),
                subject: message.subject.clone(),
                key: message.key.clone(),
                log: log.map(|it| (it.shard, it.sequence)),
            };
            (None, Some(head), message.body.clone())
        }
    };
    let head = Head {
        source: place_name(program, source)?,
        arrived: event.arrived.0,
        since: event.since.0,
        attempt: event.attempt,
        origin: event.origin.and_then(|it| place_name(program, it)),
        group: event.group.as_ref().map(ToString::to_string),
        tick,
        message,
    };
    let mut value = serde_json::to_vec(&head).expect("a head has names and numbers only");
    value.push(b'\n');
    value.extend_from_slice(&body);
    Some(value)
}

fn decode(record: &Record) -> Result<Stored, StoreError> {
    let unknown = || StoreError::Damaged("a message is no message".into());
    let id = <[u8; 8]>::try_from(record.key.as_slice()).map_err(|_| unknown())?;
    let end = record.value.iter().position(|it| *it == b'\n');
    let (head, body) = record.value.split_at(end.ok_or_else(unknown)?);
    let head: Head = serde_json::from_slice(head).map_err(|_| unknown())?;
    let payload = match (head.tick, head.message) {
        (Some(planned), None) => Payload::Tick(Time(planned)),
        (None, Some(it)) => Payload::Message(Arc::new(Sent {
            id: it.id,
            time: Time(it.time),
            message: Message {
                body: Bytes::copy_from_slice(body.get(1..).unwrap_or_default()),
                binary: it.binary,
                attributes: it.attributes,
                group: it.group,
                delay_ms: None,
                kind: it.kind,
                subject: it.subject,
                key: it.key,
            },
            log: it.log.map(|(shard, sequence)| LogPlace { shard, sequence }),
        })),
        (None, None) | (Some(_), Some(_)) => return Err(unknown()),
    };
    Ok(Stored {
        source: head.source,
        origin: head.origin,
        event: Event {
            id: u64::from_be_bytes(id),
            payload,
            arrived: Time(head.arrived),
            since: Time(head.since),
            attempt: head.attempt.max(1),
            origin: None,
            group: head.group.map(Arc::from),
        },
    })
}

#[cfg(test)]
mod tests;
