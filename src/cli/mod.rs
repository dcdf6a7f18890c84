//! The command line: one file per command. The only place that reads files, the environment and the terminal.

mod build;
mod check;
mod completions;
mod diff;
mod explain;
mod failure;
mod findings;
mod fmt;
mod folder;
mod imports;
mod init;
mod invoke;
mod pack;
mod parity;
mod parked;
mod profile;
mod program;
mod run;
mod running;
mod secrets;
mod send;
mod simulate;
mod targets;
mod terminal;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::{Failure, Outcome, shown};
use program::{Program, ProgramArgs};
use targets::TargetArgs;
use terminal::Terminal;

/// Compile a small description of a serverless app to AWS SAM, Azure Functions and Knative, and run it locally
#[derive(Debug, Parser)]
#[command(name = "fnc", version, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes: 0 done, 1 errors or differences found, 2 wrong usage, 3 the machine failed"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten, next_help_heading = "Common options")]
    terminal: Terminal,
}

#[derive(Debug, Subcommand)]
enum Command {
    Build(build::Build),
    Check(check::Check),
    Fmt(fmt::Fmt),
    Run(run::Run),
    Invoke(invoke::Invoke),
    Send(send::Send),
    Parked(parked::Parked),
    Test(test::Test),
    Simulate(simulate::Simulate),
    Explain(explain::Explain),
    Parity(parity::Parity),
    Init(init::Init),
    Completions(completions::Completions),
}

/// Runs the command that the process's arguments name.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help that can't be printed has nobody to read it.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let terminal = &cli.terminal;
    let ended = match &cli.command {
        Command::Build(it) => it.run(terminal),
        Command::Check(it) => it.run(terminal),
        Command::Fmt(it) => it.run(terminal),
        Command::Run(it) => it.run(terminal),
        Command::Invoke(it) => it.run(terminal),
        Command::Send(it) => it.run(),
        Command::Parked(it) => it.run(terminal),
        Command::Test(it) => it.run(terminal),
        Command::Simulate(it) => it.run(terminal),
        Command::Explain(it) => it.run(),
        Command::Parity(_) => Ok(parity::Parity::run(terminal)),
        Command::Init(it) => it.run(terminal),
        Command::Completions(it) => it.run(),
    };
    match ended {
        Ok(outcome) => outcome.into(),
        Err(failure) => {
            terminal.failure(&failure);
            failure.exit_code()
        }
    }
}
