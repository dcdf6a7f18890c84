//! Azure: what single words of the language become.

use fnc::diagnostic::{Code, Severity};
use serde_json::{Value, json};

use crate::azure_program::Program;

const QUEUES: &str =
    "queue failed_orders { keep 14d }\nqueue orders { retry 5 then failed_orders }\n";

fn program(text: &str) -> Program {
    Program::text(&format!("app shop {{ targets azure }}\n{text}"))
}

/// Returns a program with a function `work` that is started by `orders`.
fn worker(settings: &str) -> Program {
    program(&format!(
        "{QUEUES}function work {{\n  handler \"src/work.py:handle\"\n  on queue orders\n{settings}\n}}\n"
    ))
}

/// Returns a program with a function `serve` behind http.
fn server(settings: &str) -> Program {
    program(&format!(
        "function serve {{\n  handler \"src/serve.py:handle\"\n  on http GET \"/serve\" {{ auth none }}\n{settings}\n}}\n"
    ))
}

fn only(values: Vec<Value>) -> Value {
    let [only] = <[Value; 1]>::try_from(values).unwrap();
    only
}

fn site(program: &Program) -> Value {
    only(program.resources("Microsoft.Web/sites"))
}

fn scale(program: &Program) -> Value {
    site(program)["properties"]["functionAppConfig"]["scaleAndConcurrency"].clone()
}

/// Returns the one file with this name, in whichever app's folder it is.
fn file(program: &Program, name: &str) -> String {
    let mut files = program.built().into_iter();
    let (_, text) = files.find(|(path, _)| path.ends_with(name)).unwrap();
    text
}

fn host(program: &Program) -> Value {
    serde_json::from_str(&file(program, "/host.json")).unwrap()
}

fn functions(program: &Program) -> Value {
    serde_json::from_str(&file(program, "/_fnc/functions.json")).unwrap()
}

fn apps(program: &Program) -> Vec<String> {
    let paths = program.built().into_keys();
    let mut names: Vec<String> = paths
        .filter_map(|it| it.strip_suffix("/host.json").map(str::to_owned))
        .collect();
    names.sort();
    names
}

fn setting(program: &Program, name: &str) -> Value {
    let site = site(program);
    let settings = site["properties"]["siteConfig"]["appSettings"]
        .as_array()
        .unwrap();
    let found = settings.iter().find(|it| it["name"] == name);
    found.map_or(Value::Null, |it| it["value"].clone())
}

#[test]
fn memory_is_the_next_size() {
    for (memory, size, codes) in [
        ("512MB", 512, vec![]),
        ("256MB", 512, vec!["FN0930"]),
        ("513MB", 2048, vec!["FN0930"]),
        ("2GB", 2048, vec![]),
        ("4GB", 4096, vec![]),
    ] {
        let program = server(&format!("memory {memory}"));
        assert_eq!(scale(&program)["instanceMemoryMB"], size, "{memory}");
        assert_eq!(program.codes(), codes, "{memory}");
    }
    assert_eq!(server("memory 8GB").codes(), ["FN0801"]);
    assert_eq!(scale(&server(""))["instanceMemoryMB"], 512);
}

#[test]
fn timeout_is_the_host_s() {
    assert_eq!(host(&worker("timeout 90s"))["functionTimeout"], "00:01:30");
    assert_eq!(host(&worker(""))["functionTimeout"], "00:00:30");
    let short = worker("timeout 1500ms");
    assert_eq!(host(&short)["functionTimeout"], "00:00:02");
    assert_eq!(functions(&short)["work"]["timeout_ms"], 1500);
    assert_eq!(functions(&short)["work"]["host_timeout_ms"], 2000);
    assert_eq!(server("timeout 231s").codes(), ["FN0801"]);
    assert!(server("timeout 230s").codes().is_empty());
    let renewal = &host(&worker("timeout 10m"))["extensions"]["serviceBus"];
    assert_eq!(renewal["maxAutoLockRenewalDuration"], "00:11:00");
}

#[test]
fn routes_stand_as_they_are_written() {
    let route = |path: &str| {
        let program = program(&format!(
            "function serve {{ handler \"src/serve.py:handle\"; on http ANY \"{path}\" {{ auth none }} }}"
        ));
        assert_eq!(host(&program)["extensions"]["http"]["routePrefix"], "");
        let text = file(&program, "/function_app.py");
        let (_, after) = text.split_once("@app.route(route=").unwrap();
        after.split_once(", methods=").unwrap().0.to_owned()
    };
    assert_eq!(route("/orders/{id}"), "\"orders/{id}\"");
    assert_eq!(route("/files/{rest+}"), "\"files/{*rest}\"");
    assert_eq!(route("/"), "\"{root:maxlength(0)?}\"");
}

#[test]
fn any_method_is_all_of_them() {
    let program = program(
        "function serve { handler \"src/serve.mjs:handle\"; on http ANY \"/\" { auth none } }",
    );
    let text = file(&program, "/function_app.mjs");
    assert!(
        text.contains(r#"methods: ["GET","HEAD","POST","PUT","PATCH","DELETE","OPTIONS"]"#),
        "{text}"
    );
    assert_eq!(setting(&program, "AzureWebJobsDisableHomepage"), "true");
}

#[test]
fn queue_settings() {
    let program = program(
        "queue dead { fifo; keep 14d }\n\
         queue orders { fifo; retry 3 then dead; keep 36h; hidden 2m }\n\
         function work { handler \"src/work.py:handle\"; on queue orders }\n",
    );
    let queues = program.resources("Microsoft.ServiceBus/namespaces/queues");
    let orders = queues
        .iter()
        .find(|it| it["name"].as_str().unwrap().contains("/orders"))
        .unwrap();
    assert_eq!(
        orders["properties"],
        json!({
            "lockDuration": "PT2M",
            "maxDeliveryCount": 4,
            "requiresSession": true,
            "deadLetteringOnMessageExpiration": false,
            "forwardDeadLetteredMessagesTo": "dead",
            "defaultMessageTimeToLive": "PT36H",
        })
    );
    assert!(orders["dependsOn"].to_string().contains("'dead'"));
    assert!(file(&program, "/function_app.py").contains("is_sessions_enabled=True"));
    let dead = queues
        .iter()
        .find(|it| it["name"].as_str().unwrap().contains("/dead"))
        .unwrap();
    assert_eq!(dead["properties"]["maxDeliveryCount"], 2000);
}

#[test]
fn what_the_sender_keeps() {
    let program = program(
        "queue dead { keep 14d }\n\
         queue orders { retry 3 then dead; delay 30s; max_size 1KB }\n\
         function work { handler \"src/work.py:handle\"; on queue orders }\n\
         function take { handler \"src/take.py:handle\"; timeout 5s; on http POST \"/\" { auth none }; can send orders }\n",
    );
    let codes = program.codes();
    assert_eq!(
        codes.iter().filter(|it| **it == "FN0939").count(),
        2,
        "{codes:?}"
    );
    let built = program.built();
    let config = &built["python313-5s/_fnc/functions.json"];
    let config: Value = serde_json::from_str(config).unwrap();
    let options = json!({ "orders": { "delay_ms": 30_000, "max_size": 1024 } });
    assert_eq!(config["take"]["resources"], options);
    assert_eq!(config["take"]["can"], json!({ "send": ["orders"] }));
}

#[test]
fn a_lock_is_five_minutes_at_most() {
    let program = program(
        "queue dead { keep 14d }\n\
         queue orders { retry 3 then dead; hidden 10m }\n\
         function work { handler \"src/work.py:handle\"; on queue orders }\n",
    );
    assert!(program.codes().contains(&"FN0940"));
    let queues = program.resources("Microsoft.ServiceBus/namespaces/queues");
    assert!(
        queues
            .iter()
            .any(|it| it["properties"]["lockDuration"] == "PT5M")
    );
}

#[test]
fn each_function_on_a_topic_has_a_subscription() {
    let program = program(
        "queue failed { keep 14d; fifo }\ntopic placed { fifo }\n\
         function mail { handler \"src/mail.py:handle\"; on topic placed; retry 1 then failed }\n\
         function count { handler \"src/mail.py:handle\"; on topic placed; retry 4 }\n",
    );
    let subscriptions = program.resources("Microsoft.ServiceBus/namespaces/topics/subscriptions");
    let [mail, count] = subscriptions.as_slice() else {
        panic!("{subscriptions:?}");
    };
    assert_eq!(
        mail["name"],
        "[format('{0}/placed/mail', variables('serviceBus'))]"
    );
    assert_eq!(mail["properties"]["maxDeliveryCount"], 2);
    assert_eq!(mail["properties"]["requiresSession"], true);
    assert_eq!(
        mail["properties"]["forwardDeadLetteredMessagesTo"],
        "failed"
    );
    assert_eq!(count["properties"]["maxDeliveryCount"], 5);
    assert!(
        count["properties"]
            .get("forwardDeadLetteredMessagesTo")
            .is_none()
    );
    let topic = only(program.resources("Microsoft.ServiceBus/namespaces/topics"));
    assert_eq!(topic["properties"]["supportOrdering"], true);
    assert!(program.codes().contains(&"FN0937"));
}

#[test]
fn schedules() {
    let timers = |trigger: &str| {
        let program = program(&format!(
            "queue failed {{ keep 14d }}\n\
             function tick {{ handler \"src/tick.py:handle\"; on {trigger}; retry 4 then failed }}"
        ));
        let text = file(&program, "/function_app.py");
        let schedules = text.split("schedule=\"").skip(1);
        let schedules: Vec<String> = schedules
            .map(|it| it.split('"').next().unwrap().to_owned())
            .collect();
        (
            schedules,
            functions(&program)["tick"]["triggers"].clone(),
            text,
        )
    };
    let (schedules, triggers, text) = timers("schedule \"0 3 * * *\"");
    assert_eq!(schedules, ["0 0 3 * * *"]);
    assert_eq!(triggers[0]["park"], "failed");
    assert_eq!(triggers[0]["retry"], 4);
    assert!(text.contains("max_retry_count=\"4\""), "{text}");
    assert_eq!(timers("every 5m").0, ["0 */5 * * * *"]);
    assert_eq!(timers("every 6h").0, ["0 0 */6 * * *"]);
    assert_eq!(
        timers("schedule \"0 3 * * *\" in \"Asia/Tokyo\"").0,
        ["0 0 18 * * *"]
    );
    let (schedules, triggers, _) = timers("schedule \"0 4 13 * FRI\"");
    assert_eq!(schedules, ["0 0 4 13 * *", "0 0 4 * * 5"]);
    assert_eq!(triggers[1]["skip_days"], json!([13]));
}

#[test]
fn the_shim_needs_the_library_and_the_right_to_park_ticks() {
    let program = program(
        "queue failed { keep 14d }\n\
         function tick { handler \"src/tick.py:handle\"; on every 1h; retry 1 then failed }",
    );
    assert!(file(&program, "/requirements.txt").contains("azure-servicebus=="));
    assert_eq!(setting(&program, "FNC_QUEUE_FAILED"), "failed");
    let roles = program.resources("Microsoft.Authorization/roleAssignments");
    let sender = roles.iter().find(|it| {
        it.to_string()
            .contains("69a216fc-b8fb-44d8-bc22-1f3c2cd27a39")
    });
    assert!(
        sender.unwrap()["scope"]
            .as_str()
            .unwrap()
            .contains("'failed'")
    );
}

#[test]
fn libraries_only_where_something_is_sent() {
    assert!(!file(&worker(""), "/requirements.txt").contains("servicebus"));
    let sends = worker("can send failed_orders");
    assert!(file(&sends, "/requirements.txt").contains("azure-identity=="));
}

#[test]
fn scaling() {
    let bounded = server("scale 2..60 { concurrency 8 }");
    assert_eq!(
        scale(&bounded),
        json!({
            "instanceMemoryMB": 512,
            "maximumInstanceCount": 60,
            "alwaysReady": [{ "name": "http", "instanceCount": 2 }],
            "triggers": { "http": { "perInstanceConcurrency": 8 } },
        })
    );
    assert_eq!(bounded.codes(), ["FN0934", "FN0942"]);
    assert_eq!(scale(&server(""))["maximumInstanceCount"], 100);
    assert_eq!(
        scale(&server(""))["triggers"]["http"]["perInstanceConcurrency"],
        1
    );
    let queue = worker("scale 3..50 { concurrency 4 }");
    let ready = json!([{ "name": "function:work", "instanceCount": 3 }]);
    assert_eq!(scale(&queue)["alwaysReady"], ready);
    assert!(scale(&queue).get("triggers").is_none());
    let settings = &host(&queue)["extensions"]["serviceBus"];
    assert_eq!(settings["maxConcurrentCalls"], 4);
    assert_eq!(settings["maxConcurrentSessions"], 4);
    assert_eq!(
        server("scale 0.. { target 70%; idle 1m }").codes(),
        ["FN0933", "FN0933"]
    );
    assert_eq!(server("scale 0..1001").codes(), ["FN0801", "FN0942"]);
    assert_eq!(worker("scale 0..39").codes(), ["FN0946", "FN0935"]);
}

#[test]
fn triggers_share_the_maximum() {
    let program = |max: u32| {
        program(&format!(
            "{QUEUES}function work {{\n  handler \"src/work.py:handle\"\n  on queue orders\n  \
             on http POST \"/work\" {{ auth none }}\n  scale 0..{max}\n}}"
        ))
    };
    assert_eq!(scale(&program(101))["maximumInstanceCount"], 50);
    assert!(program(101).codes().contains(&"FN0943"));
    assert!(program(1).codes().contains(&"FN0830"));
    let text = file(&program(100), "/function_app.py");
    assert!(
        text.contains("@app.function_name(\"work\")")
            && text.contains("@app.function_name(\"work-1\")")
    );
}

#[test]
fn queue_concurrency_bounds_calls_in_flight() {
    let program = |setting: &str, scale: &str| {
        program(&format!(
            "{QUEUES}function work {{ handler \"src/work.py:handle\"; on queue orders {{ concurrency {setting} }}; scale {scale} }}"
        ))
    };
    assert_eq!(scale(&program("5", "0.."))["maximumInstanceCount"], 5);
    let narrowed = program("3", "0..40 { concurrency 8 }");
    assert_eq!(scale(&narrowed)["maximumInstanceCount"], 1);
    assert_eq!(
        host(&narrowed)["extensions"]["serviceBus"]["maxConcurrentCalls"],
        3
    );
    assert!(narrowed.codes().contains(&"FN0945"));
}

#[test]
fn a_function_without_triggers_is_called_with_a_key() {
    let program = program("function report { handler \"src/report.py:handle\"; timeout 5m }");
    let text = file(&program, "/function_app.py");
    assert!(
        text.contains(
            "route=\"_fnc/invoke/report\", methods=[\"POST\"], auth_level=func.AuthLevel.FUNCTION"
        ),
        "{text}"
    );
    assert_eq!(program.codes(), ["FN0944"]);
}

#[test]
fn functions_that_agree_share_an_app() {
    let function = |name: &str, settings: &str| {
        format!("function {name} {{ handler \"src/{name}.py:handle\"; on every 1h; {settings} }}\n")
    };
    let text = [
        function("a", ""),
        function("b", "timeout 1m"),
        function("c", "memory 300MB"),
        function("d", "memory 2GB"),
        function("e", "scale 0..3"),
    ];
    assert_eq!(
        apps(&program(&text.concat())),
        [
            "python313-1m",
            "python313-30s",
            "python313-30s-2048mb",
            "python313-30s-max3"
        ]
    );
}

#[test]
fn variables_that_disagree_split_an_app() {
    let function = |name: &str, level: &str| {
        format!(
            "function {name} {{ handler \"src/{name}.py:handle\"; on every 1h; env {{ {level} }} }}\n"
        )
    };
    let text = [
        function("a", "LEVEL = 1"),
        function("b", "LEVEL = 2"),
        function("c", "OTHER = 3"),
        function("d", "LEVEL = 2"),
    ];
    let program = program(&text.concat());
    assert_eq!(apps(&program), ["python313-30s", "python313-30s-env-b"]);
    let config = &program.built()["python313-30s-env-b/_fnc/functions.json"];
    let config: Value = serde_json::from_str(config).unwrap();
    assert_eq!(
        config.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["b", "d"]
    );
}

#[test]
fn secrets_are_references() {
    let program = program(
        "secret payment_key\nfunction bill {\n  handler \"src/bill.py:handle\"\n  on http POST \"/bill\" { auth none }\n  \
         env { KEY = secret.payment_key }\n}",
    );
    assert_eq!(
        setting(&program, "KEY"),
        "[format('@Microsoft.KeyVault(VaultName={0};SecretName=shop-payment-key)', parameters('keyVaultName'))]"
    );
    let site = site(&program);
    assert!(site["properties"]["keyVaultReferenceIdentity"].is_string());
    let local: Value = serde_json::from_str(&file(&program, "/local.settings.json")).unwrap();
    assert_eq!(local["Values"]["KEY"], "");
    assert!(program.json("azuredeploy.json")["parameters"]["keyVaultName"].is_object());
}

#[test]
fn variables_can_t_break_out() {
    let program = server("env { A = \"[parameters('x')]\"; B = \"it's \\\"x\\\"\" }");
    assert_eq!(setting(&program, "A"), "[[parameters('x')]");
    assert_eq!(setting(&program, "B"), "it's \"x\"");
}

#[test]
fn attributes_known_when_deployed() {
    let program = worker(
        "env {\n QUEUE = queue.orders.name\n URL = \"${queue.orders.url}?x\"\n HERE = function.work.name\n}",
    );
    assert_eq!(setting(&program, "QUEUE"), "orders");
    assert_eq!(
        setting(&program, "URL"),
        "[concat(format('https://{0}.servicebus.windows.net/orders', variables('serviceBus')), '?x')]"
    );
    assert_eq!(
        setting(&program, "HERE"),
        "[variables('python313-30s').site]"
    );
    assert!(
        worker("env { A = queue.orders.arn }")
            .codes()
            .contains(&"FN0941")
    );
}

#[test]
fn names_that_azure_keeps() {
    let path = program(
        "function serve { handler \"src/serve.py:handle\"; on http GET \"/Admin/x\" { auth none } }",
    );
    assert_eq!(path.codes(), ["FN0831"]);
    let host = program("function host { handler \"src/host.py:handle\"; on every 1h }");
    assert!(file(&host, "/function_app.py").contains("@app.function_name(\"host-0\")"));
}

#[test]
fn documentation_can_t_become_code() {
    let text = "/// first\u{2028}import os\u{b}x\nfunction serve { handler \"src/serve.mjs:handle\"; on every 1h }";
    let text = file(&program(text), "/function_app.mjs");
    assert!(text.contains("// first import os x\n"), "{text}");
}

#[test]
fn rights_are_on_exactly_the_resources() {
    let program = worker("can send failed_orders");
    let roles = program.resources("Microsoft.Authorization/roleAssignments");
    let scopes: Vec<&str> = roles
        .iter()
        .map(|it| it["scope"].as_str().unwrap())
        .collect();
    assert_eq!(
        scopes,
        [
            "[resourceId('Microsoft.Storage/storageAccounts', variables('python313-30s').storage)]",
            "[resourceId('Microsoft.Insights/components', variables('insights'))]",
            "[resourceId('Microsoft.ServiceBus/namespaces/queues', variables('serviceBus'), 'orders')]",
            "[resourceId('Microsoft.ServiceBus/namespaces/queues', variables('serviceBus'), 'failed-orders')]",
        ]
    );
}

#[test]
fn functions_of_one_app_share_an_identity() {
    let program = program(&format!(
        "{QUEUES}function work {{ handler \"src/work.py:handle\"; on queue orders }}\n\
         function take {{ handler \"src/take.py:handle\"; on http POST \"/\" {{ auth none }}; can send orders }}\n"
    ));
    assert!(program.codes().contains(&"FN0936"));
}

#[test]
fn long_names_fit() {
    let name = "a".repeat(40);
    let text = format!(
        "app {name} {{ targets azure }}\nstage {}\nfunction {name} {{ handler \"src/f.py:handle\"; on http GET \"/\" {{ auth none }}; scale 0..5 }}",
        "s".repeat(40)
    );
    let program = Program::text(&text);
    let template = program.json("azuredeploy.json");
    let variables = template["variables"].as_object().unwrap();
    let (_, app) = variables.iter().next_back().unwrap();
    let site = app["site"].as_str().unwrap();
    let stem = site
        .strip_prefix("[format('")
        .unwrap()
        .split_once("-{0}")
        .unwrap()
        .0;
    assert!(stem.len() <= 46, "{stem}");
}

/// Returns the two programs of a page: a bad one and a good one.
fn page(code: Code) -> [Program; 2] {
    let blocks = code.page().split("```fn\n").skip(1);
    let programs = blocks.map(|it| Program::text(it.split("```").next().unwrap()));
    let programs: Vec<Program> = programs.collect();
    programs.try_into().ok().unwrap()
}

#[test]
fn pages_are_true() {
    let own = |it: &&Code| {
        let name = it.name();
        ("FN0830".."FN0860").contains(&name) || ("FN0930".."FN0950").contains(&name)
    };
    for code in Code::ALL.iter().filter(own) {
        let [bad, good] = page(*code);
        assert!(
            bad.codes().contains(&code.name()),
            "{}: {:?}",
            code.name(),
            bad.codes()
        );
        let (_, found) = bad.build();
        let others = found
            .iter()
            .filter(|it| it.code != *code && it.severity() != Severity::Note);
        assert_eq!(others.count(), 0, "{}", bad.shown(&found));
        let (made, found) = good.build();
        assert!(
            !good.codes().contains(&code.name()),
            "{}",
            good.shown(&found)
        );
        assert!(made.is_some(), "{}", good.shown(&found));
    }
}

#[test]
fn the_build_is_the_same_twice() {
    let build = || Program::example("shop", Some("prod")).built();
    assert_eq!(build(), build());
}
