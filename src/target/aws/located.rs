//! Where a template finds what functions use: the program's own resources, and those that another system owns.

use std::collections::BTreeMap;

use super::cfn::{Cfn, sub_text};
use super::names::{API, Names, bus_id, queue_id, stream_id, table_id, topic_id};
use crate::model::{App, External, Place, Target, Thing};
use crate::source::Spanned;

/// What a template says of a resource.
#[derive(Debug, Clone)]
pub(super) struct Located {
    /// Its physical name.
    pub(super) name: Cfn,
    /// Its ARN.
    pub(super) arn: Cfn,
    /// Where it is reached, where it has a URL that is known.
    pub(super) url: Option<Cfn>,
    /// What the shim is told, in `FNC_KIND_NAME`.
    pub(super) address: Cfn,
}

/// Returns where the template finds a resource or a function.
pub(super) fn located(app: &App, names: &Names, of: Thing, name: &str) -> Located {
    match place(app, of, name).and_then(|it| it.external.as_ref()) {
        Some(external) => elsewhere(of, external),
        None => own(app, names, of, name),
    }
}

/// Returns the ARN of a queue.
pub(super) fn queue_arn(app: &App, names: &Names, queue: &str) -> Cfn {
    located(app, names, Thing::Queue, queue).arn
}

/// Returns the ARN of the stream of a table's changes.
pub(super) fn changes_arn(app: &App, table: &str) -> Cfn {
    let place = place(app, Thing::Table, table);
    let external = place.and_then(|it| it.external.as_ref());
    match external.map(|it| word(it, "stream")) {
        Some(arn) => Cfn::text(arn.unwrap_or_default()),
        None => Cfn::Att(table_id(table), "StreamArn"),
    }
}

/// Returns the name by which events tell that they come from a resource, where it is known when building.
pub(super) fn known_name(app: &App, names: &Names, of: Thing, name: &str) -> Option<String> {
    match located(app, names, of, name).name {
        Cfn::Text(text) => Some(text),
        Cfn::Ref(_)
        | Cfn::Att(..)
        | Cfn::Sub(_)
        | Cfn::Import(_)
        | Cfn::Part(..)
        | Cfn::Join(_) => None,
    }
}

/// Returns what ties a resource to the world outside of the program.
pub(super) fn place<'a>(app: &'a App, of: Thing, name: &str) -> Option<&'a Place> {
    match of {
        Thing::Queue => app.queues.get(name).map(|it| &it.place),
        Thing::Topic => app.topics.get(name).map(|it| &it.place),
        Thing::Stream => app.streams.get(name).map(|it| &it.place),
        Thing::Bucket => app.buckets.get(name).map(|it| &it.place),
        Thing::Table => app.tables.get(name).map(|it| &it.place),
        Thing::Bus => app.buses.get(name).map(|it| &it.place),
        Thing::Layer | Thing::Vpc | Thing::Function => None,
    }
}

fn own(app: &App, names: &Names, of: Thing, name: &str) -> Located {
    let reached = |name: String, arn: Cfn, url: Option<Cfn>, address: Cfn| Located {
        name: Cfn::Text(name),
        arn,
        url,
        address,
    };
    match of {
        Thing::Queue => {
            let id = queue_id(name);
            let physical = app.queues.get(name).map(|it| names.queue(it));
            let url = Cfn::Ref(id.clone());
            reached(
                physical.unwrap_or_default(),
                Cfn::arn(id),
                Some(url.clone()),
                url,
            )
        }
        Thing::Topic => {
            let physical = app.topics.get(name).map(|it| names.topic(it));
            let arn = Cfn::Ref(topic_id(name));
            reached(physical.unwrap_or_default(), arn.clone(), None, arn)
        }
        Thing::Stream => {
            let arn = Cfn::arn(stream_id(name));
            reached(names.stream(name), arn.clone(), None, arn)
        }
        // By name, not by reference: a bucket waits for the functions that it notifies, so they can't wait for it.
        Thing::Bucket => {
            let name = names.bucket(name);
            let text = match &name {
                Cfn::Sub(text) => text.clone(),
                Cfn::Text(text) => sub_text(text),
                Cfn::Ref(_) | Cfn::Att(..) | Cfn::Import(_) | Cfn::Part(..) | Cfn::Join(_) => {
                    String::new()
                }
            };
            Located {
                arn: Cfn::Sub(format!("arn:${{AWS::Partition}}:s3:::{text}")),
                url: None,
                address: name.clone(),
                name,
            }
        }
        Thing::Table => {
            let id = table_id(name);
            reached(names.table(name), Cfn::arn(id.clone()), None, Cfn::Ref(id))
        }
        Thing::Bus => {
            let id = bus_id(name);
            reached(
                names.bus(name),
                Cfn::arn(id.clone()),
                None,
                Cfn::Att(id, "Name"),
            )
        }
        // By name, not by reference: two functions may know each other.
        Thing::Layer | Thing::Vpc | Thing::Function => {
            let ready = app
                .functions
                .get(name)
                .is_some_and(|it| it.scale.min.value > 0);
            let physical = names.function(name);
            let called = if ready {
                format!("{physical}:live")
            } else {
                physical.clone()
            };
            let arn = Cfn::local_arn("lambda", &format!("function:{physical}"));
            let url = Cfn::Att(API.to_owned(), "ApiEndpoint");
            reached(physical, arn, Some(url), Cfn::Text(called))
        }
    }
}

fn word<'a>(external: &'a External, word: &str) -> Option<&'a str> {
    let address: Option<&BTreeMap<String, Spanned<String>>> = external.addresses.get(&Target::Aws);
    Some(address?.get(word)?.value.as_str())
}

fn elsewhere(of: Thing, external: &External) -> Located {
    if let Some(export) = word(external, "import") {
        return by_import(of, export);
    }
    if let Some(arn) = word(external, "arn") {
        return by_arn(of, arn);
    }
    by_name(of, word(external, "name").unwrap_or_default())
}

/// Takes the ARN that another stack exports apart, when it is deployed.
fn by_import(of: Thing, export: &str) -> Located {
    let arn = Cfn::Import(export.to_owned());
    let part = |at: usize| arn.clone().part(":", at);
    let name = match prefix(of) {
        "" => part(5),
        _ => arn.clone().part("/", 1),
    };
    let url = (of == Thing::Queue).then(|| {
        Cfn::joined(vec![
            Cfn::text("https://sqs."),
            part(3),
            Cfn::Sub(".${AWS::URLSuffix}/".to_owned()),
            part(4),
            Cfn::text("/"),
            name.clone(),
        ])
    });
    let address = match of {
        Thing::Bucket => name.clone(),
        Thing::Queue
        | Thing::Topic
        | Thing::Stream
        | Thing::Table
        | Thing::Bus
        | Thing::Layer
        | Thing::Vpc
        | Thing::Function => url.clone().unwrap_or_else(|| arn.clone()),
    };
    Located {
        name,
        arn,
        url,
        address,
    }
}

fn by_arn(of: Thing, arn: &str) -> Located {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let part = |at: usize| parts.get(at).copied().unwrap_or_default();
    let resource = part(5);
    let name = resource.strip_prefix(prefix(of)).unwrap_or(resource);
    let url = (of == Thing::Queue).then(|| {
        let (region, account) = (part(3), part(4));
        let name = sub_text(name);
        Cfn::Sub(format!(
            "https://sqs.{region}.${{AWS::URLSuffix}}/{account}/{name}"
        ))
    });
    let address = match of {
        Thing::Bucket => Cfn::text(name),
        Thing::Queue
        | Thing::Topic
        | Thing::Stream
        | Thing::Table
        | Thing::Bus
        | Thing::Layer
        | Thing::Vpc
        | Thing::Function => url.clone().unwrap_or_else(|| Cfn::text(arn)),
    };
    Located {
        name: Cfn::text(name),
        arn: Cfn::text(arn),
        url,
        address,
    }
}

fn by_name(of: Thing, name: &str) -> Located {
    let resource = format!("{}{name}", prefix(of));
    let local = |service: &str| Cfn::local_arn(service, &resource);
    let text = sub_text(name);
    let url = (of == Thing::Queue).then(|| {
        Cfn::Sub(format!(
            "https://sqs.${{AWS::Region}}.${{AWS::URLSuffix}}/${{AWS::AccountId}}/{text}"
        ))
    });
    let arn = match of {
        Thing::Queue => local("sqs"),
        Thing::Topic => local("sns"),
        Thing::Stream => local("kinesis"),
        Thing::Table => local("dynamodb"),
        Thing::Bus => local("events"),
        Thing::Bucket => Cfn::Sub(format!("arn:${{AWS::Partition}}:s3:::{text}")),
        Thing::Layer | Thing::Vpc | Thing::Function => local("lambda"),
    };
    let address = match of {
        Thing::Topic | Thing::Stream => arn.clone(),
        Thing::Queue
        | Thing::Bucket
        | Thing::Table
        | Thing::Bus
        | Thing::Layer
        | Thing::Vpc
        | Thing::Function => url.clone().unwrap_or_else(|| Cfn::text(name)),
    };
    Located {
        name: Cfn::text(name),
        arn,
        url,
        address,
    }
}

/// Returns what stands before the name in an ARN's last part.
fn prefix(of: Thing) -> &'static str {
    match of {
        Thing::Stream => "stream/",
        Thing::Table => "table/",
        Thing::Bus => "event-bus/",
        Thing::Queue
        | Thing::Topic
        | Thing::Bucket
        | Thing::Layer
        | Thing::Vpc
        | Thing::Function => "",
    }
}
