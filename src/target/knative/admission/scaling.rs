//! Scaling annotations (`autoscaling.knative.dev/…`), which belong on the revision template.

use serde_json::Value;

use super::values::go_duration;
use super::{FaultKind, Faults, members};

const PREFIX: &str = "autoscaling.knative.dev/";
const MOST: f64 = 2_147_483_647.0;

/// What an annotation takes.
enum Takes {
    Whole(f64, f64),
    Number(f64, f64),
    /// Seconds from, to, and whether they are whole.
    Time(f64, f64, bool),
    Class,
    Metric,
    Words(&'static [&'static str]),
}

const ANNOTATIONS: [(&str, Takes); 15] = [
    ("class", Takes::Class),
    ("metric", Takes::Metric),
    ("min-scale", Takes::Whole(0.0, MOST)),
    ("max-scale", Takes::Whole(0.0, MOST)),
    ("initial-scale", Takes::Whole(1.0, MOST)),
    ("activation-scale", Takes::Whole(2.0, MOST)),
    ("target", Takes::Number(0.01, f64::MAX)),
    ("target-utilization-percentage", Takes::Number(1.0, 100.0)),
    ("target-burst-capacity", Takes::Number(-1.0, f64::MAX)),
    ("panic-window-percentage", Takes::Number(1.0, 100.0)),
    ("panic-threshold-percentage", Takes::Number(110.0, 1000.0)),
    ("window", Takes::Time(6.0, 3600.0, true)),
    ("scale-down-delay", Takes::Time(0.0, 3600.0, true)),
    (
        "scale-to-zero-pod-retention-period",
        Takes::Time(0.0, 3600.0, false),
    ),
    (
        "metric-aggregation-algorithm",
        Takes::Words(&["linear", "weighted-exponential"]),
    ),
];

pub(super) fn check(service: &Value, found: &mut Faults) {
    for place in ["/metadata/annotations", "/metadata/labels"] {
        for (path, key, _) in members(service, place) {
            if key.starts_with(PREFIX) {
                found.add(
                    path,
                    format!("`{key}` belongs under `spec.template.metadata.annotations`"),
                );
            }
        }
    }
    let rollout = "/metadata/annotations/serving.knative.dev~1rollout-duration";
    let progress = "/spec/template/metadata/annotations/serving.knative.dev~1progress-deadline";
    for path in [rollout, progress] {
        if let Some(given) = service.pointer(path).and_then(Value::as_str) {
            time(path, given, (0.0, f64::MAX, true), found);
        }
    }
    let place = "/spec/template/metadata/annotations";
    let given = |name: &str| {
        let all = service.pointer(place)?;
        all.get(format!("{PREFIX}{name}"))?.as_str()
    };
    let class = given("class").unwrap_or("kpa.autoscaling.knative.dev");
    for (path, key, value) in members(service, place) {
        let (Some(name), Some(text)) = (key.strip_prefix(PREFIX), value.as_str()) else {
            continue;
        };
        match ANNOTATIONS.iter().find(|it| it.0 == name) {
            Some((_, takes)) => annotation(&path, text, takes, class, found),
            None => found.of(
                FaultKind::Unknown,
                path,
                format!("Knative knows no annotation `{key}`, and does nothing with it"),
            ),
        }
    }
    let count = |name: &str| given(name)?.parse::<i64>().ok();
    let (least, most) = (count("min-scale"), count("max-scale"));
    let path = |name: &str| format!("{place}/autoscaling.knative.dev~1{name}");
    if let (Some(least), Some(most)) = (least, most.filter(|it| *it != 0))
        && least > most
    {
        found.add(
            path("min-scale"),
            format!("min-scale {least} is more than max-scale {most}"),
        );
    }
    if let Some(activation) = count("activation-scale") {
        let low = least.is_some_and(|it| activation < it);
        let high = most.is_some_and(|it| it != 0 && activation > it);
        if low || high {
            found.add(
                path("activation-scale"),
                "activation-scale lies between min-scale and max-scale",
            );
        }
    }
}

fn annotation(path: &str, text: &str, takes: &Takes, class: &str, found: &mut Faults) {
    let horizontal = class.starts_with("hpa.");
    match takes {
        Takes::Whole(least, most) => {
            let value = text.parse::<i64>().ok();
            #[expect(clippy::cast_precision_loss, reason = "bounds are small")]
            let fits = value.is_some_and(|it| (*least..=*most).contains(&(it as f64)));
            if !fits {
                found.add(
                    path,
                    format!("`{text}` is no whole number from {least} to {most}"),
                );
            }
        }
        Takes::Number(least, most) => {
            let value = text.parse::<f64>().ok();
            let burst = *least < 0.0;
            let fits = value.is_some_and(|it| {
                (*least..=*most).contains(&it) && (!burst || it >= 0.0 || text == "-1")
            });
            if !fits {
                found.add(
                    path,
                    format!("`{text}` is no number that is taken here, from {least}"),
                );
            }
        }
        Takes::Time(least, most, whole) => time(path, text, (*least, *most, *whole), found),
        Takes::Class => {
            let own = ["kpa.autoscaling.knative.dev", "hpa.autoscaling.knative.dev"];
            if text.is_empty() || text.ends_with(".knative.dev") && !own.contains(&text) {
                found.add(
                    path,
                    format!("`{text}` is no class: kpa or hpa.autoscaling.knative.dev"),
                );
            }
        }
        Takes::Metric => {
            let fits = if horizontal {
                !text.is_empty()
            } else {
                !class.starts_with("kpa.") || ["concurrency", "rps"].contains(&text)
            };
            if !fits {
                found.add(path, format!("`{text}` is no metric of {class}"));
            }
        }
        Takes::Words(words) => {
            if !words.contains(&text) {
                found.add(path, format!("`{text}` is none of {}", words.join(", ")));
            }
        }
    }
}

fn time(path: &str, text: &str, (least, most, whole): (f64, f64, bool), found: &mut Faults) {
    let fits = go_duration(text).is_some_and(|it| {
        (least..=most).contains(&it) && (!whole || (it - it.round()).abs() < 1e-9)
    });
    if !fits {
        let whole = if whole { ", in whole seconds" } else { "" };
        found.add(
            path,
            format!("`{text}` is no time that is taken here{whole}: write it like `60s`"),
        );
    }
}
