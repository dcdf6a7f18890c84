//! App settings: environment variables of all functions of an app, the host's and the shim's own included.

use super::arm::bucket::bucket_url;
use super::arm::event_grid::{bus_name, bus_url};
use super::arm::expression::{Text, call, literal, property, variable};
use super::arm::kind::{self, IDENTITY, INSIGHTS, STORAGE, reference};
use super::names::{address_variable, container, entity, key_variable, secret_name};
use super::plan::{FunctionApp, Plan};
use crate::model::{App, EnvPart, EnvValue, Field, Thing};

/// The connection that triggers and the shim name: the start of the names of three settings.
pub(super) const CONNECTION: &str = "FNC_SERVICEBUS";
/// The same for streams.
pub(super) const EVENT_HUBS: &str = "FNC_EVENTHUBS";

/// The same for tables.
pub(super) const COSMOS: &str = "FNC_COSMOS";
/// The documented connection string of the emulator; its key opens nothing else.
const COSMOS_EMULATOR: &str = "AccountEndpoint=https://localhost:8081/;AccountKey=\
    C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==;";

/// The local setting that says where the objects of buckets are.
const STORED: &str = "FNC_STORAGE";
const AZURITE: &str = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;\
    AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;\
    BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;";

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
        made.extend(connection(function_app, CONNECTION, "serviceBus"));
    }
    if function_app.uses().iter().any(|it| it.0 == Thing::Stream) {
        made.extend(connection(function_app, EVENT_HUBS, "eventHubs"));
    }
    if function_app.uses().iter().any(|it| it.0 == Thing::Table) {
        made.extend(cosmos(function_app));
    }
    made.extend(resources(function_app));
    made.extend(function_app.keys().into_iter().map(|it| AppSetting {
        local: Some(String::new()),
        ..AppSetting::new(key_variable(it), secret_reference(app, it))
    }));
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

/// Returns the settings of a connection to the namespace that a variable of the template names.
fn connection(app: &FunctionApp<'_>, name: &str, namespace: &str) -> Vec<AppSetting> {
    let host = call(
        "format",
        [
            literal("{0}.servicebus.windows.net"),
            call("variables", [literal(namespace)]),
        ],
    );
    let setting = |suffix: &str, value| AppSetting::cloud_only(format!("{name}__{suffix}"), value);
    vec![
        setting("fullyQualifiedNamespace", host),
        setting("credential", literal("managedidentity")),
        setting("clientId", client_id(app)),
        AppSetting {
            name: name.to_owned(),
            arm: None,
            // The documented connection string of the emulators; it opens nothing else.
            local: Some(
                "Endpoint=sb://localhost;SharedAccessKeyName=RootManageSharedAccessKey;\
                 SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;"
                    .to_owned(),
            ),
        },
    ]
}

/// Returns the settings of the connection to the account that holds the tables.
fn cosmos(app: &FunctionApp<'_>) -> Vec<AppSetting> {
    let account = reference(&kind::COSMOS, [call("variables", [literal("cosmos")])]);
    let setting =
        |suffix: &str, value| AppSetting::cloud_only(format!("{COSMOS}__{suffix}"), value);
    vec![
        setting("accountEndpoint", property(&account, "documentEndpoint")),
        setting("credential", literal("managedidentity")),
        setting("clientId", client_id(app)),
        AppSetting {
            name: COSMOS.to_owned(),
            arm: None,
            local: Some(COSMOS_EMULATOR.to_owned()),
        },
    ]
}

/// Returns where the resources are that the app's functions use.
fn resources(function_app: &FunctionApp<'_>) -> Vec<AppSetting> {
    let uses = function_app.uses();
    let setting = |(thing, name): &(Thing, &str)| {
        let variable = address_variable(*thing, name);
        match thing {
            Thing::Bucket => AppSetting {
                name: variable,
                arm: Some(bucket_url(name)),
                local: Some(container(name)),
            },
            // There is no emulator of Event Grid.
            Thing::Bus => AppSetting::cloud_only(variable, bus_url(name)),
            Thing::Queue
            | Thing::Topic
            | Thing::Stream
            | Thing::Table
            | Thing::Layer
            | Thing::Vpc
            | Thing::Function => AppSetting::new(variable, literal(&entity(name))),
        }
    };
    let mut made: Vec<AppSetting> = uses.iter().map(setting).collect();
    if uses.iter().any(|it| it.0 == Thing::Bucket) {
        made.push(AppSetting {
            name: STORED.to_owned(),
            arm: None,
            // Azurite's documented account; its key opens nothing else.
            local: Some(AZURITE.to_owned()),
        });
    }
    made
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

/// Returns a part of a text, where it is known now or when deployed.
pub(super) fn part(plan: &Plan<'_>, part: &EnvPart) -> Text {
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
        (Field::Name, Thing::Bucket) => literal(&container(name)),
        (Field::Name, Thing::Bus) => bus_name(name),
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
