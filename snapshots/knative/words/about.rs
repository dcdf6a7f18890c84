//! What the program says about itself and the cluster.

use serde_json::{Value, json};

use super::{bill, env, program, service};
use crate::knative::Program;

const ROUTE: &str = "  on http POST \"/bill\" { auth none }\n";

#[test]
fn a_filter_reaches_the_shim() {
    let program = program(&format!(
        "topic placed\n{}",
        bill("  on topic placed where data.total > 100")
    ));
    let env = env(&service(&program, "shop-bill"));
    let config: Value = serde_json::from_str(env["FNC_CONFIG"].as_str().unwrap()).unwrap();
    assert_eq!(
        config["triggers"][0]["where"],
        json!({ "member": ["data", "total"], "is": ">", "value": 100 })
    );
}

#[test]
fn tags_are_labels_or_annotations_and_a_function_s_come_first() {
    let program = Program::text(&format!(
        "app shop {{\n  targets knative\n  tags {{ team = \"a\"; owner = \"Ann Other\" }}\n}}\nqueue orders\n{}",
        bill("  on queue orders\n  tags { team = \"b\" }")
    ));
    let bill = program.object("Service", "shop-bill");
    assert_eq!(bill["metadata"]["labels"]["team"], "b");
    assert_eq!(bill["metadata"]["annotations"]["owner"], "Ann Other");
    let pods = &bill["spec"]["template"]["metadata"];
    assert_eq!(pods["labels"]["team"], "b");
    assert_eq!(
        pods["annotations"]["autoscaling.knative.dev/min-scale"],
        "0"
    );
    let orders = program.object("Broker", "shop-orders");
    assert_eq!(orders["metadata"]["labels"], json!({ "team": "a" }));
}

#[test]
fn settings_of_the_cluster_reach_every_manifest() {
    let program = program(&format!(
        "knative {{ registry \"ghcr.io/me\"; kafka \"k:9092\"; domain \"example.com\" }}\nqueue orders\noutput url = \"${{function.bill.url}}/bill\"\n{}",
        bill(&format!(
            "{ROUTE}  on queue orders\n  arch arm64\n  disk 1GB\n  named \"biller\""
        ))
    ));
    let files = program.built();
    let images = &files["kustomization.yaml"];
    assert!(images.contains("newName: \"ghcr.io/me/shop/"), "{images}");
    assert!(files["README.md"].contains("--platform linux/arm64"));
    let settings = program.object("ConfigMap", "shop-kafka-4d");
    assert_eq!(settings["data"]["bootstrap.servers"], "k:9092");
    let outputs = program.object("ConfigMap", "shop-outputs");
    assert_eq!(
        outputs["data"]["url"],
        "http://shop-router.shop.example.com/bill"
    );
    let biller = service(&program, "biller");
    assert_eq!(
        biller["spec"]["nodeSelector"],
        json!({ "kubernetes.io/arch": "arm64" })
    );
    assert_eq!(
        biller["spec"]["volumes"][0]["emptyDir"]["sizeLimit"],
        "1024Mi"
    );
}

#[test]
fn a_host_name_is_mapped_to_the_router_and_claimed() {
    let program = Program::text(&format!(
        "app shop {{\n  targets knative\n  http {{ domain \"shop.example.com\" }}\n}}\n{}",
        bill(ROUTE)
    ));
    let mapping = program.object("DomainMapping", "shop.example.com");
    assert_eq!(mapping["spec"]["ref"]["name"], "shop-router");
    let claim = program.object("ClusterDomainClaim", "shop.example.com");
    assert_eq!(claim["spec"]["namespace"], "shop");
    let held = &program.built()["kustomization.yaml"];
    assert!(
        held.contains("80-domain.yaml") && !held.contains("cluster/"),
        "{held}"
    );
}
