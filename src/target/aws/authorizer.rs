//! Who the HTTP API asks before it lets a request through: a token's issuer, or a function of the app.

use indexmap::IndexMap;
use serde::Serialize;

use super::api::routes;
use super::cfn::Cfn;
use super::names::function_id;
use crate::model::{App, Auth, Jwt};

/// The authorizers of an API, by name.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ApiAuth {
    pub(super) authorizers: IndexMap<String, Authorizer>,
}

/// One of them.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Authorizer {
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_source: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwt_configuration: Option<JwtConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_arn: Option<Cfn>,
    #[serde(
        rename = "AuthorizerPayloadFormatVersion",
        skip_serializing_if = "Option::is_none"
    )]
    payload_format_version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enable_simple_responses: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enable_function_default_permissions: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<Identity>,
}

#[derive(Debug, Serialize)]
struct JwtConfiguration {
    issuer: String,
    audience: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Identity {
    reauthorize_every: u32,
}

/// Returns the name of the authorizer that a route asks; none: anybody may call, or the shim decides.
pub(super) fn authorizer_name(app: &App, auth: &Auth) -> Option<String> {
    match auth {
        Auth::Jwt(jwt) => {
            let at = issuers(app).iter().position(|it| same(it, jwt))?;
            Some(if at == 0 {
                "Jwt".to_owned()
            } else {
                format!("Jwt{}", at + 1)
            })
        }
        Auth::Custom(function) => Some(function_id(function.as_str()) + "Authorizer"),
        Auth::None | Auth::Key(_) => None,
    }
}

fn issuers(app: &App) -> Vec<&Jwt> {
    let mut made: Vec<&Jwt> = Vec::new();
    for route in routes(app) {
        if let Auth::Jwt(jwt) = &route.auth.value
            && !made.iter().any(|it| same(it, jwt))
        {
            made.push(jwt);
        }
    }
    made
}

/// Tells whether two routes ask for the same tokens, wherever they say so.
fn same(one: &Jwt, other: &Jwt) -> bool {
    let audience =
        |it: &Jwt| -> Vec<String> { it.audience.iter().map(|it| it.value.clone()).collect() };
    one.issuer.value == other.issuer.value && audience(one) == audience(other)
}

/// Returns the authorizers that the routes ask.
pub(super) fn authorizers(app: &App) -> IndexMap<String, Authorizer> {
    let mut made = IndexMap::new();
    for route in routes(app) {
        let auth = &route.auth.value;
        let Some(name) = authorizer_name(app, auth) else {
            continue;
        };
        let authorizer = match auth {
            Auth::Jwt(it) => Authorizer {
                identity_source: Some("$request.header.Authorization"),
                jwt_configuration: Some(JwtConfiguration {
                    issuer: it.issuer.value.clone(),
                    audience: it.audience.iter().map(|it| it.value.clone()).collect(),
                }),
                ..Authorizer::default()
            },
            Auth::Custom(it) => Authorizer {
                function_arn: Some(Cfn::arn(function_id(it.as_str()))),
                payload_format_version: Some("2.0"),
                enable_simple_responses: Some(true),
                enable_function_default_permissions: Some(true),
                // The function is asked each time, as everywhere: a cached answer would outlive what it was made from.
                identity: Some(Identity {
                    reauthorize_every: 0,
                }),
                ..Authorizer::default()
            },
            Auth::None | Auth::Key(_) => continue,
        };
        made.entry(name).or_insert(authorizer);
    }
    made
}
