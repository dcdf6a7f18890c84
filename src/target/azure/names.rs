//! Names on Azure. A name of the program has no `-`, so `-` for `_` keeps names apart.

use crate::model::{App, Target};
use crate::target::name::{dashed, shortened};

/// Returns the name of a queue, a topic or a subscription in the program's Service Bus namespace.
pub(super) fn entity(name: &str) -> String {
    dashed(name)
}

/// Returns the app setting that holds a queue's name.
pub(super) fn queue_variable(name: &str) -> String {
    format!("FNC_QUEUE_{}", name.to_uppercase())
}

/// Returns the app setting that holds a topic's name.
pub(super) fn topic_variable(name: &str) -> String {
    format!("FNC_TOPIC_{}", name.to_uppercase())
}

/// Returns the stem of the names that an app's resources get; with a `-` and 13 characters of a hash it is a site's name.
pub(super) fn stem(app: &App, function_app: &str) -> String {
    shortened(&format!("{}-{function_app}", dashed(&app.stem())), 46)
}

/// Returns the stem of the names of the resources that all apps share; namespaces have 50 characters at most.
pub(super) fn shared_stem(app: &App) -> String {
    shortened(&dashed(&app.stem()), 36)
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
