//! The app's websocket: its API and stage, what its connections may ask, and what each of its events comes to.

use indexmap::IndexMap;
use serde::Serialize;

use super::cfn::Cfn;
use super::names::{
    Names, SOCKET, function_id, socket_authorizer_id, socket_integration_id, socket_permission_id,
    socket_route_id,
};
use super::resource::{Resource, tag_map};
use crate::model::{App, Auth, Function, TriggerKind, WebsocketTrigger};

/// The id of the stage that clients connect to.
const STAGE: &str = "WebsocketStage";

/// The longest call: "Amazon API Gateway Developer Guide", "Quotas for configuring and running a WebSocket API".
pub(super) const LONGEST_CALL: u64 = 29;

/// The websocket itself.
#[derive(Debug, Serialize)]
pub(super) struct Socket {
    api: Resource<SocketProperties>,
    stage: Resource<StageProperties>,
    authorizer: Option<(
        Resource<AuthorizerProperties>,
        Resource<PermissionProperties>,
    )>,
}

/// Properties of `AWS::ApiGatewayV2::Api`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct SocketProperties {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    protocol_type: &'static str,
    route_selection_expression: &'static str,
    tags: IndexMap<String, String>,
}

/// Properties of `AWS::ApiGatewayV2::Stage`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct StageProperties {
    api_id: Cfn,
    stage_name: String,
    auto_deploy: bool,
    tags: IndexMap<String, String>,
}

/// Properties of `AWS::ApiGatewayV2::Authorizer`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct AuthorizerProperties {
    api_id: Cfn,
    name: String,
    authorizer_type: &'static str,
    authorizer_uri: Cfn,
    /// What a request must hold so that the function is asked.
    identity_source: [&'static str; 1],
}

/// Properties of `AWS::Lambda::Permission`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PermissionProperties {
    action: &'static str,
    function_name: Cfn,
    principal: &'static str,
    source_arn: Cfn,
}

/// What brings events of the websocket to a function.
#[derive(Debug, Serialize)]
pub(super) struct Listener {
    integration: Resource<IntegrationProperties>,
    permission: Resource<PermissionProperties>,
    routes: Vec<Resource<RouteProperties>>,
}

/// Properties of `AWS::ApiGatewayV2::Integration`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct IntegrationProperties {
    api_id: Cfn,
    integration_type: &'static str,
    integration_uri: Cfn,
}

/// Properties of `AWS::ApiGatewayV2::Route`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct RouteProperties {
    api_id: Cfn,
    route_key: String,
    authorization_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer_id: Option<Cfn>,
    target: Cfn,
}

impl Socket {
    /// Writes its text in the template.
    pub(super) fn write(&self, made: &mut String) {
        self.api.write(made);
        self.stage.write(made);
        if let Some((authorizer, permission)) = &self.authorizer {
            authorizer.write(made);
            permission.write(made);
        }
    }
}

impl Listener {
    /// Writes its text in the template.
    pub(super) fn write(&self, made: &mut String) {
        self.integration.write(made);
        self.permission.write(made);
        for route in &self.routes {
            route.write(made);
        }
    }
}

/// Returns the app's websocket, when a function takes its events.
pub(super) fn socket(app: &App, names: &Names, description: Option<String>) -> Option<Socket> {
    let routes: Vec<String> = triggers(app).map(|(_, it)| route_id(it)).collect();
    if routes.is_empty() {
        return None;
    }
    let api = SocketProperties {
        name: names.stem().to_owned(),
        description,
        protocol_type: "WEBSOCKET",
        route_selection_expression: "$request.body.action",
        tags: tag_map(app),
    };
    let stage = StageProperties {
        api_id: Cfn::Ref(SOCKET.to_owned()),
        stage_name: stage_name(app).to_owned(),
        auto_deploy: true,
        tags: tag_map(app),
    };
    let mut stage = Resource::new("AWS::ApiGatewayV2::Stage", STAGE.to_owned(), stage);
    // An API without routes can't be deployed.
    stage.depends_on = routes;
    Some(Socket {
        api: Resource::new("AWS::ApiGatewayV2::Api", SOCKET.to_owned(), api),
        stage,
        authorizer: guard(app).map(authorizer),
    })
}

/// Returns what brings the websocket's events to a function, when it takes some.
pub(super) fn listener(app: &App, function: &Function) -> Option<Listener> {
    takes(function).then(|| made(app, function))
}

fn made(app: &App, function: &Function) -> Listener {
    let name = function.name.as_str();
    let id = socket_integration_id(name);
    let integration = IntegrationProperties {
        api_id: Cfn::Ref(SOCKET.to_owned()),
        integration_type: "AWS_PROXY",
        integration_uri: invocation(function),
    };
    let route = |it: &WebsocketTrigger| {
        let authorizer = match &it.auth.value {
            Auth::Custom(function) => Some(socket_authorizer_id(function.as_str())),
            Auth::None | Auth::Jwt(_) | Auth::Key(_) => None,
        };
        let properties = RouteProperties {
            api_id: Cfn::Ref(SOCKET.to_owned()),
            route_key: it.event.route_key().to_owned(),
            authorization_type: authorizer.as_ref().map_or("NONE", |_| "CUSTOM"),
            authorizer_id: authorizer.map(Cfn::Ref),
            target: Cfn::Sub(format!("integrations/${{{id}}}")),
        };
        Resource::new("AWS::ApiGatewayV2::Route", route_id(it), properties)
    };
    let source = format!("${{{SOCKET}}}/{}/*", stage_name(app));
    Listener {
        routes: triggers_of(function).map(route).collect(),
        permission: permission(socket_permission_id(name), function, &source),
        integration: Resource::new("AWS::ApiGatewayV2::Integration", id, integration),
    }
}

/// Returns where clients connect, and where the shim sends to them.
pub(super) fn address(app: &App, scheme: &str) -> Cfn {
    let stage = stage_name(app);
    Cfn::Sub(format!(
        "{scheme}://${{{SOCKET}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{stage}"
    ))
}

/// Returns the ARN of what replying to any client comes to.
pub(super) fn connections_arn(app: &App) -> Cfn {
    execute_arn(&format!(
        "${{{SOCKET}}}/{}/POST/@connections/*",
        stage_name(app)
    ))
}

/// Returns every websocket trigger of the program, with its function.
pub(super) fn triggers(app: &App) -> impl Iterator<Item = (&Function, &WebsocketTrigger)> {
    let functions = app.functions.values();
    functions.flat_map(|function| triggers_of(function).map(move |it| (function, it)))
}

/// Tells whether a function takes events of the websocket.
pub(super) fn takes(function: &Function) -> bool {
    triggers_of(function).next().is_some()
}

fn triggers_of(function: &Function) -> impl Iterator<Item = &WebsocketTrigger> {
    function.triggers.iter().filter_map(|it| {
        if let TriggerKind::Websocket(it) = &it.kind {
            Some(it)
        } else {
            None
        }
    })
}

fn route_id(trigger: &WebsocketTrigger) -> String {
    socket_route_id(&trigger.event)
}

/// A stage of a websocket has a name, which is a part of its address.
fn stage_name(app: &App) -> &str {
    app.stage.as_deref().unwrap_or("live")
}

/// Returns the function that is asked who may connect.
fn guard(app: &App) -> Option<&Function> {
    let custom = triggers(app).find_map(|(_, it)| match &it.auth.value {
        Auth::Custom(function) => Some(function),
        Auth::None | Auth::Jwt(_) | Auth::Key(_) => None,
    });
    app.functions.get(custom?.as_str())
}

fn authorizer(
    guard: &Function,
) -> (
    Resource<AuthorizerProperties>,
    Resource<PermissionProperties>,
) {
    let name = guard.name.as_str();
    let id = socket_authorizer_id(name);
    let properties = AuthorizerProperties {
        api_id: Cfn::Ref(SOCKET.to_owned()),
        name: id.clone(),
        authorizer_type: "REQUEST",
        authorizer_uri: invocation(guard),
        // Something must stand here, and every client sends this: the function is asked each time.
        identity_source: ["route.request.header.Host"],
    };
    let source = format!("${{{SOCKET}}}/authorizers/${{{id}}}");
    let permission = permission(id.clone() + "Permission", guard, &source);
    (
        Resource::new("AWS::ApiGatewayV2::Authorizer", id, properties),
        permission,
    )
}

fn permission(id: String, function: &Function, source: &str) -> Resource<PermissionProperties> {
    let properties = PermissionProperties {
        action: "lambda:InvokeFunction",
        function_name: Cfn::Ref(called(function)),
        principal: "apigateway.amazonaws.com",
        source_arn: execute_arn(source),
    };
    Resource::new("AWS::Lambda::Permission", id, properties)
}

fn execute_arn(path: &str) -> Cfn {
    Cfn::Sub(format!(
        "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:{path}"
    ))
}

/// Returns the reference to what is called: the alias where instances are kept ready, else the function.
fn called(function: &Function) -> String {
    let id = function_id(function.name.as_str());
    if function.scale.min.value > 0 {
        id + ".Alias"
    } else {
        id
    }
}

/// Returns what API Gateway calls to run a function.
fn invocation(function: &Function) -> Cfn {
    const BEGINS: &str =
        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/";
    let called = called(function);
    if function.scale.min.value > 0 {
        // SAM reads an alias in a reference, not within text.
        let begins = Cfn::Sub(BEGINS.to_owned());
        return Cfn::Join(vec![begins, Cfn::Ref(called), Cfn::text("/invocations")]);
    }
    Cfn::Sub(format!("{BEGINS}${{{called}.Arn}}/invocations"))
}
