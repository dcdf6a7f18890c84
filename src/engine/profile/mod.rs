//! How a platform decides on the number of instances: one law, `N = ceil(L / C)`, several policies.

mod aws;
mod azure;
mod knative;
mod portable;

use super::clock::{Nanos, Time};
use super::program::{Kind, Program, Scale, Source};
pub(super) use aws::Pollers;

/// Whose rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// The language's own.
    #[default]
    Portable,
    /// AWS Lambda's.
    Aws,
    /// Azure Functions', on the plan Flex Consumption.
    Azure,
    /// Knative's pod autoscaler's.
    Knative,
}

/// What a rule remembers of a function.
#[derive(Debug, Default)]
pub(super) enum Policy {
    /// Nothing: it looks at the load of the moment.
    #[default]
    AtOnce,
    Aws(aws::Environments),
    Azure(azure::Controller),
    Knative(Box<knative::Autoscaler>),
}

/// What a rule is told of a function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pool {
    pub(super) now: Time,
    /// Invocations that run, and those that could.
    pub(super) load: u64,
    /// Instances that take invocations, or will when they have started.
    pub(super) serving: u32,
    /// Instances that take invocations.
    pub(super) ready: u32,
    /// So many more instances MAX allows.
    pub(super) room: u32,
    pub(super) scale: Scale,
    /// Whether requests are among its events.
    pub(super) http: bool,
}

/// What a rule decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Want {
    /// So many instances, MIN aside.
    pub(super) instances: u32,
    /// When it is to be asked again, whatever happens.
    pub(super) again: Option<Time>,
}

impl Profile {
    /// Returns the program as the platform runs it.
    pub(super) fn adapt(self, program: &mut Program) {
        match self {
            Profile::Portable | Profile::Knative => {}
            Profile::Aws => aws::adapt(program),
            Profile::Azure => azure::adapt(program),
        }
    }

    /// Returns the rule for a function that is new.
    pub(super) fn policy(self, now: Time) -> Policy {
        match self {
            Profile::Portable => Policy::AtOnce,
            Profile::Aws => Policy::Aws(aws::Environments::new(now)),
            Profile::Azure => Policy::Azure(azure::Controller::default()),
            Profile::Knative => Policy::Knative(Box::new(knative::Autoscaler::new(now))),
        }
    }

    /// Returns how many instances are wanted for a load, where nothing else matters.
    pub(super) fn at_once(self, load: u64, scale: &Scale) -> Option<u32> {
        (self == Profile::Portable).then(|| portable::want(load, scale))
    }

    /// Returns how long an idle instance stays when the rule doesn't want it any more.
    pub(super) fn idle(self, scale: &Scale) -> Nanos {
        match self {
            Profile::Portable => scale.idle,
            Profile::Aws => aws::IDLE,
            Profile::Azure => azure::IDLE,
            // The rule itself waits before it wants fewer.
            Profile::Knative => Nanos::ZERO,
        }
    }

    /// Returns the wait before attempt k + 1 of an event of a source.
    pub(super) fn back_off(self, source: &Source, attempt: u32) -> Nanos {
        let doubled = Nanos::SECOND.0 << attempt.saturating_sub(1).min(9);
        let portable = Nanos(doubled).min(Nanos::seconds(300));
        let pushed = matches!(
            source.kind,
            Kind::Topic | Kind::Bucket | Kind::Event | Kind::Schedule(_)
        );
        match self {
            Profile::Aws if source.kind.is_queue() => source.returns.unwrap_or(portable),
            Profile::Aws if pushed => aws::back_off(attempt),
            Profile::Azure if matches!(source.kind, Kind::Queue | Kind::Topic) => Nanos::ZERO,
            Profile::Portable | Profile::Aws | Profile::Azure | Profile::Knative => portable,
        }
    }

    /// Tells whether requests that no instance can take at once are refused.
    pub(super) fn refuses(self) -> bool {
        self == Profile::Aws
    }

    /// Returns the word that names it.
    pub fn word(self) -> &'static str {
        match self {
            Profile::Portable => "portable",
            Profile::Aws => "aws",
            Profile::Azure => "azure",
            Profile::Knative => "knative",
        }
    }

    /// Returns what is assumed where the platform doesn't say.
    pub fn assumptions(self) -> &'static [&'static str] {
        match self {
            Profile::Portable => &[],
            Profile::Aws => aws::ASSUMPTIONS,
            Profile::Azure => azure::ASSUMPTIONS,
            Profile::Knative => knative::ASSUMPTIONS,
        }
    }
}

impl Policy {
    /// Decides on the number of instances.
    pub(super) fn want(&mut self, pool: &Pool) -> Want {
        match self {
            Policy::AtOnce => Want {
                instances: portable::want(pool.load, &pool.scale),
                again: None,
            },
            Policy::Aws(it) => it.want(pool),
            Policy::Azure(it) => it.want(pool),
            Policy::Knative(it) => it.want(pool),
        }
    }
}
