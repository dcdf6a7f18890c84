//! `--as PROFILE`: whose rules hold.

use clap::{Args, ValueEnum};

use crate::engine;

/// Whose rules hold.
#[derive(Debug, Clone, Args)]
pub(crate) struct ProfileArgs {
    /// Scale by these rules
    #[arg(long = "as", value_enum, value_name = "PROFILE", default_value_t = Profile::Portable)]
    profile: Profile,
}

/// Whose rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Profile {
    /// The language's own
    Portable,
    /// AWS Lambda's
    Aws,
    /// Azure Functions'
    Azure,
    /// Knative's
    Knative,
}

impl ProfileArgs {
    /// Returns the rules that were chosen.
    pub(crate) fn profile(&self) -> engine::Profile {
        match self.profile {
            Profile::Portable => engine::Profile::Portable,
            Profile::Aws => engine::Profile::Aws,
            Profile::Azure => engine::Profile::Azure,
            Profile::Knative => engine::Profile::Knative,
        }
    }
}
