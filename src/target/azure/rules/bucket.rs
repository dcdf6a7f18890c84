//! Buckets, tables and buses: days that are rounded, rights that are wider, and what a queue gets that parks their events.

use std::time::Duration;

use super::rounding::rounding;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Bucket, Function, Thing, TriggerKind, Verb};
use crate::target::azure::arm::bucket::whole_days;

pub(super) fn bucket(bucket: &Bucket, found: &mut Diagnostics) {
    if let Some(expire) = bucket.expire {
        let days = u32::try_from(whole_days(expire.value)).unwrap_or(u32::MAX);
        let rounded = Duration::from_hours(24) * days;
        rounding("expire", expire, rounded, "days", found);
    }
}

pub(super) fn function(function: &Function, found: &mut Diagnostics) {
    let written = |it: &&crate::model::Grant| {
        it.verb == Verb::Write && matches!(it.of, Thing::Bucket | Thing::Table)
    };
    for grant in function.can.iter().filter(written) {
        let name = &grant.resource.value;
        let may = |it: &crate::model::Grant| {
            it.verb == Verb::Read && it.of == grant.of && it.resource.value == *name
        };
        if !function.can.iter().any(may) {
            let message = format!("on Azure who may write `{name}` may read it");
            found.push(
                Diagnostic::new(Code::FN0988, message)
                    .label(
                        grant.resource.span,
                        "no built-in role of Azure's writes only",
                    )
                    .help(
                        "the shim still refuses to read; code that goes around it isn't held back",
                    ),
            );
        }
    }
    let Some(park) = &function.retry.value.park else {
        return;
    };
    let pushed = |it: &TriggerKind| matches!(it, TriggerKind::Bucket(_) | TriggerKind::Event(_));
    if function.triggers.iter().any(|it| pushed(&it.kind)) {
        let message = format!("`{}` gets events as Event Grid writes them", park.value);
        found.push(
            Diagnostic::new(Code::FN0987, message)
                .label(park.span, "the body of a parked message is a CloudEvent")
                .help("a function that takes from this queue finds the event's own data under `data.data`"),
        );
    }
}
