//! Text to tree: `parse` never fails, it returns what it could read and what it found.

pub mod ast;
