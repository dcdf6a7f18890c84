//! The local gateway: one port for the program's routes and, under `/_fnc/`, the control API.
//!
//! It knows HTTP and nothing else; what requests mean is the runtime's business, which it asks through
//! [`Front`].

mod access;
mod control;
mod reply;
mod routes;
mod seats;
mod server;
mod sites;
mod verdict;

use std::sync::Arc;

use bytes::Bytes;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{broadcast, oneshot};

use super::host::{Message, Receipt, Refused};
use super::store::Saved;
use crate::event::Time;
pub use access::{Access, Guard};
pub use control::MARK;
pub use routes::{Found, Routes};
pub use server::{Gateway, listen};
pub use verdict::{KEY_HEADER, is_key, verdict};

/// What became of a request or a direct call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Served {
    /// The handler returned this JSON text. The caller of a route gets a plain 500 when it is no answer;
    /// the runtime, which has the log, says why ([`crate::event::http_answer`]).
    Returned(Bytes),
    /// The handler raised, or its instance crashed.
    Failed,
    /// The handler took longer than its timeout.
    TimedOut,
    /// The platform whose rules hold has no room for it.
    Throttled,
    /// No instance could be made ready, or the run ends.
    Unavailable,
}

/// A message that waits in a parking queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// The queue it waits in.
    pub queue: String,
    /// The queue, topic or function where it failed.
    pub origin: String,
    /// Its id.
    pub id: String,
    /// Since when.
    pub since: Time,
    /// Its payload.
    pub body: String,
    /// Whether `body` is base64 of bytes that aren't UTF-8.
    pub base64: bool,
    /// Its attributes.
    pub attributes: IndexMap<String, String>,
}

/// The runtime, as the gateway sees it. No method blocks.
pub trait Front: Send + Sync + 'static {
    /// Hands the event of an HTTP request to a function. The handler sees `request_id`. When the caller
    /// goes away, the receiver is dropped: nobody waits for the answer any more.
    fn request(
        &self,
        function: &str,
        request_id: String,
        event: Bytes,
    ) -> oneshot::Receiver<Served>;

    /// Calls a function directly, as [`Front::request`]; an unknown function is refused.
    fn invoke(
        &self,
        function: &str,
        request_id: String,
        event: Bytes,
    ) -> Result<oneshot::Receiver<Served>, Refused>;

    /// Returns the value of a secret that a route asks for; none: nobody may call it.
    fn key(&self, _secret: &str) -> Option<String> {
        None
    }

    /// Sends a message to a queue or publishes it to a topic.
    fn send(&self, resource: &str, message: Message) -> Result<Receipt, Refused>;

    /// Fires the schedules of a function now.
    fn fire(&self, function: &str) -> Result<Saved, Refused>;

    /// Lists what waits in a parking queue, or in all of them, the oldest first within a queue.
    fn parked(&self, queue: Option<&str>) -> Result<Vec<Parked>, Refused>;

    /// Sends parked messages back to where they came from, all of them or those with these ids, and
    /// returns how many.
    fn redrive(&self, queue: &str, ids: Option<&[String]>) -> Result<(usize, Saved), Refused>;

    /// Describes functions, instances and sources.
    fn state(&self) -> Value;

    /// Returns the metrics in the Prometheus text format.
    fn metrics(&self) -> String;

    /// Returns what tells each invocation that ends, as JSON text.
    fn watch(&self) -> broadcast::Receiver<Arc<str>>;
}

#[cfg(test)]
mod tests;
