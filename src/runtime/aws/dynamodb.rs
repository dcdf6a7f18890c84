//! Calls of Amazon `DynamoDB` that name rows by their keys ("Amazon `DynamoDB` API Reference").

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Caller;
use super::condition::{self, Terms};
use super::fault::Fault;
use super::parameters::{name, read};
use super::rows::{plain, value};
use crate::event::aws::item;
use crate::runtime::asked::Asked;
use crate::runtime::query::Query;

type Item = Map<String, Value>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PutItem {
    table_name: String,
    item: Item,
    return_values: Option<Returned>,
}

/// `DeleteItem` too.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GetItem {
    table_name: String,
    key: Item,
    /// What was written is read from then on in any case.
    #[serde(rename = "ConsistentRead")]
    _consistent: Option<bool>,
    return_values: Option<Returned>,
}

/// What of a row is told after a change: nothing.
#[derive(Deserialize)]
enum Returned {
    #[serde(rename = "NONE")]
    Nothing,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct BatchWriteItem {
    request_items: IndexMap<String, Vec<Write>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
enum Write {
    PutRequest {
        #[serde(rename = "Item")]
        item: Item,
    },
    DeleteRequest {
        #[serde(rename = "Key")]
        key: Item,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct BatchGetItem {
    request_items: IndexMap<String, Keys>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Keys {
    keys: Vec<Item>,
    #[serde(rename = "ConsistentRead")]
    _consistent: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Find {
    table_name: String,
    index_name: Option<String>,
    key_condition_expression: String,
    #[serde(default)]
    expression_attribute_names: IndexMap<String, String>,
    #[serde(default)]
    expression_attribute_values: Item,
    scan_index_forward: Option<bool>,
    limit: Option<usize>,
    #[serde(rename = "ConsistentRead")]
    _consistent: Option<bool>,
}

pub(super) async fn call(caller: Caller<'_>, action: &str, body: &[u8]) -> Result<Value, Fault> {
    match action {
        "PutItem" => {
            let PutItem {
                table_name,
                item,
                return_values: None | Some(Returned::Nothing),
            } = read(action, body)?;
            let asked = Asked::PutRow(plain(item)?);
            caller.ask(name(&table_name), asked).await?;
            Ok(json!({}))
        }
        "GetItem" => {
            let asked: GetItem = read(action, body)?;
            let found = get(caller, &asked.table_name, asked.key).await?;
            Ok(found.map_or_else(|| json!({}), |it| json!({ "Item": it })))
        }
        "DeleteItem" => {
            let GetItem {
                table_name,
                key,
                return_values: None | Some(Returned::Nothing),
                ..
            } = read(action, body)?;
            let asked = Asked::DeleteRow(plain(key)?);
            caller.ask(name(&table_name), asked).await?;
            Ok(json!({}))
        }
        "BatchWriteItem" => {
            let asked: BatchWriteItem = read(action, body)?;
            // All are read before the first is carried out.
            let mut writes = Vec::new();
            for (table, of_table) in asked.request_items {
                for write in of_table {
                    let asked = match write {
                        Write::PutRequest { item } => Asked::PutRow(plain(item)?),
                        Write::DeleteRequest { key } => Asked::DeleteRow(plain(key)?),
                    };
                    writes.push((table.clone(), asked));
                }
            }
            for (table, asked) in writes {
                caller.ask(name(&table), asked).await?;
            }
            Ok(json!({ "UnprocessedItems": {} }))
        }
        "BatchGetItem" => {
            let asked: BatchGetItem = read(action, body)?;
            let mut responses = Map::new();
            for (table, keys) in asked.request_items {
                let mut found = Vec::new();
                for key in keys.keys {
                    found.extend(get(caller, &table, key).await?);
                }
                responses.insert(table, found.into());
            }
            Ok(json!({ "Responses": responses, "UnprocessedKeys": {} }))
        }
        "Query" => find(caller, read(action, body)?).await,
        _ => Err(Fault::unknown("DynamoDB", action)),
    }
}

async fn find(caller: Caller<'_>, asked: Find) -> Result<Value, Fault> {
    let values = asked.expression_attribute_values.into_iter();
    let values: Result<_, Fault> = values.map(|(name, it)| Ok((name, value(it)?))).collect();
    let terms = Terms {
        names: asked.expression_attribute_names,
        values: values?,
    };
    let query = Query {
        index: asked.index_name,
        // One more than is told shows whether there are more.
        limit: asked.limit.map(|it| it.saturating_add(1)),
        descending: asked.scan_index_forward == Some(false),
        ..condition::query(&asked.key_condition_expression, &terms)?
    };
    let found = caller
        .ask(name(&asked.table_name), Asked::QueryRows(query))
        .await?;
    let mut rows: Vec<Item> = read("Query", &found)?;
    let more = asked.limit.is_some_and(|it| rows.len() > it);
    rows.truncate(asked.limit.unwrap_or(usize::MAX));
    let items: Vec<Value> = rows.iter().map(item).collect();
    let mut told = json!({ "Count": items.len(), "ScannedCount": items.len() });
    if let (Some(last), Some(told)) = (items.last().filter(|_| more), told.as_object_mut()) {
        told.insert("LastEvaluatedKey".to_owned(), last.clone());
    }
    if let Some(told) = told.as_object_mut() {
        told.insert("Items".to_owned(), items.into());
    }
    Ok(told)
}

async fn get(caller: Caller<'_>, table: &str, key: Item) -> Result<Option<Value>, Fault> {
    let found = caller.ask(name(table), Asked::GetRow(plain(key)?)).await?;
    let row: Option<Item> = read("GetItem", &found)?;
    Ok(row.as_ref().map(item))
}
