//! How a platform decides on the number of instances: one law, `N = ceil(L / C)`, several policies.

mod portable;

use super::program::Scale;

/// Whose rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// The language's own.
    #[default]
    Portable,
}

impl Profile {
    /// Returns how many instances are wanted for a load of running and waiting invocations, MIN aside.
    pub fn want(self, load: u64, scale: &Scale) -> u32 {
        match self {
            Profile::Portable => portable::want(load, scale),
        }
    }
}
