//! The findings of a program over its stages and targets, each shown once.

use std::collections::HashSet;

use crate::diagnostic::{self, Diagnostic, Diagnostics};

/// Findings of several stages, merged.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// The findings of each stage, by its name where the program declares stages.
    stages: Vec<(Option<String>, Diagnostics)>,
}

impl Findings {
    /// Adds what was found in a stage.
    pub(crate) fn add(&mut self, stage: Option<&str>, found: Diagnostics) {
        self.stages.push((stage.map(ToOwned::to_owned), found));
    }

    /// Returns all findings in source order, each once; one that isn't in every stage says in which it is.
    pub(crate) fn merge(self) -> Diagnostics {
        let mut seen: HashSet<&Diagnostic> = HashSet::new();
        let mut merged = Diagnostics::new();
        let sets = self.stages.iter().map(|(_, found)| found.iter().collect());
        let sets: Vec<HashSet<&Diagnostic>> = sets.collect();
        for finding in self.stages.iter().flat_map(|(_, found)| found) {
            if seen.insert(finding) {
                merged.push(self.placed(finding, &sets));
            }
        }
        diagnostic::sort(&mut merged);
        merged
    }

    /// Returns a finding that says in which stages it is; `sets` holds the findings of each.
    fn placed(&self, finding: &Diagnostic, sets: &[HashSet<&Diagnostic>]) -> Diagnostic {
        let mut finding = finding.clone();
        let within = self.stages.iter().zip(sets);
        let within = within.filter(|(_, found)| found.contains(&finding));
        let names: Vec<_> = within
            .filter_map(|((stage, _), _)| stage.as_deref())
            .collect();
        let told = finding.message.contains("stage `");
        if names.len() < self.stages.len() && !names.is_empty() && !told {
            let names: Vec<_> = names.iter().map(|it| format!("`{it}`")).collect();
            let only = format!("found in stage {} only", names.join(", "));
            if finding.help.is_empty() {
                finding.help = only;
            } else {
                finding.help = format!("{}\n{only}", finding.help);
            }
        }
        finding
    }
}
