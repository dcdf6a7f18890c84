//! The apps transcribed from others, and the three functions of `trio`, run end to end.

use super::running::Running;
use crate::harness::Fnc;

fn example(name: &str, arguments: &str) -> Running {
    Running::start(Fnc::new().example(name), &format!("{name} {arguments}"))
}

#[test]
fn trio_takes_works_and_sweeps() {
    let trio = example("trio", "");
    assert_eq!(trio.post("/jobs", r#"{"name": "dig"}"#).status, 202);
    assert_eq!(trio.post("/jobs", "{}").status, 400);
    trio.until("the job", |it| it.lines_with(&["job done", "dig"]) == 1);
    trio.post("/jobs", r#"{"name": "fly", "fail": true}"#);
    trio.until("a second attempt", |it| {
        it.lines_with(&["job failed", "fly", "\"attempt\":2"]) == 1
            || it.lines_with(&["job failed", "fly", "\"attempt\": 2"]) == 1
    });
    assert_eq!(trio.post("/_fnc/fire/sweep", "").status, 200);
    trio.until("the sweep", |it| it.lines_with(&["sweeping"]) == 1);
}

#[test]
fn sqs_standard_counts_words() {
    let app = example("real/sqs-standard", "");
    assert_eq!(app.post("/sender", " ").status, 400);
    assert_eq!(app.post("/sender", "three small words").status, 202);
    app.until("the words", |it| {
        it.lines_with(&["received", "\"words\":3", "\"length\":\"17\""]) == 1
    });
}

#[test]
fn user_management_registers_and_logs_in() {
    let secret = "--secret secret_access_key=test";
    let app = example("real/user-management", secret);
    assert_eq!(app.post("/user", r#"{"email": "ada"}"#).status, 400);
    let user = r#"{"email": "Ada@example.org", "password": "difference engine"}"#;
    let made = app.post("/user", user);
    assert_eq!(
        (made.status, &made.json()["userId"]),
        (201, &"ada@example.org".into())
    );
    let card = made.json()["card"].as_str().unwrap().to_owned();
    let login = |password: &str| {
        let body = serde_json::json!({ "card": card, "password": password });
        app.post("/login", &body.to_string())
    };
    assert_eq!(login("guess").status, 401);
    let token = login("difference engine").json()["token"].clone();
    let header = format!("authorization: Bearer {}\r\n", token.as_str().unwrap());
    let own = app.ask("GET", "/user/ada%40example.org", &header, "");
    assert_eq!(
        (own.status, &own.json()["userId"]),
        (200, &"ada@example.org".into())
    );
    assert_eq!(app.ask("GET", "/user/eve", &header, "").status, 403);
    assert_eq!(app.get("/user/ada%40example.org").status, 401);

    app.send("order_completed", r#"{"userId": "ada@example.org"}"#);
    app.until("the order", |it| {
        it.lines_with(&["orders completed", "ada"]) == 1
    });
}

#[test]
fn batch_sqs_works_on_a_hundred_at_a_time() {
    let app = example("real/batch-sqs", "");
    assert_eq!(app.post("/_fnc/fire/sender", "").status, 200);
    app.until("five products", |it| {
        it.state("sources", "queue demo", "waiting") == 5
    });
    for price in 0..94 {
        app.send("demo", &format!(r#"{{"name": "apple", "price": {price}}}"#));
    }
    app.send("demo", r#"{"name": "no price"}"#);
    app.until("one batch of all", |it| {
        it.lines_with(&["parallel_consumer", "queue demo", "100 events"]) == 1
    });
    app.until("the failed one", |it| {
        it.lines_with(&["failed", "KeyError"]) == 1
    });
}

#[test]
fn the_app_of_init_runs() {
    for lang in ["python", "node"] {
        let fnc = Fnc::new();
        let _ = fnc.run(&format!("init my-app --lang {lang}")).exits(0);
        let app = Running::start(fnc, "my-app");
        let reply = app.get("/hello/World");
        assert_eq!(reply.json()["message"], "Hello, World!");
        app.until("the task", |it| it.lines_with(&["worked", "World"]) == 1);
    }
}
