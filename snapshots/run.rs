//! `fnc run` from outside: real processes, real time.

mod access;
#[cfg(unix)]
mod crash;
mod delivery;
mod examples;
#[cfg(target_os = "linux")]
mod hostile;
#[cfg(unix)]
mod keeping;
mod lambda;
mod layers;
mod limits;
mod objects;
mod real;
mod reload;
mod router;
pub(crate) mod running;
mod surface;
mod verbs;
