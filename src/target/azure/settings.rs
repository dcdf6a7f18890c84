//! App settings: environment variables of all functions of an app, the host's and the shim's own included.

use super::arm::expression::{Text, call, literal, property, variable};
use super::arm::kind::{IDENTITY, INSIGHTS, STORAGE, reference};
use super::entry::Start;
use super::names::{entity, queue_variable, secret_name, topic_variable};
use super::plan::{FunctionApp, Plan};
use crate::model::{App, EnvPart, EnvValue, Field, Thing, Verb};

/// The connection that triggers and the shim name: the start of the names of three settings.
pub(super) const CONNECTION: &str = "FNC_SERVICEBUS";

/// One app setting.
#[derive(Debug)]
pub(super) struct AppSetting {
    /// Its name.
    pub(super) name: String,
    /// Its value in the ARM template; `None`: not there.
    pub(super) arm: Option<Text>,
    /// Its value in `local.settings.json`; `None`: not there.
    pub(super) local: Option<String>,
}

impl AppSetting {
    fn new(name: impl Into<String>, arm: Text) -> AppSetting {
        let local = arm.plain().map(str::to_owned);
        AppSetting {
            name: name.into(),
            arm: Some(arm),
            local,
        }
    }

    fn cloud_only(name: impl Into<String>, arm: Text) -> AppSetting {
        AppSetting {
            local: None,
            ..AppSetting::new(name, arm)
        }
    }
}

/// Returns the settings of an app, in the order they are written.
pub(super) fn settings(
    app: &App,
    plan: &Plan<'_>,
    function_app: &FunctionApp<'_>,
) -> Vec<AppSetting> {
    let mut made = platform(function_app);
    if function_app.uses_service_bus() {
        made.extend(service_bus(function_app));
        made.extend(resources(app, function_app));
    }
    made.extend(variables(app, plan, function_app));
    made
}

fn platform(app: &FunctionApp<'_>) -> Vec<AppSetting> {
    let storage = reference(&STORAGE, [variable(&app.name, "storage")]);
    let client = client_id(app);
    let insights = reference(&INSIGHTS, [call("variables", [literal("insights")])]);
    let authentication = call(
        "format",
        [literal("ClientId={0};Authorization=AAD"), client.clone()],
    );
    let mut made = vec![
        // Locks, keys and timers are blobs; queues and tables would be for triggers that aren't here.
        AppSetting::cloud_only(
            "AzureWebJobsStorage__blobServiceUri",
            property(&storage, "primaryEndpoints.blob"),
        ),
        AppSetting::cloud_only(
            "AzureWebJobsStorage__credential",
            literal("managedidentity"),
        ),
        AppSetting::cloud_only("AzureWebJobsStorage__clientId", client),
        AppSetting::cloud_only(
            "APPLICATIONINSIGHTS_CONNECTION_STRING",
            property(&insights, "ConnectionString"),
        ),
        AppSetting::cloud_only("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", authentication),
    ];
    if app.has_http() {
        // Without it the host's own page answers `GET /`.
        made.push(AppSetting::new(
            "AzureWebJobsDisableHomepage",
            literal("true"),
        ));
    }
    made
}

fn client_id(app: &FunctionApp<'_>) -> Text {
    let identity = reference(&IDENTITY, [variable(&app.name, "identity")]);
    property(&identity, "clientId")
}

fn service_bus(app: &FunctionApp<'_>) -> Vec<AppSetting> {
    let host = call(
        "format",
        [
            literal("{0}.servicebus.windows.net"),
            call("variables", [literal("serviceBus")]),
        ],
    );
    let setting =
        |suffix: &str, value| AppSetting::cloud_only(format!("{CONNECTION}__{suffix}"), value);
    vec![
        setting("fullyQualifiedNamespace", host),
        setting("credential", literal("managedidentity")),
        setting("clientId", client_id(app)),
        AppSetting {
            name: CONNECTION.to_owned(),
            arm: None,
            // The documented connection string of the Service Bus emulator; it opens nothing else.
            local: Some(
                "Endpoint=sb://localhost;SharedAccessKeyName=RootManageSharedAccessKey;\
                 SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;"
                    .to_owned(),
            ),
        },
    ]
}

/// Returns the names of the queues and topics that the app's functions use.
fn resources(app: &App, function_app: &FunctionApp<'_>) -> Vec<AppSetting> {
    let mut queues = function_app.sends(Verb::Send);
    let mut topics = function_app.sends(Verb::Publish);
    for (_, entry) in function_app.entries() {
        match entry.start {
            Start::Queue(it) => queues.extend(
                app.queues
                    .get_key_value(&it.queue.value)
                    .map(|it| it.0.as_str()),
            ),
            Start::Topic(it) => topics.extend(
                app.topics
                    .get_key_value(&it.topic.value)
                    .map(|it| it.0.as_str()),
            ),
            Start::Http(_) | Start::Invoke | Start::Timer(_) => {}
        }
    }
    queues.sort_unstable();
    queues.dedup();
    topics.sort_unstable();
    topics.dedup();
    let queue = |name: &&str| AppSetting::new(queue_variable(name), literal(&entity(name)));
    let topic = |name: &&str| AppSetting::new(topic_variable(name), literal(&entity(name)));
    let queues = queues.iter().map(queue);
    queues.chain(topics.iter().map(topic)).collect()
}

/// Returns what `env` says, for all functions of the app; they agree where they share a name.
fn variables(app: &App, plan: &Plan<'_>, function_app: &FunctionApp<'_>) -> Vec<AppSetting> {
    let mut made: Vec<AppSetting> = Vec::new();
    for variable in function_app.functions.iter().flat_map(|it| &it.env) {
        let name = &variable.name.value;
        if made.iter().any(|it| it.name == *name) {
            continue;
        }
        made.push(match &variable.value {
            EnvValue::Secret(secret) => AppSetting {
                local: Some(String::new()),
                ..AppSetting::new(name, secret_reference(app, secret.as_str()))
            },
            EnvValue::Text(parts) => {
                let texts = parts.iter().map(|it| part(plan, it));
                AppSetting::new(name, Text::joined(texts.collect()))
            }
        });
    }
    made
}

fn secret_reference(app: &App, secret: &str) -> Text {
    let name = secret_name(app, secret);
    let format = format!("@Microsoft.KeyVault(VaultName={{0}};SecretName={name})");
    let vault = call("parameters", [literal("keyVaultName")]);
    call("format", [literal(&format), vault])
}

fn part(plan: &Plan<'_>, part: &EnvPart) -> Text {
    let attribute = match part {
        EnvPart::Plain(text) => return literal(text),
        EnvPart::Attribute(it) => it,
    };
    let name = attribute.resource.as_str();
    let site = || match plan.app_of(name) {
        Some(app) => variable(&app.name, "site"),
        None => literal(""),
    };
    let format = |text: &str, value| call("format", [literal(text), value]);
    match (attribute.field, attribute.of) {
        (Field::Name, Thing::Function) => site(),
        (Field::Url, Thing::Function) => format("https://{0}.azurewebsites.net", site()),
        (Field::Name, _) => literal(&entity(name)),
        (Field::Url, _) => format(
            &format!("https://{{0}}.servicebus.windows.net/{}", entity(name)),
            call("variables", [literal("serviceBus")]),
        ),
        // An error says that Azure has none, so nothing is built from this.
        (Field::Arn, _) => literal(""),
    }
}

/// Returns what stands in `local.settings.json`, which the Functions host reads when it runs on a developer's machine.
pub(super) fn local_settings(runtime: &str, settings: &[AppSetting]) -> serde_json::Value {
    let mut values = serde_json::Map::new();
    values.insert("FUNCTIONS_WORKER_RUNTIME".to_owned(), runtime.into());
    values.insert(
        "AzureWebJobsStorage".to_owned(),
        "UseDevelopmentStorage=true".into(),
    );
    for setting in settings {
        if let Some(value) = &setting.local {
            values.insert(setting.name.clone(), value.as_str().into());
        }
    }
    serde_json::json!({ "IsEncrypted": false, "Values": values })
}
