//! Where a command's words go: results to standard output, findings and failures to standard error.

#![expect(
    clippy::disallowed_methods,
    reason = "whether to colour depends on `NO_COLOR`"
)]

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use clap::{Args, ValueEnum};

use crate::diagnostic::{self, Diagnostic, Severity, Style};
use crate::source::Sources;

/// How a command talks; the same for every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct Terminal {
    /// Show findings for people or for machines
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,

    /// Colour what is printed
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,

    /// Print errors only, and no summary
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,

    /// Say more about what is done
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

/// For whom findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Source text with marks; tables as Markdown
    #[value(alias = "md")]
    Text,
    /// An array of objects
    Json,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Terminal {
    /// Tells whether findings are for machines.
    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Tells whether the user wants quiet.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Prints a line of a command's result, whatever the user asked for.
    pub(crate) fn result(line: impl Display) {
        // A reader that has gone away, as in `fnc explain | head`, is no fault of ours.
        let _ = writeln!(io::stdout(), "{line}");
    }

    /// Prints a line about what was done, unless the user wants quiet.
    pub(crate) fn say(&self, line: impl Display) {
        if !self.quiet && self.format == Format::Text {
            Terminal::result(line);
        }
    }

    /// Prints a line that only a curious user wants.
    pub(crate) fn detail(&self, line: impl Display) {
        if self.verbose && self.format == Format::Text {
            Terminal::result(line);
        }
    }

    /// Prints a remark beside the result.
    pub(crate) fn remark(&self, line: impl Display) {
        if !self.quiet && self.format == Format::Text {
            let _ = writeln!(io::stderr(), "{line}");
        }
    }

    /// Prints why the command could not do its work.
    pub(crate) fn failure(&self, failure: &impl Display) {
        let mark = if self.colors() {
            "\u{1b}[31;1merror:\u{1b}[0m"
        } else {
            "error:"
        };
        let _ = writeln!(io::stderr(), "{mark} {failure}");
    }

    /// Prints all findings to standard error: each with its source text and then their number, or as JSON.
    pub(crate) fn findings(&self, found: &[Diagnostic], sources: &Sources) {
        self.findings_from(Severity::Note, found, sources);
    }

    /// Prints the findings that are at least this bad, and counts the others.
    pub(crate) fn findings_from(&self, least: Severity, found: &[Diagnostic], sources: &Sources) {
        let mut text = String::new();
        if self.is_json() {
            text = diagnostic::json(found, sources);
        } else {
            let least = match (self.quiet, self.verbose) {
                (true, _) => Severity::Error,
                (_, true) => Severity::Note,
                _ => least,
            };
            let style = Style {
                color: self.colors(),
                ..Style::default()
            };
            for diagnostic in found.iter().filter(|it| it.severity() >= least) {
                text.push_str(&diagnostic::render(diagnostic, sources, style));
                text.push('\n');
            }
            if !found.is_empty() && !self.quiet {
                text.push_str(&diagnostic::summary(found));
                if found.iter().any(|it| it.severity() < least) {
                    text.push_str("; `fnc check` shows them all");
                }
                text.push('\n');
            }
        }
        // A reader that has gone away is no fault of ours.
        let _ = io::stderr().write_all(text.as_bytes());
    }

    fn colors(&self) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
                io::stderr().is_terminal() && !refused
            }
        }
    }
}
