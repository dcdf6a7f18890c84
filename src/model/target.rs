//! The platforms a program can be compiled to.

use std::fmt;

/// A platform that manifests are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// Amazon Web Services, as an AWS SAM template.
    Aws,
    /// Azure Functions on the Flex Consumption plan, as an ARM template.
    Azure,
    /// Knative Serving and Eventing with Kafka, as Kubernetes manifests.
    Knative,
}

impl Target {
    /// Every target, in the order they are listed everywhere.
    pub const ALL: [Target; 3] = [Target::Aws, Target::Azure, Target::Knative];

    /// Returns the word that names it in programs and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Target::Aws => "aws",
            Target::Azure => "azure",
            Target::Knative => "knative",
        }
    }

    /// Returns the platform's own name, for messages.
    pub fn title(self) -> &'static str {
        match self {
            Target::Aws => "AWS",
            Target::Azure => "Azure",
            Target::Knative => "Knative",
        }
    }

    /// Returns the target that `word` names.
    pub fn parse(word: &str) -> Option<Target> {
        Target::ALL.into_iter().find(|it| it.word() == word)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
