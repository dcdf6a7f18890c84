//! Points in time as events write them: RFC 3339 in UTC, with milliseconds.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Milliseconds since 1970, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(pub i64);

impl Time {
    /// Reads RFC 3339; a time without a zone is UTC, digits beyond milliseconds are dropped.
    pub fn parse(text: &str) -> Option<Time> {
        let zoned = text.parse::<Timestamp>().ok();
        let civil = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
        let stamp = zoned.or_else(|| civil().map(|it| it.timestamp()))?;
        Some(Time(stamp.as_millisecond()))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stamp = Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        write!(f, "{stamp:.3}")
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Time::parse(&text)
            .ok_or_else(|| de::Error::custom(format!("`{text}` is not an RFC 3339 time")))
    }
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn writes_milliseconds_and_reads_what_providers_write() {
        assert_eq!(
            Time(1_769_846_400_007).to_string(),
            "2026-01-31T08:00:00.007Z"
        );
        for text in [
            "2026-01-31T08:00:00.007Z",
            "2026-01-31T08:00:00.0079999",
            "2026-01-31T09:00:00.007+01:00",
        ] {
            assert_eq!(Time::parse(text), Some(Time(1_769_846_400_007)), "{text}");
        }
        assert_eq!(Time::parse("yesterday"), None);
    }
}
