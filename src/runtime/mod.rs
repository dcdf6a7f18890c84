//! What drives the engine for real: sockets, processes and the clock.
//!
//! `host` is the border between the runtime and its instances: an instance is started from a
//! [`host::Spec`], is given [`host::Call`]s and answers through [`host::Host`]. `gateway` serves HTTP and asks
//! the runtime through [`gateway::Front`]. In between stands the [`Driver`], which gives the engine the time and
//! all that happens, and carries out what it decides.

mod admission;

pub mod alone;

mod arrival;

pub mod asked;
mod aws;

mod banner;
mod clock;
mod driver;
mod front;

pub mod gateway;

mod held;

pub mod host;

mod id;
mod inner;

pub mod instance;

mod journal;
mod kept;
mod metrics;
pub(crate) mod payload;

mod not_here;
mod plan;
pub mod query;

mod serial;

pub mod spec;

mod state;

pub mod store;

mod watch;

pub(crate) use arrival::Place;
pub use banner::banner;
pub use driver::Driver;
pub use journal::Journal;
pub use kept::Kept;
pub use plan::{Plan, PlanError};
pub(crate) use serial::{Called, Invoke as Invocation, Reply, Serial};
pub use watch::Watch;
