//! `fnc parity`: the words of the language and how each target carries them out.

use clap::Args;

use super::{Outcome, Terminal};
use crate::target::parity;

/// Print the table of words and targets: exact, approximate or refused
#[derive(Debug, Args)]
pub(crate) struct Parity {}

impl Parity {
    /// Prints the table, as Markdown or as JSON.
    pub(crate) fn run(terminal: &Terminal) -> Outcome {
        if terminal.is_json() {
            let rows = serde_json::to_string_pretty(&parity::rows());
            Terminal::result(rows.expect("rows are text only"));
        } else {
            Terminal::result(parity::markdown().trim_end());
        }
        Outcome::Done
    }
}
