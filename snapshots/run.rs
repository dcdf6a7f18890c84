//! `fnc run` from outside: real processes, real time.

mod delivery;
mod examples;
mod limits;
mod real;
mod reload;
pub(crate) mod running;
mod surface;
