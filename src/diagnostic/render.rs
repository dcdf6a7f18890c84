//! Findings for people. The only file that names miette.

use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, ReportHandler, SourceCode,
};

use super::{Diagnostic, Severity};
use crate::source::{Source, Sources};

/// How findings are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Columns to fit into.
    pub width: usize,
    /// Whether to colour.
    pub color: bool,
}

impl Default for Style {
    fn default() -> Self {
        Style {
            width: 100,
            color: false,
        }
    }
}

/// Draws one finding with the source text under its marks.
pub fn render(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    let source = diagnostic.span().and_then(|span| sources.get(span.source));
    let report = Report {
        diagnostic,
        source,
        text: source.map(|it| NamedSource::new(&it.path, it.text.clone())),
    };
    let theme = if style.color {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .with_links(false);
    Drawn { handler, report }.to_string()
}

/// Counts findings: "3 errors, 1 warning"; empty when there is none.
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let count = |severity: Severity| {
        let n = diagnostics.iter().filter(|it| it.severity() == severity);
        (n.count(), severity.word())
    };
    let counts = [Severity::Error, Severity::Warning, Severity::Note].map(count);
    let words = counts.iter().filter(|(n, _)| *n > 0);
    let words = words.map(|(n, word)| format!("{n} {word}{}", if *n == 1 { "" } else { "s" }));
    words.collect::<Vec<_>>().join(", ")
}

struct Drawn<'a> {
    handler: GraphicalReportHandler,
    report: Report<'a>,
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handler.debug(&self.report, f)
    }
}

#[derive(Debug)]
struct Report<'a> {
    diagnostic: &'a Diagnostic,
    source: Option<&'a Source>,
    text: Option<NamedSource<String>>,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.diagnostic.message)
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.diagnostic.code.name()))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity() {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = &self.diagnostic.help;
        (!help.is_empty()).then(|| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.text.as_ref().map(|it| it as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let source = self.source?;
        let labels = self.diagnostic.labels.iter().enumerate();
        // One drawing shows one file: marks in other files are told by the text of the first.
        let here = labels.filter(|(_, label)| label.span.source == source.id);
        Some(Box::new(here.map(|(index, label)| {
            let span = label.span.shown(&source.text).range();
            let text = (!label.text.is_empty()).then(|| label.text.clone());
            if index == 0 {
                LabeledSpan::new_primary_with_span(text, span)
            } else {
                LabeledSpan::new_with_span(text, span)
            }
        })))
    }
}
