//! Environment variables: the program's own, the addresses the shim needs, and where secrets are kept.

use indexmap::IndexMap;

use super::cfn::Cfn;
use super::code::FUNCTION;
use super::located::located;
use super::names::Names;
use super::websocket;
use crate::model::{
    App, Attribute, Auth, EnvPart, EnvValue, Field, Function, Secret, Target, Verb,
};

/// Returns a function's variables, in the order of the program, the shim's own last.
pub(super) fn variables(app: &App, names: &Names, function: &Function) -> IndexMap<String, Cfn> {
    let mut made = IndexMap::new();
    for variable in &function.env {
        let name = variable.name.value.clone();
        match &variable.value {
            EnvValue::Text(parts) => {
                made.insert(name, text(app, names, parts));
            }
            EnvValue::Secret(secret) => {
                if let Some(secret) = app.secrets.get(secret.as_str()) {
                    let place = Store::of(app, secret).place();
                    made.insert(format!("FNC_SECRET_{name}"), Cfn::Text(place));
                }
            }
        }
    }
    for secret in keys(app, function) {
        let variable = format!("FNC_KEY_{}", secret.name.as_str().to_uppercase());
        made.insert(variable, Cfn::Text(Store::of(app, secret).place()));
    }
    made.insert(FUNCTION.to_owned(), Cfn::Text(function.name.value.clone()));
    if function.granted(Verb::Reply).next().is_some() {
        made.insert("FNC_WEBSOCKET".to_owned(), websocket::address(app, "https"));
    }
    // Queues first, then topics: the order that templates have had from the beginning.
    for verb in Verb::ALL {
        let granted = function.can.iter();
        for grant in granted.filter(|it| it.verb == verb && verb != Verb::Reply) {
            let (of, name) = (grant.of, grant.resource.as_str());
            let kind = of.word().to_uppercase();
            let variable = format!("FNC_{kind}_{}", name.to_uppercase());
            made.insert(variable, located(app, names, of, name).address);
        }
    }
    made
}

/// Returns text whose parts may be known only when deployed.
pub(super) fn text(app: &App, names: &Names, parts: &[EnvPart]) -> Cfn {
    let value = |part: &EnvPart| match part {
        EnvPart::Plain(text) => Cfn::text(text),
        EnvPart::Attribute(it) => attribute(app, names, it),
    };
    Cfn::joined(parts.iter().map(value).collect())
}

fn attribute(app: &App, names: &Names, attribute: &Attribute) -> Cfn {
    let found = located(app, names, attribute.of, attribute.resource.as_str());
    let value = match attribute.field {
        Field::Name => Some(found.name),
        Field::Url => found.url,
        Field::Arn => Some(found.arn),
    };
    // What isn't known was refused.
    value.unwrap_or_else(|| Cfn::text(""))
}

/// Returns the secrets that callers of a function's routes must know, each once.
fn keys<'a>(app: &'a App, function: &Function) -> Vec<&'a Secret> {
    let mut made: Vec<&Secret> = Vec::new();
    for trigger in &function.triggers {
        if let Some(Auth::Key(secret)) = trigger.kind.auth().map(|it| &it.value)
            && let Some(secret) = app.secrets.get(secret.as_str())
            && !made.iter().any(|it| it.name == secret.name)
        {
            made.push(secret);
        }
    }
    made
}

/// Where the value of a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Store {
    /// Secrets Manager: the secret's name or ARN, and a key of its JSON value.
    Manager {
        /// Its name or ARN.
        id: String,
        /// A key of the JSON object that it holds; none: all of it.
        key: Option<String>,
    },
    /// The parameter store of Systems Manager: the parameter's name.
    Parameter(String),
}

impl Store {
    /// Returns where a secret is kept.
    pub(super) fn of(app: &App, secret: &Secret) -> Store {
        let written = secret.stores.get(&Target::Aws);
        let word = |word: &str| Some(written?.get(word)?.value.clone());
        if let Some(name) = word("ssm") {
            return Store::Parameter(name);
        }
        let parts = [
            Some(app.name.as_str()),
            app.stage.as_deref(),
            Some(secret.name.as_str()),
        ];
        let own = || parts.into_iter().flatten().collect::<Vec<_>>().join("/");
        Store::Manager {
            id: word("name").unwrap_or_else(own),
            key: word("key"),
        }
    }

    /// Returns the places of a function's secrets, each once.
    pub(super) fn of_function(app: &App, function: &Function) -> Vec<Store> {
        let mut stores: Vec<Store> = Vec::new();
        let variables = function.env.iter();
        let secrets = variables.filter_map(|it| match &it.value {
            EnvValue::Secret(name) => app.secrets.get(name.as_str()),
            EnvValue::Text(_) => None,
        });
        for secret in secrets.chain(keys(app, function)) {
            let store = Store::of(app, secret);
            if !stores.contains(&store) {
                stores.push(store);
            }
        }
        stores
    }

    pub(super) fn is_secrets_manager(&self) -> bool {
        matches!(self, Store::Manager { .. })
    }

    /// Returns what the shim reads to find it.
    pub(super) fn place(&self) -> String {
        match self {
            Store::Manager { id, key: None } => format!("secretsmanager:{id}"),
            Store::Manager { id, key: Some(key) } => format!("secretsmanager:{id}#{key}"),
            Store::Parameter(name) => format!("ssm:{name}"),
        }
    }

    /// Returns its ARN, for the one permission that reading it needs.
    pub(super) fn arn(&self) -> Cfn {
        match self {
            Store::Manager { id, .. } if id.starts_with("arn:") => Cfn::text(id),
            // Secrets Manager puts a hyphen and six characters of its own after the name.
            Store::Manager { id, .. } => {
                Cfn::local_arn("secretsmanager", &format!("secret:{id}-??????"))
            }
            Store::Parameter(name) if name.starts_with("arn:") => Cfn::text(name),
            Store::Parameter(name) => Cfn::local_arn(
                "ssm",
                &format!("parameter/{}", name.trim_start_matches('/')),
            ),
        }
    }
}
