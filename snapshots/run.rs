//! `fnc run` from outside: real processes, real time.

mod delivery;
mod examples;
mod limits;
mod reload;
mod running;
mod surface;
