//! What drives the engine for real: sockets, processes and the clock.
//!
//! `host` is the border between the runtime and its instances: an instance is started from a
//! [`host::Spec`], is given [`host::Call`]s and answers through [`host::Host`].

pub mod alone;

pub mod gateway;

pub mod host;

pub mod instance;

pub mod spec;
