//! What happens instead of calling a handler.

use std::time::Duration;

use serde_json::Value as Json;

use crate::engine::Nanos;
use crate::model::Stub;
use crate::runtime::host::Answer;

/// How a function is stubbed by now.
#[derive(Debug, Default)]
pub(super) struct Stubbed {
    instead: Option<Instead>,
    takes: Duration,
}

#[derive(Debug)]
enum Instead {
    /// So many more times; none: always.
    Fails(Option<u32>),
    Answers(Json),
}

impl Stubbed {
    /// Takes in one more `stub` step; it replaces an earlier one of its kind.
    pub(super) fn add(&mut self, stub: &Stub) {
        match stub {
            Stub::Fails(times) => self.instead = Some(Instead::Fails(*times)),
            Stub::Answers(value) => self.instead = Some(Instead::Answers(value.clone())),
            Stub::Takes(time) => self.takes = *time,
        }
    }

    /// Returns how long a call lasts in virtual time.
    pub(super) fn takes(&self) -> Nanos {
        Nanos(u64::try_from(self.takes.as_nanos()).unwrap_or(u64::MAX))
    }

    /// Tells whether the handler is never called.
    pub(super) fn is_whole(&self) -> bool {
        match &self.instead {
            Some(Instead::Fails(times)) => times.is_none(),
            Some(Instead::Answers(_)) => true,
            None => false,
        }
    }

    /// Returns the answer of the next call; none: that of the handler.
    pub(super) fn answer(&mut self) -> Option<Answer> {
        match &mut self.instead {
            Some(Instead::Answers(value)) => {
                Some(Answer::Returned(value.to_string().into_bytes().into()))
            }
            Some(Instead::Fails(None)) => Some(failure()),
            Some(Instead::Fails(Some(0))) | None => None,
            Some(Instead::Fails(Some(left))) => {
                *left -= 1;
                Some(failure())
            }
        }
    }
}

fn failure() -> Answer {
    Answer::Raised {
        kind: "Stub".to_owned(),
        message: "fails, as the test says".to_owned(),
        trace: Vec::new(),
    }
}
