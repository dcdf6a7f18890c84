//! Calls of Amazon SNS ("Amazon SNS API Reference"), in the query protocol.

use std::collections::BTreeMap;

use super::Caller;
use super::fault::Fault;
use super::parameters::{Attribute, attributes, name};
use super::reply::{Reply, element, nested, query};
use crate::runtime::host::Message;

const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";
const ENTRIES: &str = "PublishBatchRequestEntries.member.";

/// The parameters that nothing has read yet, by name.
type Parameters = BTreeMap<String, String>;

pub(super) async fn call(caller: Caller<'_>, body: &[u8]) -> Reply {
    let mut given: Parameters = form_urlencoded::parse(body).into_owned().collect();
    given.remove("Version");
    let action = given.remove("Action").unwrap_or_default();
    let made = match action.as_str() {
        "Publish" => publish(caller, given).await,
        "PublishBatch" => publish_batch(caller, given).await,
        _ => Err(Fault::unknown("SNS", &action)),
    };
    query(NAMESPACE, &action, made)
}

async fn publish(caller: Caller<'_>, mut given: Parameters) -> Result<String, Fault> {
    let topic = topic(&mut given)?;
    let id = caller.publish(name(&topic), message(given)?).await?;
    Ok(element("MessageId", &id))
}

async fn publish_batch(caller: Caller<'_>, mut given: Parameters) -> Result<String, Fault> {
    let topic = topic(&mut given)?;
    let mut entries: BTreeMap<u32, Parameters> = BTreeMap::new();
    for (path, value) in given {
        let place = path.strip_prefix(ENTRIES).and_then(|it| it.split_once('.'));
        let place = place.and_then(|(number, rest)| Some((number.parse().ok()?, rest)));
        let (number, rest) = place.ok_or_else(|| unread(&path))?;
        let entry = entries.entry(number).or_default();
        entry.insert(rest.to_owned(), value);
    }
    let (mut sent, mut failed) = (String::new(), String::new());
    for mut entry in entries.into_values() {
        let id = element("Id", &entry.remove("Id").unwrap_or_default());
        let made = match message(entry) {
            Ok(message) => caller.publish(name(&topic), message).await,
            Err(why) => Err(why),
        };
        match made {
            Ok(made) => {
                let id = id + &element("MessageId", &made);
                sent += &nested("member", &id);
            }
            Err(it) => {
                let (code, why) = (element("Code", it.code), element("Message", &it.message));
                failed += &nested(
                    "member",
                    &(id + &code + &why + &element("SenderFault", "true")),
                );
            }
        }
    }
    Ok(nested("Successful", &sent) + &nested("Failed", &failed))
}

fn topic(given: &mut Parameters) -> Result<String, Fault> {
    let topic = given.remove("TopicArn");
    topic.ok_or_else(|| Fault::not_here("messages to anything but a topic"))
}

fn unread(parameter: &str) -> Fault {
    Fault::not_here(&format!("`{parameter}` of Publish"))
}

/// Reads a message; a parameter that is left over is refused.
fn message(mut given: Parameters) -> Result<Message, Fault> {
    let body = given.remove("Message");
    let body = body.ok_or_else(|| Fault::invalid("`Message` is missing"))?;
    let group = given.remove("MessageGroupId");
    // The local run keeps no record of deduplication ids.
    given.remove("MessageDeduplicationId");
    let mut named: BTreeMap<String, (String, Attribute)> = BTreeMap::new();
    for (path, value) in given {
        let place = path.strip_prefix("MessageAttributes.entry.");
        let place = place.and_then(|it| it.split_once('.'));
        let (number, member) = place.ok_or_else(|| unread(&path))?;
        let (name, attribute) = named.entry(number.to_owned()).or_default();
        match member {
            "Name" => *name = value,
            "Value.DataType" => attribute.data_type = value,
            "Value.StringValue" => attribute.string_value = Some(value),
            "Value.BinaryValue" => attribute.binary_value = Some(value),
            _ => return Err(unread(&path)),
        }
    }
    Ok(Message {
        body: body.into(),
        attributes: attributes(named.into_values().collect())?,
        group,
        ..Message::default()
    })
}
