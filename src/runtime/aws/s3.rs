//! Calls of Amazon S3 on objects ("Amazon S3 API Reference").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{
    ACCEPT_RANGES, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LAST_MODIFIED, RANGE,
};
use hyper::{Method, StatusCode};
use indexmap::IndexMap;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Deserialize;

use super::fault::Fault;
use super::parameters::read;
use super::reply::{self, Reply, element, s3_fault};
use super::streaming::content;
use super::{Asking, Caller};
use crate::runtime::asked::{Asked, NewObject};
use crate::runtime::host::Message;

const META: &str = "x-amz-meta-";
/// Headers of S3's own that change nothing here: signatures, and checksums of what has come over loopback.
const PASSED: [&str; 10] = [
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-user-agent",
    "x-amz-decoded-content-length",
    "x-amz-trailer",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-checksum-mode",
    "x-amz-te",
    "x-amz-request-payer",
];
/// Headers that S3 would give back with the object.
const KEPT: [&str; 6] = [
    "cache-control",
    "content-disposition",
    "content-language",
    "expires",
    "if-match",
    "if-none-match",
];

/// An object, as `get` gives it.
#[derive(Deserialize)]
struct Object {
    etag: String,
    time: String,
    body: String,
    #[serde(default)]
    base64: bool,
    content_type: Option<String>,
    attributes: IndexMap<String, String>,
}

/// What is told of an object that was put.
#[derive(Deserialize)]
struct Kept {
    etag: String,
}

/// An object, as `list` tells of it.
#[derive(Deserialize)]
struct Listed {
    key: String,
    size: u64,
    etag: String,
    time: String,
}

pub(super) async fn call(caller: Caller<'_>, asking: &Asking<'_>) -> Reply {
    let made = carry_out(caller, asking).await;
    made.unwrap_or_else(|it| s3_fault(&it))
}

async fn carry_out(caller: Caller<'_>, asking: &Asking<'_>) -> Result<Reply, Fault> {
    let decoded = percent_decode_str(asking.path.trim_start_matches('/'));
    let path = decoded.decode_utf8_lossy();
    let (bucket, key) = path.split_once('/').unwrap_or((&path, ""));
    let query: IndexMap<String, String> = form_urlencoded::parse(asking.query.as_bytes())
        .into_owned()
        .filter(|(name, _)| name != "x-id")
        .collect();
    if key.is_empty() && asking.method == Method::GET && query.contains_key("list-type") {
        return list(caller, bucket, query).await;
    }
    let call = || format!("{} {}?{}", asking.method, asking.path, asking.query);
    if key.is_empty() || !query.is_empty() {
        return Err(Fault::unknown("S3", &call()));
    }
    for (name, value) in asking.headers {
        let name = name.as_str();
        let own = name.starts_with("x-amz-") && !name.starts_with(META);
        let sum = name.starts_with("x-amz-checksum-");
        // Every bucket is encrypted in this way, whether it is said or not.
        let plain = name == "x-amz-server-side-encryption" && value == "AES256";
        if plain {
            continue;
        }
        if (own && !sum && !PASSED.contains(&name)) || KEPT.contains(&name) {
            return Err(Fault::not_here(&format!("the header `{name}` of S3")));
        }
    }
    match *asking.method {
        Method::GET | Method::HEAD => get(caller, asking, bucket, key).await,
        Method::PUT => put(caller, asking, bucket, key).await,
        Method::DELETE => {
            caller
                .ask(bucket, Asked::DeleteObject(key.to_owned()))
                .await?;
            Ok(reply::of(StatusCode::NO_CONTENT, "application/xml", ""))
        }
        _ => Err(Fault::unknown("S3", &call())),
    }
}

async fn put(
    caller: Caller<'_>,
    asking: &Asking<'_>,
    bucket: &str,
    key: &str,
) -> Result<Reply, Fault> {
    let coding = asking.header("content-encoding").unwrap_or_default();
    let mut codings = coding.split(',').map(str::trim);
    if let Some(other) = codings.find(|it| !["", "aws-chunked"].contains(it)) {
        return Err(Fault::not_here(&format!("the content encoding {other}")));
    }
    let body = content(asking)?;
    let attributes = asking.headers.iter().filter_map(|(name, it)| {
        let name = name.as_str().strip_prefix(META)?;
        Some((name.to_owned(), it.to_str().ok()?.to_owned()))
    });
    let object = NewObject {
        key: key.to_owned(),
        content_type: asking.header("content-type").map(str::to_owned),
        message: Message {
            binary: std::str::from_utf8(&body).is_err(),
            attributes: attributes.collect(),
            body,
            ..Message::default()
        },
    };
    let kept = caller.ask(bucket, Asked::PutObject(object)).await?;
    let kept: Kept = read("PutObject", &kept)?;
    let mut reply = reply::of(StatusCode::OK, "application/xml", "");
    set(&mut reply, ETAG, &format!("\"{}\"", kept.etag));
    Ok(reply)
}

async fn get(
    caller: Caller<'_>,
    asking: &Asking<'_>,
    bucket: &str,
    key: &str,
) -> Result<Reply, Fault> {
    let found = caller.ask(bucket, Asked::GetObject(key.to_owned())).await?;
    let object: Option<Object> = read("GetObject", &found)?;
    let object = object.ok_or_else(|| Fault::no_key(key))?;
    let body = if object.base64 {
        let bytes = STANDARD.decode(&object.body);
        bytes.map_err(|it| Fault::unavailable(it.to_string()))?
    } else {
        object.body.into_bytes()
    };
    let kind = object.content_type.as_deref();
    let kind = kind.unwrap_or("binary/octet-stream");
    let whole = body.len();
    let asked = asking.headers.get(RANGE).and_then(|it| it.to_str().ok());
    let mut reply = match asked.map(|it| range(it, whole)) {
        None => reply::of(StatusCode::OK, kind, body),
        Some(Some((from, to))) => {
            let part = body.get(from..to).unwrap_or_default().to_vec();
            let mut reply = reply::of(StatusCode::PARTIAL_CONTENT, kind, part);
            let place = format!("bytes {from}-{}/{whole}", to - 1);
            set(&mut reply, CONTENT_RANGE, &place);
            reply
        }
        Some(None) => return Err(Fault::not_here("this range of an object")),
    };
    set(&mut reply, CONTENT_TYPE, kind);
    set(&mut reply, ETAG, &format!("\"{}\"", object.etag));
    set(&mut reply, ACCEPT_RANGES, "bytes");
    let time: Timestamp = object.time.parse().unwrap_or_default();
    let time = time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    set(&mut reply, LAST_MODIFIED, &time);
    for (name, value) in &object.attributes {
        if let Ok(name) = HeaderName::try_from(format!("{META}{}", name.to_lowercase())) {
            set(&mut reply, name, value);
        }
    }
    Ok(reply)
}

fn set(reply: &mut Reply, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        reply.headers_mut().insert(name, value);
    }
}

/// Reads a range of bytes: where it begins, and where it has ended.
fn range(asked: &str, whole: usize) -> Option<(usize, usize)> {
    let (from, to) = asked.strip_prefix("bytes=")?.split_once('-')?;
    let (from, to) = match (from.parse::<usize>().ok(), to.parse::<usize>().ok()) {
        (Some(from), Some(last)) => (from, whole.min(last.checked_add(1)?)),
        (Some(from), None) if to.is_empty() => (from, whole),
        (None, Some(size)) if from.is_empty() => (whole.saturating_sub(size), whole),
        _ => return None,
    };
    (from < to).then_some((from, to))
}

async fn list(
    caller: Caller<'_>,
    bucket: &str,
    mut query: IndexMap<String, String>,
) -> Result<Reply, Fault> {
    let mut taken = |name: &str| query.shift_remove(name).filter(|it| !it.is_empty());
    let version = taken("list-type").unwrap_or_default();
    let prefix = taken("prefix").unwrap_or_default();
    let after = taken("continuation-token").or(taken("start-after"));
    let most = taken("max-keys").map_or(Ok(1000), |it| it.parse::<usize>());
    let most = most.map_err(|_| Fault::invalid("`max-keys` is no number"))?;
    let encoded = taken("encoding-type").is_some();
    if let Some(other) = query.keys().next() {
        return Err(Fault::not_here(&format!("`{other}` of ListObjectsV2")));
    }
    if version != "2" {
        return Err(Fault::unknown("S3", "ListObjects"));
    }
    let found = caller
        .ask(bucket, Asked::ListObjects(prefix.clone(), None))
        .await?;
    let mut found: Vec<Listed> = read("ListObjectsV2", &found)?;
    found.retain(|it| after.as_ref().is_none_or(|after| it.key > *after));
    let more = found.len() > most;
    found.truncate(most);
    let written = |text: &str| {
        if encoded {
            utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
        } else {
            text.to_owned()
        }
    };
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{}{}\
         <KeyCount>{}</KeyCount><MaxKeys>{most}</MaxKeys><IsTruncated>{more}</IsTruncated>",
        element("Name", bucket),
        element("Prefix", &written(&prefix)),
        found.len(),
    );
    if encoded {
        text += &element("EncodingType", "url");
    }
    if let Some(last) = found.last().filter(|_| more) {
        text += &element("NextContinuationToken", &last.key);
    }
    let contents = found.iter().map(|it| {
        format!(
            "<Contents>{}{}{}<Size>{}</Size><StorageClass>STANDARD</StorageClass></Contents>",
            element("Key", &written(&it.key)),
            element("LastModified", &it.time),
            element("ETag", &format!("\"{}\"", it.etag)),
            it.size,
        )
    });
    text.extend(contents);
    text += "</ListBucketResult>";
    Ok(reply::of(StatusCode::OK, "application/xml", text))
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn ranges_of_bytes() {
        assert_eq!(range("bytes=0-3", 10), Some((0, 4)));
        assert_eq!(range("bytes=4-", 10), Some((4, 10)));
        assert_eq!(range("bytes=-3", 10), Some((7, 10)));
        assert_eq!(range("bytes=4-99", 10), Some((4, 10)));
        for no in ["bytes=10-", "bytes=3-2", "bytes=a-b", "0-3", "bytes=-"] {
            assert_eq!(range(no, 10), None, "{no}");
        }
    }
}
