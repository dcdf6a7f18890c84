//! One instance of a function: an operating-system process that speaks the Lambda Runtime API.
//!
//! `targets/local/README.md` says what passes between the two.

mod api;
mod bootstrap;
mod interpreter;
mod lambda;
mod memory;
mod process;
mod wire;

use std::sync::Arc;

use super::host::{Call, Host, Spec};
use api::Api;
use process::Ending;

/// A started instance; dropping it kills the process.
#[derive(Debug)]
pub struct Instance {
    api: Arc<Api>,
    ending: tokio::sync::watch::Sender<Ending>,
}

/// Starts an instance and returns at once; what becomes of it is told through `host`. Needs a tokio
/// runtime with I/O and time.
pub fn start(spec: Spec, host: Arc<dyn Host>) -> Instance {
    let (ending, watched) = tokio::sync::watch::channel(Ending::No);
    let api = Arc::new(Api::new(&spec, Arc::clone(&host)));
    tokio::spawn(process::live(spec, host, Arc::clone(&api), watched));
    Instance { api, ending }
}

impl Instance {
    /// Hands over one invocation; it waits until the process asks for it.
    pub fn call(&self, call: Call) {
        self.api.call(call);
    }

    /// Asks the process to end; it is killed when it hasn't after two seconds.
    pub fn stop(&self) {
        self.ending.send_if_modified(|it| {
            let first = *it == Ending::No;
            *it = (*it).max(Ending::Stop);
            first
        });
    }

    /// Kills the process, and what it has started, at once.
    pub fn kill(&self) {
        self.ending.send_replace(Ending::Kill);
    }
}

#[cfg(test)]
mod tests;
