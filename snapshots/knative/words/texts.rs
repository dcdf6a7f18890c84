//! Texts and secrets in the environment.

use serde_json::json;

use super::{QUEUES, bill, env, program, service};

#[test]
fn any_text_comes_through_as_it_is() {
    let text = r#"no: "$(HOME) $X $$" # 'on' \n {{x}} é"#;
    let quoted = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace("$(", "\\$(");
    let statements = format!(
        "  on queue orders\n  env {{\n    ANY = \"{quoted}\"\n    Y = true\n    N = 12\n    WHERE = \"to ${{queue.orders.url}}\"\n  }}"
    );
    let function = format!(
        "/// no: \"$(HOME)\" # 'on' {{{{x}}}} é\n{}",
        bill(&statements)
    );
    let program = program(&format!("{QUEUES}{function}"));
    let env = env(&service(&program, "shop-bill"));
    assert_eq!(env["ANY"], text.replace('$', "$$"));
    assert_eq!((&env["Y"], &env["N"]), (&json!("true"), &json!("12")));
    assert_eq!(
        env["WHERE"],
        "to http://kafka-broker-ingress.knative-eventing.svc.cluster.local/$(FNC_NAMESPACE)/shop-orders"
    );
    let annotations = &program.object("Service", "shop-bill")["metadata"]["annotations"];
    assert_eq!(
        annotations["kubernetes.io/description"],
        "no: \"$(HOME)\" # 'on' {{x}} é"
    );
}

#[test]
fn secrets_are_references() {
    let secrets = "secret one\nsecret two { knative { name = \"keys\"; key = \"api-key\" } }\n";
    let program = program(&format!(
        "{secrets}{}",
        bill("  on every 5m\n  env {\n    ONE = secret.one\n    TWO = secret.two\n  }")
    ));
    let env = env(&service(&program, "shop-bill"));
    assert_eq!(
        env["ONE"],
        json!({ "secretKeyRef": { "name": "shop", "key": "one" } })
    );
    assert_eq!(
        env["TWO"],
        json!({ "secretKeyRef": { "name": "keys", "key": "api-key" } })
    );
    let readme = &program.built()["README.md"];
    assert!(
        readme.contains("secret generic keys --namespace shop --from-literal=api-key=VALUE"),
        "{readme}"
    );
}
