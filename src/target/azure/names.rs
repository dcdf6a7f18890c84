//! Names on Azure. A name of the program has no `-`, so `-` for `_` keeps names apart.

use super::entry::Entry;
use crate::model::{App, Target, Thing};
use crate::target::name::{dashed, shortened};

/// Returns the name of a queue, a topic or a subscription in the program's Service Bus namespace.
pub(super) fn entity(name: &str) -> String {
    dashed(name)
}

/// Returns the app setting that holds where a resource is.
pub(super) fn address_variable(thing: Thing, name: &str) -> String {
    let kind = thing.word().to_uppercase();
    format!("FNC_{kind}_{}", name.to_uppercase())
}

/// Returns the name of the queue through which an entry gets the events of a bucket or a bus. A name of the program
/// has no dot, so it is no other queue's.
pub(super) fn inbox(function: &str, entry: &Entry<'_>, source: &str) -> String {
    let stem = shortened(&dashed(&format!("{function}.{source}")), 44);
    format!("{stem}.{}", entry.at)
}

/// Returns the app setting that holds the secret that callers of a route must know.
pub(super) fn key_variable(secret: &str) -> String {
    format!("FNC_KEY_{}", secret.to_uppercase())
}

/// Returns the stem of the names that an app's resources get; with a `-` and 13 characters of a hash it is a site's name.
pub(super) fn stem(app: &App, function_app: &str) -> String {
    shortened(&format!("{}-{function_app}", dashed(&app.stem())), 46)
}

/// Returns the stem of the names of the resources that all apps share; namespaces have 50 characters at most.
pub(super) fn shared_stem(app: &App) -> String {
    shortened(&dashed(&app.stem()), 36)
}

/// Returns the stem of the name of the namespace that holds streams; Service Bus has names in the same domain.
pub(super) fn hubs_stem(app: &App) -> String {
    format!("{}-hubs", shortened(&dashed(&app.stem()), 31))
}

/// Returns the stem of the name of the account that holds tables: 44 small letters, digits and dashes at most.
pub(super) fn cosmos_stem(app: &App) -> String {
    shortened(&dashed(&app.stem()), 30)
}

/// Returns the stem of a bus's name.
pub(super) fn bus_stem(app: &App, bus: &str) -> String {
    shortened(&dashed(&format!("{}-{bus}", app.stem())), 36)
}

/// Returns the name of a bucket's container, which is alone in its account: 3 to 63 small letters, digits and single
/// dashes between them.
pub(super) fn container(bucket: &str) -> String {
    let words: Vec<&str> = bucket.split('_').filter(|it| !it.is_empty()).collect();
    let name = words.join("-");
    if name.len() < 3 {
        return format!("{name}-bucket");
    }
    name
}

/// Returns the name that an app's deployment output has.
pub(super) fn output(function_app: &str) -> String {
    function_app.replace('-', "_")
}

/// Returns a secret's name in Key Vault.
pub(super) fn secret_name(app: &App, secret: &str) -> String {
    let stores = app.secrets.get(secret).map(|it| &it.stores);
    let store = stores.and_then(|it| it.get(&Target::Azure));
    match store.and_then(|it| it.get("name")) {
        Some(name) => name.value.clone(),
        None => dashed(&format!("{}-{secret}", app.stem())),
    }
}
