//! Texts that mean amounts: quantities, Go's durations, ISO 8601 periods.

/// Returns the thousandths that a Kubernetes quantity means: `250m`, `1`, `256Mi`.
pub(super) fn quantity(text: &str) -> Option<f64> {
    let end = text.find(|it: char| !it.is_ascii_digit() && it != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let factor = match unit {
        "" => 1.0,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        "Pi" => 1_125_899_906_842_624.0,
        "Ei" => 1_152_921_504_606_846_976.0,
        _ => return None,
    };
    let number: f64 = number.parse().ok()?;
    Some(number * factor * 1000.0)
}

/// Returns the seconds of a Go duration: `1m30s`, `500ms`.
pub(super) fn go_duration(text: &str) -> Option<f64> {
    if text == "0" {
        return Some(0.0);
    }
    let mut rest = text;
    let mut sum = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|it: char| !it.is_ascii_digit() && it != '.')?;
        let (number, after) = rest.split_at(end);
        let number: f64 = number.parse().ok()?;
        let units = [
            ("ns", 1e-9),
            ("us", 1e-6),
            ("µs", 1e-6),
            ("ms", 1e-3),
            ("s", 1.0),
            ("m", 60.0),
            ("h", 3600.0),
        ];
        let (unit, factor) = units.into_iter().find(|it| after.starts_with(it.0))?;
        sum += number * factor;
        rest = after.strip_prefix(unit)?;
    }
    (!text.is_empty()).then_some(sum)
}

/// Returns about how many seconds an ISO 8601 period lasts: `PT1.5M`, `P1DT2H`.
pub(super) fn period(text: &str) -> Option<f64> {
    let text = text.strip_prefix('P')?;
    let (date, time) = match text.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (text, ""),
    };
    let days = [
        ("Y", 31_536_000.0),
        ("M", 2_592_000.0),
        ("W", 604_800.0),
        ("D", 86_400.0),
    ];
    let hours = [("H", 3600.0), ("M", 60.0), ("S", 1.0)];
    let sum = parts(date, &days)? + parts(time, &hours)?;
    (!text.is_empty()).then_some(sum)
}

/// Adds up numbers, each with one of these units, in their order.
fn parts(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    let mut sum = 0.0;
    let mut rest = text;
    let mut units = units.iter();
    while !rest.is_empty() {
        let end = rest.find(|it: char| !it.is_ascii_digit() && it != '.')?;
        let (number, after) = rest.split_at(end);
        let number: f64 = number.parse().ok()?;
        let (unit, factor) = units.by_ref().find(|it| after.starts_with(it.0))?;
        sum += number * factor;
        rest = after.strip_prefix(unit)?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(given: Option<f64>, wanted: Option<f64>) {
        let same = match (given, wanted) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-9,
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        assert!(same, "{given:?} is not {wanted:?}");
    }

    #[test]
    fn quantities() {
        about(quantity("250m"), Some(250.0));
        about(quantity("0.5Gi"), Some(536_870_912_000.0));
        for bad in ["256MB", "128MiB", "", "x", "1 Mi", "-1"] {
            about(quantity(bad), None);
        }
    }

    #[test]
    fn durations() {
        about(go_duration("1m5s"), Some(65.0));
        about(go_duration("6500ms"), Some(6.5));
        for bad in ["60", "", "1d", "s", "1.2.3s", "-1s"] {
            about(go_duration(bad), None);
        }
    }

    #[test]
    fn periods() {
        for (text, seconds) in [
            ("PT0.2S", 0.2),
            ("PT1.5M", 90.0),
            ("P1D", 86_400.0),
            ("P1DT2H", 93_600.0),
            ("P1W", 604_800.0),
        ] {
            about(period(text), Some(seconds));
        }
        for bad in [
            "2s", "PT300MS", "PT-1S", "pt1s", "PT", "P", "-PT1S", "PT1S2H", "1S",
        ] {
            about(period(bad), None);
        }
    }
}
