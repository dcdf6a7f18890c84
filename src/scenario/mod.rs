//! `fnc test` and `fnc simulate`: programs on the virtual clock, with the real handlers or modelled ones.
//!
//! The engine decides, as in a local run; time is a number that grows when a step says so. A handler is a real
//! process that is called when virtual time stands still, and lasts no time of it unless a stub says so. Calls
//! are made one after the other, in the engine's order, so a test comes out the same every time.

mod agenda;
mod answer;
mod expectation;
mod history;
mod load;
mod random;
mod simulation;
mod since;
mod statistics;
mod steps;
mod stub;
mod world;

pub(crate) use load::Load;
pub(crate) use simulation::{Simulated, Simulation, simulate};
pub(crate) use statistics::{Series, Summary};
pub(crate) use steps::{Tested, run};
