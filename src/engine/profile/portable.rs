//! The language's own rule: decided at every input, no limit to growth but MAX.

use crate::engine::program::Scale;

/// `N_instance = ceil(L_load / (C_instance × target))`, at most MAX; integers only.
pub(super) fn want(load: u64, scale: &Scale) -> u32 {
    let room = u64::from(scale.concurrency) * u64::from(scale.target);
    let wanted = load.saturating_mul(100).div_ceil(room.max(1));
    u32::try_from(wanted).unwrap_or(u32::MAX).min(scale.max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::clock::Nanos;

    #[test]
    fn the_number_of_instances_is_load_by_room() {
        let scale = |concurrency, target, max| Scale {
            min: 0,
            max,
            concurrency,
            target,
            idle: Nanos::ZERO,
        };
        assert_eq!(want(0, &scale(1, 100, 5)), 0);
        assert_eq!(want(3, &scale(1, 100, 5)), 3);
        assert_eq!(want(30, &scale(1, 100, 5)), 5);
        assert_eq!(want(21, &scale(10, 100, 50)), 3);
        assert_eq!(want(21, &scale(10, 70, 50)), 3);
        assert_eq!(want(22, &scale(10, 70, 50)), 4);
    }
}
