//! The table of codes. A code is never reused; each has a page in `docs/errors/`.
//!
//! Families: 01 syntax · 02 names and types · 03 handlers and files · 04 triggers · 05 delivery and retries ·
//! 06 scaling and capacity · 07 security · 08 target limits · 09 portability · 10 hatches.

use super::Severity;

macro_rules! codes {
    ($($code:ident $severity:ident $title:literal,)*) => {
        /// A stable code of a finding, `FNxxxx`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $code,)*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[$(Code::$code,)*];

            /// Returns the code as text.
            pub fn name(self) -> &'static str {
                match self { $(Code::$code => stringify!($code),)* }
            }

            /// Returns what the code stands for, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Code::$code => $title,)* }
            }

            /// Returns how bad a finding of this code is.
            pub fn severity(self) -> Severity {
                match self { $(Code::$code => Severity::$severity,)* }
            }

            /// Returns the page that explains the code: Markdown with a bad and a good example.
            pub fn page(self) -> &'static str {
                match self {
                    $(Code::$code => include_str!(concat!("../../docs/errors/", stringify!($code), ".md")),)*
                }
            }
        }
    };
}

codes! {
    FN0101 Error "syntax error",
    FN0801 Error "beyond the target's limit",
    FN0802 Error "runtime the target doesn't offer",
}

impl Code {
    /// Returns the code with this name, in any case.
    pub fn parse(name: &str) -> Option<Code> {
        let matches = |code: &&Code| code.name().eq_ignore_ascii_case(name);
        Code::ALL.iter().find(matches).copied()
    }
}
