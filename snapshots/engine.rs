//! The scheduler on a virtual clock: invariants, queueing theory, and what becomes of events.

mod exactness;
mod invariants;
mod queueing;
mod random;
mod traces;
mod world;
