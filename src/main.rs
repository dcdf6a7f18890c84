//! The `fnc` command: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    fnc::cli::main()
}
