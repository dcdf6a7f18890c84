//! Who reads streams and tables, and how far each has come.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Held;
use crate::engine::{self, SourceId};
use crate::model::{StartFrom, Thing, TriggerKind};
use crate::runtime::kept::place_name;
use crate::runtime::payload::Sent;
use crate::runtime::plan::Plan;
use crate::runtime::store::Change;

/// The space of those who read streams and tables: a key is the reader's name, a value how far it has come: eight
/// bytes, all ones while it is part of the program.
pub(super) const READERS: &str = "readers";
const READING: u64 = u64::MAX;

/// Who reads a stream or a table, with the records that it has not had yet.
pub(crate) type Backlog = Vec<(SourceId, Vec<Arc<Sent>>)>;

impl Held {
    /// Notes who reads what in a program that takes over: whoever is new gets what is kept, or what comes from now on,
    /// as the program says; whoever was away goes on where it was.
    pub(crate) fn begin(&mut self, plan: &Plan) -> (Backlog, Vec<Change>) {
        let (mut backlog, mut changes) = (Backlog::new(), Vec::new());
        let mut here = BTreeSet::new();
        let mut note = |readers: &mut BTreeMap<String, u64>, name: &str, number: u64| {
            readers.insert(name.to_owned(), number);
            changes.push(Change::put(READERS, name, number.to_be_bytes().to_vec()));
        };
        for (id, source) in plan.logs() {
            let Some(name) = place_name(&plan.program, id) else {
                continue;
            };
            let records = |first: u64| {
                let log = self.logs.get(&source.name);
                log.map_or_else(Vec::new, |it| it.from(first))
            };
            match self.readers.get(&name) {
                Some(&READING) => {}
                Some(&first) => {
                    backlog.push((id, records(first)));
                    note(&mut self.readers, &name, READING);
                }
                None => {
                    if plan.starts(id) == StartFrom::Oldest {
                        backlog.push((id, records(0)));
                    }
                    note(&mut self.readers, &name, READING);
                }
            }
            here.insert(name);
        }
        let gone = self.readers.iter();
        let gone = gone.filter(|(name, at)| **at == READING && !here.contains(*name));
        let gone: Vec<String> = gone.map(|(name, _)| name.clone()).collect();
        for name in gone {
            // `stream clicks of count`
            let stream = name.split(' ').nth(1).unwrap_or_default();
            let next = self.logs.get(stream).map_or(1, |it| it.next + 1);
            note(&mut self.readers, &name, next);
        }
        backlog.retain(|(_, records)| !records.is_empty());
        (backlog, changes)
    }
}

impl Plan {
    /// Returns the sources that read streams and tables.
    pub(super) fn logs(&self) -> impl Iterator<Item = (SourceId, &engine::Source)> {
        let sources = self.program.sources.iter().enumerate();
        let logs = sources.filter(|(_, it)| it.is_log());
        logs.map(|(at, it)| (SourceId(at), it))
    }

    /// Returns where the reading of a source begins when it is new.
    fn starts(&self, id: SourceId) -> StartFrom {
        let source = self.program.sources.get(id.0);
        let function = source.and_then(|it| self.program.functions.get(it.function?.0));
        let function = function.and_then(|it| self.app.functions.get(&it.name));
        let mut triggers = function.into_iter().flat_map(|it| &it.triggers);
        let found =
            triggers.find_map(
                |it| match (&it.kind, source.and_then(engine::Source::reads)) {
                    (TriggerKind::Stream(it), Some(Thing::Stream))
                    | (TriggerKind::Table(it), Some(Thing::Table))
                        if source.is_some_and(|source| source.name == it.source.value) =>
                    {
                        Some(it.from.value)
                    }
                    (_, _) => None,
                },
            );
        found.unwrap_or(StartFrom::Oldest)
    }
}
