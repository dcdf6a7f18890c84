//! Azure Functions on Flex Consumption: a controller looks at the load now and then and takes a step towards the
//! number that it is after.
//!
//! "Event-driven scaling in Azure Functions", "Target-based scaling" and "Flex Consumption plan" on Microsoft Learn.

use super::{Pool, Want};
use crate::engine::clock::{Nanos, Time};
use crate::engine::program::Program;

/// How long an idle instance stays. Published is "a few minutes"; measured were 20.
pub(super) const IDLE: Nanos = Nanos::seconds(1_200);

/// How often the controller looks at requests, and at anything else.
const HTTP_TICK: Nanos = Nanos::SECOND;
const OTHER_TICK: Nanos = Nanos::seconds(30);
/// The most instances that are added at a time: for requests not published, else as target-based scaling says.
const HTTP_STEP: u32 = 20;
const OTHER_STEP: u32 = 4;

pub(super) const ASSUMPTIONS: &[&str] = &[
    "for requests 20 instances more each second (not published for Flex Consumption)",
    "for other events 4 instances more every 30 s, the first one at once",
    "an idle instance stays for 20 minutes (published: a few minutes)",
];

/// Returns the program as Flex runs it: instances that are always ready don't count into the maximum.
pub(super) fn adapt(program: &mut Program) {
    for function in &mut program.functions {
        let scale = &mut function.scale;
        scale.max = scale.max.saturating_add(scale.min);
        scale.idle = IDLE;
    }
}

/// Returns the number of instances for so much to do.
fn desired(length: u64, target: u64, partitions: Option<u32>) -> u32 {
    let wanted = u32::try_from(length.div_ceil(target.max(1))).unwrap_or(u32::MAX);
    wanted.min(partitions.unwrap_or(u32::MAX))
}

/// What decides for a function.
#[derive(Debug, Default)]
pub(in crate::engine) struct Controller {
    /// When it looked last.
    looked: Option<Time>,
    want: u32,
}

impl Controller {
    /// Decides, if the time has come.
    pub(super) fn want(&mut self, pool: &Pool) -> Want {
        let (tick, step) = if pool.http {
            (HTTP_TICK, HTTP_STEP)
        } else {
            (OTHER_TICK, OTHER_STEP)
        };
        let desired = desired(pool.load, u64::from(pool.scale.concurrency), None);
        let desired = desired.min(pool.scale.max);
        let due = self.looked.is_none_or(|it| it + tick <= pool.now);
        if due && desired != self.want {
            self.looked = Some(pool.now);
            self.want = if desired > pool.serving {
                desired.min(pool.serving.saturating_add(step))
            } else {
                desired
            };
        } else if pool.serving == 0 && pool.load > 0 {
            self.want = self.want.max(1);
        }
        let next = self.looked.map(|it| it + tick);
        Want {
            instances: self.want,
            again: next.filter(|it| desired != self.want && *it > pool.now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::program::Scale;

    #[test]
    fn instances_are_length_by_target() {
        // Service Bus with the default of 16 calls; Event Hubs with 32 partitions.
        assert_eq!(desired(1_000, 16, None), 63);
        assert_eq!(desired(1_000, 10, Some(32)), 32);
        assert_eq!(desired(0, 16, None), 0);
    }

    #[test]
    fn it_grows_in_steps() {
        let mut rule = Controller::default();
        let mut serving = 0;
        let mut seen = Vec::new();
        for second in 0..4 {
            let want = rule.want(&Pool {
                now: Time(second * 1_000_000_000),
                load: 50,
                serving,
                ready: serving,
                room: 100,
                scale: Scale {
                    min: 0,
                    max: 100,
                    concurrency: 1,
                    target: 100,
                    idle: IDLE,
                },
                http: true,
            });
            serving = want.instances;
            seen.push((want.instances, want.again.is_some()));
        }
        assert_eq!(seen, [(20, true), (40, true), (50, false), (50, false)]);
    }
}
