//! The integration tests.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod syntax;

mod vectors;
