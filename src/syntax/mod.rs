//! Text to tree and back: `parse` never fails, it returns what it could read and what it found;
//! `print` writes the canonical form.

pub mod ast;

mod parser;

mod outline;

mod declarations;

mod statements;

mod expressions;

mod strings;

mod reader;

mod recover;

mod messages;

mod causes;

mod grammar;

mod lexical;

mod print;

pub use parser::{Parsed, parse};
pub use print::print;
