//! What a handler's return value means to the caller of a route and to a batch.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// The answer to an HTTP request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpAnswer {
    /// The status, 200 to 599.
    pub status_code: u16,
    /// Headers, names in lower case.
    pub headers: IndexMap<String, String>,
    /// `Set-Cookie` values.
    pub cookies: Vec<String>,
    /// The body.
    pub body: Option<String>,
    /// Whether `body` is base64.
    pub base64: bool,
}

/// What a handler may say of its answer.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Said<'a> {
    status_code: Value,
    headers: Option<IndexMap<String, Value>>,
    cookies: Value,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    base64: Value,
}

/// Returns the answer that the JSON text a handler returned stands for; `Err` says what is wrong
/// with it, and the caller gets [`http_error`].
pub fn http_answer(returned: &str) -> Result<HttpAnswer, String> {
    let value: &RawValue = serde_json::from_str(returned).map_err(|it| it.to_string())?;
    if value.get() == "null" {
        return answer(204, None, Said::default());
    }
    if let Some(status) = status_of(value) {
        if !(200..=599).contains(&status) {
            return Err(format!("statusCode {status} is not between 200 and 599"));
        }
        let said: Said = serde_json::from_str(value.get()).map_err(|it| it.to_string())?;
        return answer(status, said.body, said);
    }
    answer(200, Some(value), Said::default())
}

/// Returns the answer of a handler that failed; the trace goes to the log, not to the caller.
pub fn http_error(request_id: &str) -> HttpAnswer {
    let body = serde_json::json!({ "error": "internal error", "request_id": request_id });
    HttpAnswer {
        status_code: 500,
        headers: IndexMap::from([("content-type".to_owned(), "application/json".to_owned())]),
        cookies: Vec::new(),
        body: Some(body.to_string()),
        base64: false,
    }
}

/// Returns the status code of an object that has an integer one.
fn status_of(value: &RawValue) -> Option<i64> {
    #[derive(Deserialize)]
    struct Status {
        #[serde(rename = "statusCode")]
        code: serde_json::Number,
    }
    if !value.get().starts_with('{') {
        return None;
    }
    let Status { code } = serde_json::from_str(value.get()).ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it saturates, and is then out of range"
    )]
    let whole = |it: f64| (it.fract() == 0.0).then_some(it as i64);
    code.as_i64().or_else(|| code.as_f64().and_then(whole))
}

fn answer(status: i64, body: Option<&RawValue>, said: Said) -> Result<HttpAnswer, String> {
    let mut cookies = match said.cookies {
        Value::Null => Vec::new(),
        Value::Array(list) => list.iter().map(text_of).collect(),
        other @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            vec![text_of(&other)]
        }
    };
    let mut headers = IndexMap::new();
    for (name, value) in said.headers.unwrap_or_default() {
        let values = match value {
            Value::Array(list) => list,
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => {
                vec![value]
            }
        };
        let values: Vec<String> = values.iter().map(text_of).collect();
        match name.to_lowercase() {
            name if name == "set-cookie" => cookies.extend(values),
            name => {
                headers.insert(name, values.join(", "));
            }
        }
    }
    let (body, is_text) = match body.map(RawValue::get) {
        None | Some("null") => (None, true),
        Some(text) if text.starts_with('"') => {
            let text = serde_json::from_str(text).map_err(|it| it.to_string())?;
            (Some(text), true)
        }
        Some(json) => (Some(json.to_owned()), false),
    };
    if body.is_some() {
        let kind = if is_text {
            "text/plain; charset=utf-8"
        } else {
            "application/json"
        };
        let kind_said = headers.entry("content-type".to_owned());
        kind_said.or_insert_with(|| kind.to_owned());
    }
    Ok(HttpAnswer {
        status_code: u16::try_from(status).map_err(|it| it.to_string())?,
        headers,
        cookies,
        base64: said.base64 == Value::Bool(true) && is_text && body.is_some(),
        body,
    })
}

/// Returns a header's value as text: strings as they are, all else as JSON.
fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns which records failed, as indices into `ids`, by the JSON text that a handler returned:
/// none, those it names, or all when it names one that isn't there.
pub fn failed_records(returned: &str, ids: &[&str]) -> Vec<usize> {
    #[derive(Deserialize)]
    struct Said {
        failures: Option<Value>,
    }
    let said = match serde_json::from_str::<&RawValue>(returned) {
        // A list would do as a struct's fields in order.
        Ok(it) if it.get().starts_with('{') => serde_json::from_str(it.get()).ok(),
        Ok(_) | Err(_) => None,
    };
    let Some(Said {
        failures: Some(failures),
    }) = said
    else {
        return Vec::new();
    };
    let all = 0..ids.len();
    let Value::Array(failures) = failures else {
        return all.collect();
    };
    let named = |it: &Value| {
        it.as_str()
            .and_then(|id| ids.iter().position(|own| *own == id))
    };
    let failed: Option<Vec<usize>> = failures.iter().map(named).collect();
    let Some(mut failed) = failed else {
        return all.collect();
    };
    failed.sort_unstable();
    failed.dedup();
    failed
}
