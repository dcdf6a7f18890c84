//! What a function finds in its environment: the program's variables, secrets, and what the shim needs.

use serde::Serialize;

use super::address;
use super::config::config;
use super::names::Names;
use crate::model::{App, EnvPart, EnvValue, Function, Target, Thing, Verb};

/// An environment variable: text, or a secret's name and key.
#[derive(Debug, Serialize)]
pub(super) struct Variable {
    name: String,
    value: String,
    secret: String,
    key: String,
}

impl Variable {
    /// Returns one with a text; Kubernetes expands `$(NAME)` in it, so every `$` of `text` is doubled.
    pub(super) fn text(name: impl Into<String>, text: &str) -> Variable {
        Variable::expanded(name, text.replace('$', "$$"))
    }

    /// Returns one whose value is a secret's: the name of the Kubernetes Secret, and its key there.
    pub(super) fn secret(name: impl Into<String>, (secret, key): (String, String)) -> Variable {
        Variable {
            name: name.into(),
            value: String::new(),
            secret,
            key,
        }
    }

    /// Returns one whose text may refer to another variable.
    pub(super) fn expanded(name: impl Into<String>, value: String) -> Variable {
        Variable {
            name: name.into(),
            value,
            secret: String::new(),
            key: String::new(),
        }
    }
}

/// Returns the variables of a function, the shim's own first.
pub(super) fn environment(
    app: &App,
    names: &Names,
    function: &Function,
    concurrency: u32,
) -> Vec<Variable> {
    let config = config(app, function, concurrency).to_string();
    let mut made = vec![Variable::text("FNC_CONFIG", &config)];
    for verb in Verb::ALL {
        for grant in function.can.iter().filter(|it| it.verb == verb) {
            let (kind, resource) = (grant.of.word(), grant.resource.as_str());
            let name = format!("FNC_{kind}_{resource}").to_uppercase();
            let address = match grant.of {
                Thing::Function => address::function(names, resource),
                Thing::Queue
                | Thing::Topic
                | Thing::Stream
                | Thing::Bucket
                | Thing::Table
                | Thing::Bus
                | Thing::Layer
                | Thing::Vpc => address::resource(app, names, resource),
            };
            made.push(Variable::expanded(name, address));
        }
    }
    for variable in &function.env {
        let name = variable.name.value.clone();
        match &variable.value {
            EnvValue::Text(parts) => {
                let parts = parts.iter().map(|part| match part {
                    EnvPart::Plain(text) => text.replace('$', "$$"),
                    EnvPart::Attribute(it) => address::attribute(app, names, it),
                });
                made.push(Variable::expanded(name, parts.collect()));
            }
            EnvValue::Secret(secret) => {
                made.push(Variable::secret(name, place(app, names, secret.as_str())));
            }
        }
    }
    made
}

/// Returns the Kubernetes Secret that holds a secret, and its key there.
pub(super) fn place(app: &App, names: &Names, secret: &str) -> (String, String) {
    let stores = app.secrets.get(secret).map(|it| &it.stores);
    let written = stores.and_then(|it| it.get(&Target::Knative));
    let word = |word: &str| Some(written?.get(word)?.value.clone());
    let name = word("name").unwrap_or_else(|| names.stem.clone());
    (name, word("key").unwrap_or_else(|| secret.to_owned()))
}
