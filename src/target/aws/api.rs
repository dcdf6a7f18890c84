//! The HTTP API that routes answer under: who may call, from which sites, and under which host name.

use indexmap::IndexMap;
use serde::Serialize;

use super::authorizer::{ApiAuth, authorizers};
use super::cors::{CorsConfiguration, cors};
use super::names::{API, Names};
use super::resource::{Resource, tag_map};
use crate::model::{App, Function, HttpTrigger, Target, TriggerKind};

/// Properties of `AWS::Serverless::HttpApi`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ApiProperties {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    stage_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth: Option<ApiAuth>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cors_configuration: Option<CorsConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<Domain>,
    tags: IndexMap<String, String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Domain {
    #[serde(rename = "DomainName")]
    name: String,
    certificate_arn: String,
    endpoint_configuration: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    route53: Option<Route53>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Route53 {
    hosted_zone_id: String,
}

/// Returns the app's API, when a route leads to it.
pub(super) fn api(
    app: &App,
    names: &Names,
    description: Option<String>,
) -> Option<Resource<ApiProperties>> {
    app.functions.values().find(|it| it.has_http())?;
    let authorizers = authorizers(app);
    let properties = ApiProperties {
        name: names.stem().to_owned(),
        description,
        stage_name: "$default",
        auth: (!authorizers.is_empty()).then_some(ApiAuth { authorizers }),
        cors_configuration: routes(app)
            .find_map(|it| it.cors.as_ref())
            .map(|it| cors(app, &it.value)),
        domain: domain(app),
        tags: tag_map(app),
    };
    let kind = "AWS::Serverless::HttpApi";
    Some(Resource::new(kind, API.to_owned(), properties))
}

/// Returns every http route of the program.
pub(super) fn routes(app: &App) -> impl Iterator<Item = &HttpTrigger> {
    let triggers = app
        .functions
        .values()
        .flat_map(|it: &Function| &it.triggers);
    triggers.filter_map(|it| {
        if let TriggerKind::Http(it) = &it.kind {
            Some(it)
        } else {
            None
        }
    })
}

fn domain(app: &App) -> Option<Domain> {
    let domain = app.about.domain.as_ref()?;
    let address = domain.addresses.get(&Target::Aws)?;
    let text = |word: &str| address.get(word).map(|it| it.value.clone());
    Some(Domain {
        name: domain.name.value.clone(),
        certificate_arn: text("certificate")?,
        endpoint_configuration: "REGIONAL",
        route53: text("zone").map(|hosted_zone_id| Route53 { hosted_zone_id }),
    })
}
