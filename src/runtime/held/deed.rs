//! What comes of something that was asked of a stream or a table.

use std::sync::Arc;

use bytes::Bytes;

use crate::engine::Time;
use crate::runtime::payload::Sent;
use crate::runtime::store::Change;

/// What comes of something that was asked.
#[derive(Debug, Default)]
pub(crate) struct Deed {
    /// The answer, as JSON text.
    pub(crate) answer: Bytes,
    /// What is to be kept.
    pub(crate) changes: Vec<Change>,
    /// What those hear who read this resource.
    pub(crate) news: Vec<(String, Arc<Sent>)>,
}

/// The moment of a deed, and where its ids come from.
pub(crate) struct Moment<'a> {
    pub(crate) now: Time,
    pub(crate) id: &'a mut dyn FnMut() -> String,
}

impl Deed {
    pub(super) fn answers(value: &impl serde::Serialize) -> Deed {
        let answer = serde_json::to_vec(value).expect("rows are JSON");
        Deed {
            answer: answer.into(),
            ..Deed::default()
        }
    }
}
