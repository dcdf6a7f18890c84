//! Findings for people. The only file that names miette.

use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    ReportHandler, SourceCode, SourceSpan, SpanContents,
};

use super::{Diagnostic, Severity};
use crate::source::{Source, Sources, Span};

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
        text: source.map(Text),
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
    text: Option<Text<'a>>,
}

/// A source text of which only the lines around a mark are read: miette would count lines from the first one on, for
/// each mark of each finding.
#[derive(Debug)]
struct Text<'a>(&'a Source);

impl SourceCode for Text<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let Text(source) = self;
        let place = Span::new(source.id, span.offset(), span.offset() + span.len());
        // A line more on both sides: what ends with a newline is a line longer for miette.
        let (lines, first) = source.around(place, before + 1, after + 1);
        let text = source
            .text
            .get(lines.clone())
            .ok_or(MietteError::OutOfBounds)?;
        let inner = SourceSpan::from((span.offset() - lines.start, span.len()));
        let found = text.read_span(&inner, before, after)?;
        let shown = SourceSpan::from((found.span().offset() + lines.start, found.span().len()));
        let contents = MietteSpanContents::new_named(
            source.path.clone(),
            found.data(),
            shown,
            first + found.line(),
            found.column(),
            first + found.line_count(),
        );
        Ok(Box::new(contents))
    }
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
