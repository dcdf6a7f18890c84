//! `host.json`: what the Functions host does for all functions of an app.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::plan::FunctionApp;

/// Returns an app's `host.json`.
pub(super) fn host_json(app: &FunctionApp<'_>) -> Value {
    let timeout = app.profile.timeout;
    let mut extensions = Map::new();
    if app.has_http() {
        // Paths stand as the program says, without the default prefix `api`.
        extensions.insert("http".to_owned(), json!({ "routePrefix": "" }));
    }
    if app.entries().iter().any(|(_, it)| it.start.is_message()) {
        let calls = app.profile.capacity.calls;
        let renewal = timeout + Duration::from_mins(1);
        let settings = json!({
            "prefetchCount": 0,
            "autoCompleteMessages": true,
            "maxAutoLockRenewalDuration": timespan(renewal),
            "maxConcurrentCalls": calls,
            "maxConcurrentSessions": calls,
        });
        extensions.insert("serviceBus".to_owned(), settings);
    }
    if let Some(reading) = &app.profile.reading {
        let mut settings = Map::new();
        let mut add = |name: &str, value: Value| settings.insert(name.to_owned(), value);
        add("maxEventBatchSize", json!(reading.batch));
        // A batch is filled only where the program says how long that may take.
        let least = if reading.within.is_zero() {
            1
        } else {
            reading.batch
        };
        add("minEventBatchSize", json!(least));
        if !reading.within.is_zero() {
            add("maxWaitTime", json!(timespan(reading.within)));
        }
        add("prefetchCount", json!(reading.batch.saturating_mul(3)));
        add("batchCheckpointFrequency", json!(1));
        let first = if reading.latest {
            "fromEnd"
        } else {
            "fromStart"
        };
        add("initialOffsetOptions", json!({ "type": first }));
        extensions.insert("eventHubs".to_owned(), Value::Object(settings));
    }
    let mut made = json!({
        "version": "2.0",
        "functionTimeout": timespan(timeout),
        "extensionBundle": {
            "id": "Microsoft.Azure.Functions.ExtensionBundle",
            "version": "[4.*, 5.0.0)",
        },
        "extensions": extensions,
        // Requests are recorded in any case; what they call in turn, where the program says `trace`.
        "logging": {
            "applicationInsights": { "enableDependencyTracking": app.profile.trace },
        },
    });
    if let (Some(it), Value::Object(members)) = (&app.profile.executable, &mut made) {
        members.insert("customHandler".to_owned(), it.host());
    }
    made
}

/// Returns a .NET time span, `HH:MM:SS`, with days in front where there are any.
pub(super) fn timespan(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
    let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
    let time = format!("{hours:02}:{minutes:02}:{seconds:02}");
    if days == 0 {
        time
    } else {
        format!("{days}.{time}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timespans() {
        assert_eq!(timespan(Duration::from_secs(10)), "00:00:10");
        assert_eq!(timespan(Duration::from_secs(3_725)), "01:02:05");
        assert_eq!(timespan(Duration::from_hours(49)), "2.01:00:00");
    }
}
