//! AWS.

use std::sync::LazyLock;

use super::{Backend, Build, Limits, Package};
use crate::diagnostic::Diagnostics;
use crate::model::App;

static LIMITS: LazyLock<Limits> =
    LazyLock::new(|| Limits::read(include_str!("../../../targets/aws/limits.json")));

/// The templates in `targets/aws`, by the name they are rendered under.
pub(super) const TEMPLATES: &[(&str, &str)] = &[];

pub(super) struct Aws;

impl Backend for Aws {
    fn limits(&self) -> &'static Limits {
        &LIMITS
    }

    fn check(&self, _app: &App, _found: &mut Diagnostics) {}

    fn build(&self, _app: &App, _package: &Package) -> Build {
        Build::default()
    }
}
