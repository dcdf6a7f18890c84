//! How much of a program the language says itself, and how much stands in a target's own words.

use serde::Serialize;

use super::{App, TriggerKind};

/// The counts of one stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Functions.
    pub functions: usize,
    /// Queues, topics, streams, buckets, tables, buses, layers and networks.
    pub resources: usize,
    /// Secrets.
    pub secrets: usize,
    /// Outputs.
    pub outputs: usize,
    /// Triggers, but raw ones.
    pub triggers: usize,
    /// Rights, but raw permissions.
    pub rights: usize,
    /// What stands in a target's own words.
    pub hatches: Hatches,
}

/// The counts of hatches, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Hatches {
    /// Blocks in functions, resources, layers and triggers.
    pub blocks: usize,
    /// Raw resources.
    pub resources: usize,
    /// Raw permissions.
    pub permissions: usize,
    /// Raw triggers.
    pub triggers: usize,
}

impl Hatches {
    /// Returns how many there are.
    pub fn all(self) -> usize {
        self.blocks + self.resources + self.permissions + self.triggers
    }
}

impl Stats {
    /// Counts a program.
    pub fn of(app: &App) -> Stats {
        let places = app.queues.values().map(|it| &it.place);
        let places = places.chain(app.topics.values().map(|it| &it.place));
        let places = places.chain(app.streams.values().map(|it| &it.place));
        let places = places.chain(app.buckets.values().map(|it| &it.place));
        let places = places.chain(app.tables.values().map(|it| &it.place));
        let places = places.chain(app.buses.values().map(|it| &it.place));
        let mut stats = Stats {
            functions: app.functions.len(),
            resources: app.layers.len() + app.vpcs.len(),
            secrets: app.secrets.len(),
            outputs: app.outputs.len(),
            ..Stats::default()
        };
        for place in places {
            stats.resources += 1;
            stats.hatches.blocks += place.hatches.len();
        }
        for layer in app.layers.values() {
            stats.hatches.blocks += layer.hatches.len();
        }
        for function in app.functions.values() {
            stats.rights += function.can.len();
            stats.hatches.blocks += function.hatches.len();
            stats.hatches.permissions += function.allow.len();
            for trigger in &function.triggers {
                stats.hatches.blocks += trigger.hatches.len();
                match trigger.kind {
                    TriggerKind::Raw(_) => stats.hatches.triggers += 1,
                    TriggerKind::Http(_)
                    | TriggerKind::Schedule(_)
                    | TriggerKind::Every(_)
                    | TriggerKind::Queue(_)
                    | TriggerKind::Topic(_)
                    | TriggerKind::Stream(_)
                    | TriggerKind::Table(_)
                    | TriggerKind::Bucket(_)
                    | TriggerKind::Event(_)
                    | TriggerKind::Websocket(_) => stats.triggers += 1,
                }
            }
        }
        stats.hatches.resources = app.raw.len();
        stats
    }

    /// Returns how many things the language says itself.
    pub fn first_class(self) -> usize {
        self.functions + self.resources + self.secrets + self.outputs + self.triggers + self.rights
    }

    /// Returns the share of what the language says itself, in percent, rounded down.
    pub fn share(self) -> usize {
        let all = self.first_class() + self.hatches.all();
        (self.first_class() * 100).checked_div(all).unwrap_or(100)
    }
}
