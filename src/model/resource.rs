//! Resources and secrets.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Hatch, Name, Setting, Size, Target};
use crate::source::{Span, Spanned};

/// `retry N then QUEUE`: N more attempts after the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// Attempts after the first.
    pub count: u32,
    /// Where an event goes after the last one; without, it is dropped (queue: at the end of `keep`).
    pub park: Option<Name>,
}

/// A queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// Its name.
    pub name: Name,
    /// Its documentation comment.
    pub doc: Option<String>,
    /// Its declaration.
    pub span: Span,
    /// How often a message is tried; `None`: until `keep` ends.
    pub retry: Option<Setting<Retry>>,
    /// How long a message waits at most.
    pub keep: Setting<Duration>,
    /// How long a message is held back before its first delivery.
    pub delay: Setting<Duration>,
    /// How long a delivered message without an answer stays hidden.
    pub hidden: Setting<Duration>,
    /// Whether order within a group is kept.
    pub fifo: Setting<bool>,
    /// The largest message.
    pub max_size: Setting<Size>,
    /// What ties it to the world outside of the program.
    pub place: Place,
}

/// A topic: each subscriber gets every message.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    /// Its name.
    pub name: Name,
    /// Its documentation comment.
    pub doc: Option<String>,
    /// Its declaration.
    pub span: Span,
    /// Whether order within a group is kept.
    pub fifo: Setting<bool>,
    /// What ties it to the world outside of the program.
    pub place: Place,
}

/// A stream: records in order within a shard, kept for a time, read by any number of functions.
#[derive(Debug, Clone, PartialEq)]
pub struct Stream {
    /// Its name.
    pub name: Name,
    /// Its documentation comment.
    pub doc: Option<String>,
    /// Its declaration.
    pub span: Span,
    /// Into how many parts its records are divided, by key.
    pub shards: Setting<u32>,
    /// How long a record is kept.
    pub keep: Setting<Duration>,
    /// What ties it to the world outside of the program.
    pub place: Place,
}

/// A bucket: objects by key.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// Its name.
    pub name: Name,
    /// Its documentation comment.
    pub doc: Option<String>,
    /// Its declaration.
    pub span: Span,
    /// Whether old versions of an object are kept.
    pub versioned: Setting<bool>,
    /// How long an object is kept; `None`: until it is deleted.
    pub expire: Option<Setting<Duration>>,
    /// Whether anybody may read.
    pub public_read: Setting<bool>,
    /// What ties it to the world outside of the program.
    pub place: Place,
}

/// A table: rows by key.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: Name,
    /// Its documentation comment.
    pub doc: Option<String>,
    /// Its declaration.
    pub span: Span,
    /// What tells its rows apart; an external table may leave it out.
    pub key: Option<TableKey>,
    /// Other ways to look rows up.
    pub indexes: Vec<TableIndex>,
    /// The field that holds when a row expires, in seconds since 1970.
    pub ttl: Option<Name>,
    /// What ties it to the world outside of the program.
    pub place: Place,
}

/// `key NAME TYPE [, sort NAME TYPE]`
#[derive(Debug, Clone, PartialEq)]
pub struct TableKey {
    /// The field that rows are spread by.
    pub partition: TableField,
    /// The field that orders the rows of one partition.
    pub sort: Option<TableField>,
}

/// A field of a key.
#[derive(Debug, Clone, PartialEq)]
pub struct TableField {
    /// Its name in the rows.
    pub name: Name,
    /// Its type.
    pub kind: FieldKind,
}

/// The type of a key's field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// `string`
    String,
    /// `int`
    Int,
}

impl FieldKind {
    /// Returns the word that names it in programs.
    pub fn word(self) -> &'static str {
        match self {
            FieldKind::String => "string",
            FieldKind::Int => "int",
        }
    }
}

/// `index NAME { key … }`
#[derive(Debug, Clone, PartialEq)]
pub struct TableIndex {
    /// Its name.
    pub name: Name,
    /// What it looks rows up by.
    pub key: TableKey,
}

/// A bus: application events, matched by type.
#[derive(Debug, Clone, PartialEq)]
pub struct Bus {
    /// Its name.
    pub name: Name,
    /// Its documentation comment.
    pub doc: Option<String>,
    /// Its declaration.
    pub span: Span,
    /// What ties it to the world outside of the program.
    pub place: Place,
}

/// What ties a resource to the world outside of the program.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Place {
    /// Where another system has it; `None`: the program creates it.
    pub external: Option<External>,
    /// `named "…"`: its physical name, instead of the derived one.
    pub named: Option<Spanned<String>>,
    /// What each target's manifest holds beyond the language.
    pub hatches: Vec<Hatch>,
}

/// `external queue NAME { aws { arn = … } }`: used, never created.
#[derive(Debug, Clone, PartialEq)]
pub struct External {
    /// The word `external`.
    pub span: Span,
    /// Where each target finds it, by the words of that target's block; a target without one can't use it.
    pub addresses: BTreeMap<Target, BTreeMap<String, Spanned<String>>>,
}

/// A deploy-time secret; its value never enters any output.
#[derive(Debug, Clone, PartialEq)]
pub struct Secret {
    /// Its name.
    pub name: Name,
    /// Its documentation comment.
    pub doc: Option<String>,
    /// Its declaration.
    pub span: Span,
    /// Where each target's store holds it, where the program says so: `name`, `key` and `ssm`.
    pub stores: BTreeMap<Target, BTreeMap<String, Name>>,
}

impl Secret {
    /// Returns where a target's store is named by one of these words; the secret's own name where none is written.
    pub fn place(&self, target: Target, words: &[&str]) -> Span {
        let written = self.stores.get(&target);
        let named = words.iter().find_map(|it| written?.get(*it));
        named.map_or(self.name.span, |it| it.span)
    }
}
