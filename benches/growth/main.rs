//! Speed and growth: how long each phase takes for 1,000 and for 10,000 functions, and what the whole command costs.
//!
//! What counts is processor time, so a busy machine changes little. Growth is a limit, not a number to look at: ten
//! times the program may take at most twelve times as long, or this ends with exit code 1. With `-- FUNCTIONS` it only
//! prints the program, and with `-- PHASE FUNCTIONS` it only runs one phase, for a profiler.

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it measures and prints"
)]

mod clock;
mod command;
mod phases;
mod program;
mod throughput;

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args().any(|it| it == throughput::WORD) {
        throughput::run();
        return ExitCode::SUCCESS;
    }
    let count = std::env::args().skip(1).find_map(|it| it.parse().ok());
    let phase = std::env::args()
        .nth(1)
        .filter(|it| it.parse::<usize>().is_err() && !it.starts_with('-'));
    if let (Some(phase), Some(count)) = (phase, count) {
        phases::alone(&phase, count);
        return ExitCode::SUCCESS;
    }
    if let Some(count) = count {
        print!("{}", program::text(count));
        return ExitCode::SUCCESS;
    }
    let grown = phases::measure();
    throughput::measure();
    let quick = command::measure();
    if grown && quick {
        ExitCode::SUCCESS
    } else {
        println!("too slow");
        ExitCode::FAILURE
    }
}
