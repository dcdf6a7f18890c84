//! The service that routes requests: Knative has no path routing.

use indexmap::IndexSet;
use serde_json::{Map, Value, json};

use super::environment::{Variable, place};
use super::image::Image;
use super::names::Names;
use super::service::{LONGEST, Service, seconds};
use crate::model::{App, Auth, Function, HttpTrigger};

/// Returns the service that routes requests, when a function has a route.
pub(super) fn router(app: &App, names: &Names, images: &[Image]) -> Option<Service> {
    let reached = || app.functions.values().filter(|it| it.has_http());
    let image = images.iter().find(|it| it.holds(reached().next()))?;
    let ready = reached().any(|it| it.scale.min.value > 0);
    let longest = reached().map(seconds).max().unwrap_or(1);
    let table: Vec<Value> = reached().flat_map(|it| routes(app, names, it)).collect();
    Some(Service {
        name: names.router.clone(),
        label: String::new(),
        description: "Passes requests on to the function of their route".to_owned(),
        local: false,
        min: u8::from(ready).to_string(),
        max: String::new(),
        target: String::new(),
        retention: String::new(),
        // It waits most of the time: as many as come.
        concurrency: 0,
        timeout: (longest + 5).min(LONGEST),
        image: image.name.clone(),
        stem: names.stem.clone(),
        env: std::iter::once(Variable::text(
            "FNC_ROUTES",
            &Value::from(table).to_string(),
        ))
        .chain(keys(app, names))
        .collect(),
        cpu: "100m".to_owned(),
        cpu_limit: "1000m".to_owned(),
        memory: "256Mi".to_owned(),
        disk: "512Mi".to_owned(),
        arch: image.arch,
    })
}

/// Returns the secrets that routes ask for, each once.
pub(super) fn secrets(app: &App) -> IndexSet<&str> {
    let asked = https(app).filter_map(|it| match &it.auth.value {
        Auth::Key(secret) => Some(secret.as_str()),
        Auth::None | Auth::Jwt(_) | Auth::Custom(_) => None,
    });
    asked.collect()
}

/// Tells whether a route asks for a token.
pub(super) fn has_tokens(app: &App) -> bool {
    https(app).any(|it| matches!(it.auth.value, Auth::Jwt(_)))
}

fn https(app: &App) -> impl Iterator<Item = &HttpTrigger> {
    let triggers = app.functions.values().flat_map(|it| &it.triggers);
    triggers.filter_map(|it| it.kind.http())
}

fn keys<'a>(app: &'a App, names: &'a Names) -> impl Iterator<Item = Variable> + 'a {
    secrets(app).into_iter().map(|secret| {
        let name = format!("FNC_KEY_{}", secret.to_uppercase());
        Variable::secret(name, place(app, names, secret))
    })
}

/// Returns what the router is told of a route.
fn route(app: &App, names: &Names, it: &HttpTrigger, to: &str) -> Value {
    let mut made = Map::new();
    made.insert("method".to_owned(), json!(it.method.value.word()));
    made.insert("route".to_owned(), json!(it.route.value.to_string()));
    made.insert("to".to_owned(), json!(to));
    let guard = match &it.auth.value {
        Auth::None => None,
        Auth::Key(secret) => Some(("key", json!(secret.value))),
        Auth::Jwt(jwt) => {
            let audience: Vec<_> = jwt.audience.iter().map(|it| &it.value).collect();
            let wanted = json!({ "issuer": jwt.issuer.value, "audience": audience });
            Some(("jwt", wanted))
        }
        Auth::Custom(function) => Some(("custom", json!(names.function(function.as_str())))),
    };
    made.extend(guard.map(|(word, value)| (word.to_owned(), value)));
    if let Some(cors) = &it.cors {
        let cors = &cors.value;
        let origins: Vec<_> = cors.origins.iter().map(|it| &it.value).collect();
        let mut said = Map::new();
        said.insert("origins".to_owned(), json!(origins));
        said.insert("methods".to_owned(), json!(cors.methods_in(app)));
        said.insert("headers".to_owned(), json!(cors.headers_sent()));
        if cors.credentials {
            said.insert("credentials".to_owned(), json!(true));
        }
        if let Some(age) = cors.max_age {
            said.insert("max_age".to_owned(), json!(age.as_secs()));
        }
        made.insert("cors".to_owned(), Value::Object(said));
    }
    Value::Object(made)
}

fn routes(app: &App, names: &Names, function: &Function) -> Vec<Value> {
    let to = names.function(function.name.as_str());
    let triggers = function.triggers.iter().filter_map(|it| it.kind.http());
    triggers.map(|it| route(app, names, it, &to)).collect()
}
