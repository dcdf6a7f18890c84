//! Schedules as robfig/cron reads them, which `PingSource` uses.

/// Returns why a schedule can't be read, or never comes.
pub(super) fn check(text: &str) -> Result<(), String> {
    const NAMED: [&str; 7] = [
        "@yearly",
        "@annually",
        "@monthly",
        "@weekly",
        "@daily",
        "@midnight",
        "@hourly",
    ];
    let text = match text
        .strip_prefix("CRON_TZ=")
        .or_else(|| text.strip_prefix("TZ="))
    {
        Some(rest) => rest.split_once(' ').map_or("", |it| it.1),
        None => text,
    };
    if text.is_empty() {
        return Err("an empty one means every minute".to_owned());
    }
    if text.starts_with('@') {
        return if NAMED.contains(&text) {
            Ok(())
        } else {
            Err(format!("of those with `@` there are {}", NAMED.join(", ")))
        };
    }
    let mut fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() == 6 {
        field(fields.remove(0), 0, 59, &[])?;
    }
    let &[minute, hour, day, month, weekday] = fields.as_slice() else {
        return Err(format!("it has {} fields, not five", fields.len()));
    };
    field(minute, 0, 59, &[])?;
    field(hour, 0, 23, &[])?;
    field(day, 1, 31, &[])?;
    field(month, 1, 12, &MONTHS)?;
    field(weekday, 0, 6, &DAYS)?;
    if let (Ok(first), Some(longest)) = (day.parse::<u32>(), longest(month))
        && weekday == "*"
        && first > longest
    {
        return Err(format!("the month has no day {first}"));
    }
    Ok(())
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Returns how many days the longest of these months has.
fn longest(months: &str) -> Option<u32> {
    let days = |month: u32| match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let each = months.split(',').map(|it| value(it, 1, &MONTHS));
    let each: Option<Vec<u32>> = each.collect();
    each?.into_iter().map(days).max()
}

fn value(text: &str, low: u32, names: &[&str]) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    match (low..).zip(names).find(|(_, name)| **name == lower) {
        Some((value, _)) => Some(value),
        None => text.parse().ok(),
    }
}

fn field(text: &str, low: u32, high: u32, names: &[&str]) -> Result<(), String> {
    for part in text.split(',') {
        let (span, step) = part
            .split_once('/')
            .map_or((part, None), |it| (it.0, Some(it.1)));
        if let Some(step) = step {
            // A step beyond the field is taken, and comes once.
            let fits = step
                .parse::<u32>()
                .is_ok_and(|it| (1..=high.max(1)).contains(&it));
            if !fits {
                return Err(format!("the step of `{part}` is not between 1 and {high}"));
            }
        }
        if span == "*" || span == "?" {
            continue;
        }
        let (first, last) = span.split_once('-').unwrap_or((span, span));
        let ends = (value(first, low, names), value(last, low, names));
        let fits = matches!(ends, (Some(first), Some(last)) if low <= first && first <= last && last <= high);
        if !fits {
            return Err(format!("`{part}` is not between {low} and {high}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_source_takes() {
        for good in [
            "30 2 * * 1-5",
            "0 30 2 * * *",
            "0 3 * * MON-FRI",
            "0 3 1 jan ?",
            "5/15 * * * *",
            "@daily",
            "CRON_TZ=Europe/Berlin 0 3 * * *",
            "0 0 30 1,2 *",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "0 25 * * *",
            "0 0 0 * *",
            "0 5-1 * * *",
            "0 0 L * *",
            "0 0 * * 5#1",
            "* * * *",
            "0 0 * * 7",
            "@reboot",
            "@every 5m",
            "*/90 * * * *",
            "0 0 31 2 *",
            "0 0 31 4,6 *",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
