//! Who may call a route, and from pages of which sites.

use serde_json::json;

use super::running::Running;
use crate::harness::Fnc;

const PROGRAM: &str = r#"app doors
secret door
function shop {
  handler "main.py:shop"
  on http GET "/open" { auth none; cors { origins "https://a.example", "https://b.example"; headers "x-mine"; credentials; max_age 1h } }
  on http POST "/open" { auth none }
  on http GET "/key" { auth key door; cors { origins "*" } }
  on http GET "/own/{id}" { auth custom check }
  on http POST "/own/{id}" { auth custom check }
}
function node { handler "main.mjs:shop"; on http GET "/node/{id}" { auth custom check_node } }
function moved { handler "main.py:shop"; on http GET "/moved/{id}" { auth custom check_moved } }
function check_moved { handler "main.py:check_moved"; contract lambda }
function check { handler "main.py:check" }
function check_node { handler "main.mjs:check" }
"#;

const PYTHON: &str = r#"
def shop(event, context):
    request = event["request"]
    return {"statusCode": 200, "headers": {"access-control-allow-origin": "https://handler.example"},
            "body": {"auth": request["auth"], "body": request["data"]}}

def check(event, context):
    request = event["request"]
    if request["body"] is not None or request["route"] != "/own/{id}":
        raise ValueError("not the request without its body")
    who = request["headers"].get("x-who")
    if who == "broken":
        raise ValueError("broken")
    return {"isAuthorized": who == request["params"]["id"], "context": {"who": who}}

def check_moved(event, context):
    if event["type"] != "REQUEST" or event["routeKey"] != "GET /moved/{id}" or "body" in event:
        raise ValueError("not what API Gateway asks")
    who = event["headers"].get("x-who")
    return {"isAuthorized": who == event["pathParameters"]["id"], "context": {"asked": event["rawPath"]}}
"#;

const NODE: &str = r"
export const shop = (event) => ({ auth: event.request.auth });
export const check = async (event) => ({ isAuthorized: event.request.headers['x-who'] === 'ann', context: { by: 'node' } });
";

fn doors() -> Running {
    let fnc = Fnc::new().file("app.fn", PROGRAM).file("main.py", PYTHON);
    Running::start(fnc.file("main.mjs", NODE), "--secret door=s3cret")
}

#[test]
fn only_those_who_may_call_a_route_come_in() {
    let app = doors();
    assert_eq!(
        app.get("/open").json(),
        json!({ "auth": null, "body": null })
    );
    let refused = app.get("/key");
    assert_eq!(
        (refused.status, refused.json()),
        (401, json!({ "error": "unauthorized" }))
    );
    assert!(
        refused.head.contains("www-authenticate: ApiKey"),
        "{refused:?}"
    );
    assert_eq!(
        app.ask("GET", "/key", "x-api-key: s3cre\r\n", "").status,
        401
    );
    assert_eq!(
        app.ask("GET", "/key", "X-Api-Key: s3cret\r\n", "").status,
        200
    );

    let own = app.ask("GET", "/own/ann", "x-who: ann\r\n", "");
    assert_eq!(
        (own.status, &own.json()["auth"]),
        (200, &json!({ "who": "ann" }))
    );
    let own = app.ask("POST", "/own/ann", "x-who: ann\r\n", "{\"n\": 1}");
    assert_eq!((own.status, &own.json()["body"]), (200, &json!({ "n": 1 })));
    assert_eq!(app.ask("GET", "/own/ann", "x-who: eve\r\n", "").status, 403);
    assert_eq!(
        app.ask("GET", "/own/ann", "x-who: broken\r\n", "").status,
        500
    );
    let node = app.ask("GET", "/node/7", "x-who: ann\r\n", "");
    assert_eq!(node.json(), json!({ "auth": { "by": "node" } }));
    assert_eq!(app.ask("GET", "/node/7", "x-who: eve\r\n", "").status, 403);
    let moved = app.ask("GET", "/moved/ann", "x-who: ann\r\n", "");
    assert_eq!(moved.json()["auth"], json!({ "asked": "/moved/ann" }));
    assert_eq!(
        app.ask("GET", "/moved/ann", "x-who: eve\r\n", "").status,
        403
    );
    let fnc = Fnc::new().file("app.fn", PROGRAM).file("main.py", PYTHON);
    let ran = fnc.file("main.mjs", NODE).run("run --port 0").exits(2);
    assert!(
        ran.stderr.contains("the secret `door` has no value"),
        "{ran}"
    );
}

#[test]
fn browsers_are_told_what_pages_of_other_sites_may_do() {
    let app = doors();
    let asked = |path: &str, origin: &str, method: &str| {
        let headers = format!("origin: {origin}\r\naccess-control-request-method: {method}\r\n");
        app.ask("OPTIONS", path, &headers, "")
    };
    let reply = asked("/open", "https://b.example", "GET");
    assert_eq!((reply.status, reply.body.as_str()), (204, ""));
    for header in [
        "access-control-allow-origin: https://b.example",
        "access-control-allow-methods: GET, POST",
        "access-control-allow-headers: x-mine",
        "access-control-allow-credentials: true",
        "access-control-max-age: 3600",
        "vary: origin",
    ] {
        assert!(reply.head.contains(header), "{header} in {reply:?}");
    }
    let other = asked("/open", "https://eve.example", "GET");
    assert!(
        other.status == 204 && !other.head.contains("access-control"),
        "{other:?}"
    );
    assert_eq!(
        asked("/open", "https://a.example", "POST").status,
        405,
        "without cors, no route"
    );
    // Nobody is asked for a key by a browser that only asks.
    let key = asked("/key", "https://eve.example", "GET");
    assert!(
        key.status == 204 && key.head.contains("access-control-allow-origin: *"),
        "{key:?}"
    );

    let page =
        |path: &str, origin: &str| app.ask("GET", path, &format!("origin: {origin}\r\n"), "");
    let own = page("/open", "https://a.example");
    assert!(
        own.head
            .contains("access-control-allow-origin: https://a.example"),
        "{own:?}"
    );
    assert!(!own.head.contains("handler.example"), "{own:?}");
    assert!(
        !page("/open", "https://eve.example")
            .head
            .contains("access-control")
    );
    let refused = page("/key", "https://eve.example");
    assert!(
        refused.status == 401 && refused.head.contains("allow-origin: *"),
        "{refused:?}"
    );
}

#[test]
fn tests_of_a_program_come_through_the_same_doors() {
    let tests = r#"
test "doors" {
  http GET "/key" { headers { "x-api-key" = "test-door" } }
  expect status 200
  http GET "/key"
  expect status 401
  http GET "/own/ann" { headers { "x-who" = "ann" } }
  expect body { auth = { who = "ann" } }
  http GET "/own/ann" { headers { "x-who" = "eve" } }
  expect status 403
  stub check answers { isAuthorized = true; context = { who = "all" } }
  http GET "/own/ann"
  expect body { auth = { who = "all" } }
  stub check fails
  http GET "/own/ann"
  expect status 500
}
"#;
    let fnc = Fnc::new().file("app.fn", PROGRAM).file("main.py", PYTHON);
    let fnc = fnc.file("main.mjs", NODE).file("app.test.fn", tests);
    let _ = fnc.run("test").exits(0);
}
