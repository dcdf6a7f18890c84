//! `fnc completions`: what a shell needs to complete commands and options.

use std::io;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Failure, Outcome};

/// Print the completion script of a shell
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Prints the script.
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "fnc", &mut script);
        let printed = io::Write::write_all(&mut io::stdout(), &script);
        let failed = |error| Failure::Machine(format!("cannot print the script: {error}"));
        printed.map_err(failed)?;
        Ok(Outcome::Done)
    }
}
