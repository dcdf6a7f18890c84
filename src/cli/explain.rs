//! `fnc explain`: the page of a diagnostic, offline.

use clap::Args;

use super::{Failure, Outcome, Terminal};
use crate::diagnostic::Code;

/// Explain a code such as FN0101, or list them all
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The code; none: list all
    code: Option<String>,
}

impl Explain {
    /// Prints the page of a code, or the list of codes.
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        let Some(name) = &self.code else {
            for code in Code::ALL {
                let severity = code.severity().word();
                Terminal::result(format!("{}  {severity:7}  {}", code.name(), code.title()));
            }
            return Ok(Outcome::Done);
        };
        let Some(code) = Code::parse(name) else {
            let message = format!("there is no code `{name}`; `fnc explain` lists all");
            return Err(Failure::Usage(message));
        };
        Terminal::result(code.page().trim_end());
        Ok(Outcome::Done)
    }
}
