//! The grammar as a parser: pest makes it of `grammar/fn.pest`.

use pest_derive::Parser;

#[derive(Parser)]
#[grammar = "grammar/fn.pest"]
pub(super) struct Grammar;
