//! Findings for machines: an array of objects, lines and columns from 1.

use serde::Serialize;

use super::Diagnostic;
use crate::source::{Sources, Span};

#[derive(Serialize)]
struct Finding<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    #[serde(flatten)]
    place: Place,
    labels: Vec<Mark<'a>>,
    help: &'a str,
}

#[derive(Serialize)]
struct Mark<'a> {
    text: &'a str,
    #[serde(flatten)]
    place: Place,
}

#[derive(Serialize, Default)]
struct Place {
    file: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

/// Returns the findings as a JSON array, pretty-printed, with a newline at the end.
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let place = |span: Span| {
        let Some(source) = sources.get(span.source) else {
            return Place::default();
        };
        let span = span.shown(&source.text);
        let (start, end) = (source.position(span.start), source.position(span.end));
        Place {
            file: source.path.clone(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    };
    let findings = diagnostics.iter().map(|it| Finding {
        code: it.code.name(),
        severity: it.severity().word(),
        message: &it.message,
        place: it.span().map(place).unwrap_or_default(),
        labels: it
            .labels
            .iter()
            .map(|label| Mark {
                text: &label.text,
                place: place(label.span),
            })
            .collect(),
        help: &it.help,
    });
    let findings: Vec<_> = findings.collect();
    let mut text = serde_json::to_string_pretty(&findings).expect("findings are plain data");
    text.push('\n');
    text
}
