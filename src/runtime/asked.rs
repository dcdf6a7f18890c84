//! What a handler asks for beyond `send` and `publish`.

use serde_json::{Map, Value};

use super::host::Message;
use super::query::Query;
use crate::model::Verb;

/// A row of a table, or the key of one.
pub type Row = Map<String, Value>;

/// What is asked of a resource or a function.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// Write a record to a stream.
    Write(Message),
    /// Put an object into a bucket.
    PutObject(NewObject),
    /// Read an object.
    GetObject(String),
    /// List the objects whose keys begin so: all, or so many.
    ListObjects(String, Option<usize>),
    /// Delete an object.
    DeleteObject(String),
    /// Put a row into a table.
    PutRow(Row),
    /// Read the row with this key.
    GetRow(Row),
    /// Read the rows that a query finds.
    QueryRows(Query),
    /// Delete the row with this key.
    DeleteRow(Row),
    /// Call a function with this JSON text.
    Invoke(String),
}

/// An object to be put into a bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct NewObject {
    /// Its key.
    pub key: String,
    /// What it holds, and its attributes.
    pub message: Message,
    /// What kind of content it is.
    pub content_type: Option<String>,
}

impl Asked {
    /// Returns the right that it needs.
    pub fn right(&self) -> Verb {
        match self {
            Asked::Write(_)
            | Asked::PutObject(_)
            | Asked::DeleteObject(_)
            | Asked::PutRow(_)
            | Asked::DeleteRow(_) => Verb::Write,
            Asked::GetObject(_)
            | Asked::ListObjects(..)
            | Asked::GetRow(_)
            | Asked::QueryRows(_) => Verb::Read,
            Asked::Invoke(_) => Verb::Invoke,
        }
    }
}
