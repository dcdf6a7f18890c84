//! FN0232: two resources of one kind with the same physical name.

use indexmap::IndexMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Name, Thing};

/// Compares the names that the program chooses itself; derived ones differ because declared ones do.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let mut seen: IndexMap<(Thing, &str), &Name> = IndexMap::new();
    for (thing, named) in all(app) {
        let Some(first) = seen.get(&(thing, named.as_str())) else {
            seen.insert((thing, named.as_str()), named);
            continue;
        };
        let message = format!("two {} are named \"{}\"", plural(thing), named.value);
        found.push(
            Diagnostic::new(Code::FN0232, message)
                .label(named.span, "the same name again")
                .label(first.span, "first given here")
                .help("give one of them another name, or none: it is derived then"),
        );
    }
}

fn all(app: &App) -> impl Iterator<Item = (Thing, &Name)> {
    let queues = app
        .queues
        .values()
        .map(|it| (Thing::Queue, &it.place.named));
    let topics = app
        .topics
        .values()
        .map(|it| (Thing::Topic, &it.place.named));
    let streams = app
        .streams
        .values()
        .map(|it| (Thing::Stream, &it.place.named));
    let buckets = app
        .buckets
        .values()
        .map(|it| (Thing::Bucket, &it.place.named));
    let tables = app
        .tables
        .values()
        .map(|it| (Thing::Table, &it.place.named));
    let buses = app.buses.values().map(|it| (Thing::Bus, &it.place.named));
    let functions = app
        .functions
        .values()
        .map(|it| (Thing::Function, &it.named));
    let resources = queues.chain(topics).chain(streams).chain(buckets);
    let all = resources.chain(tables).chain(buses).chain(functions);
    all.filter_map(|(thing, named)| Some((thing, named.as_ref()?)))
}

fn plural(thing: Thing) -> &'static str {
    match thing {
        Thing::Queue => "queues",
        Thing::Topic => "topics",
        Thing::Stream => "streams",
        Thing::Bucket => "buckets",
        Thing::Table => "tables",
        Thing::Bus => "buses",
        Thing::Layer => "layers",
        Thing::Vpc => "networks",
        Thing::Function => "functions",
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[test]
    fn a_name_is_given_once() {
        let program = |orders: &str, parked: &str| {
            format!(
                r#"
queue orders {{ retry 5 then parked; named "{orders}" }}
queue parked {{ keep 14d; named "{parked}" }}
topic told {{ named "legacy" }}
function f {{ handler "src/f.py:handle"; on queue orders; can publish told }}
function g {{ handler "src/f.py:handle"; on topic told; retry 2 then parked }}"#
            )
        };
        finds(&program("legacy", "legacy"), "FN0232 at `\"legacy\"`");
        finds(&program("legacy", "legacy-parked"), "");
    }
}
