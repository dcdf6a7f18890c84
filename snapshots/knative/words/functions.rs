//! Services, their scaling, names and images.

use serde_json::{Value, json};

use super::{QUEUES, bill, program, service};
use crate::knative::Program;
use crate::knative::documents;

#[test]
fn scaling_and_limits_stand_on_the_revision() {
    let statements = "  on http GET \"/\" { auth none }\n  memory 1GB\n  timeout 1500ms\n  scale 2..40 { concurrency 8; target 70%; idle 90s }";
    let program = program(&bill(statements));
    let revision = service(&program, "shop-bill");
    let annotations = json!({
        "autoscaling.knative.dev/min-scale": "2",
        "autoscaling.knative.dev/max-scale": "40",
        "autoscaling.knative.dev/target-utilization-percentage": "70",
        "autoscaling.knative.dev/scale-to-zero-pod-retention-period": "90000ms",
    });
    assert_eq!(revision["metadata"]["annotations"], annotations);
    assert_eq!(
        (
            &revision["spec"]["containerConcurrency"],
            &revision["spec"]["timeoutSeconds"]
        ),
        (&json!(8), &json!(2))
    );
    let resources = &revision["spec"]["containers"][0]["resources"];
    assert_eq!(
        resources["requests"],
        json!({ "cpu": "579m", "memory": "1024Mi" })
    );
    assert_eq!(
        resources["limits"],
        json!({ "cpu": "1000m", "memory": "1024Mi" })
    );
    let router = service(&program, "shop-router");
    assert_eq!(
        router["metadata"]["annotations"],
        json!({ "autoscaling.knative.dev/min-scale": "1" })
    );
    let visibility = |name: &str| {
        program.object("Service", name)["metadata"]["labels"]
            .get("networking.knative.dev/visibility")
            .cloned()
    };
    assert_eq!(visibility("shop-bill"), Some(json!("cluster-local")));
    assert_eq!(
        program.object("Service", "shop-router")["metadata"].get("labels"),
        None
    );
}

#[test]
fn a_queue_s_concurrency_lowers_the_scaling() {
    let with = |scale: &str, limit: u32| {
        let program = program(&format!(
            "{QUEUES}{}",
            bill(&format!(
                "  on queue orders {{ concurrency {limit} }}\n  scale {scale}"
            ))
        ));
        let revision = service(&program, "shop-bill");
        let max = revision["metadata"]["annotations"]["autoscaling.knative.dev/max-scale"].clone();
        (max, revision["spec"]["containerConcurrency"].clone())
    };
    assert_eq!(with("0..50", 5), (json!("5"), json!(1)));
    assert_eq!(with("0..50 { concurrency 4 }", 9), (json!("2"), json!(4)));
    assert_eq!(with("0..50 { concurrency 4 }", 3), (json!("1"), json!(3)));
    assert_eq!(with("0..3", 9), (json!("3"), json!(1)));
}

#[test]
fn long_names_are_cut_and_stay_apart() {
    let (a, b) = ("q".repeat(39) + "a", "q".repeat(39) + "b");
    let app = "s".repeat(40);
    let text = format!(
        "app {app} {{ targets knative }}\nqueue {a} {{ fifo }}\nqueue {b} {{ fifo }}\nfunction {} {{ handler \"f.py:handle\"; on queue {a} }}\n\
         function f_ {{ handler \"f.py:handle\"; on queue {b} }}",
        "f".repeat(40)
    );
    let program = Program::text(&text);
    let names: Vec<(String, String)> = program.objects().into_keys().collect();
    assert_eq!(
        names.iter().filter(|(kind, _)| kind == "Channel").count(),
        2
    );
    for (kind, name) in names {
        let most = if kind == "Channel" { 52 } else { 63 };
        assert!(name.len() <= most && !name.ends_with('-'), "{kind} {name}");
    }
}

#[test]
fn an_image_for_each_runtime_and_each_set_of_packages() {
    let node = "function show {\n  handler \"web/show.mjs:handle\"\n  on http GET \"/show\" { auth none }\n}\n";
    let own = bill("  on every 1h")
        .replace("bill", "train")
        .replace("src/", "model/");
    let mut program = program(&format!("{}{own}{node}", bill("  on every 5m")));
    for path in [
        "src/bill.py",
        "model/train.py",
        "model/requirements.txt",
        "web/show.mjs",
        "package.json",
    ] {
        program
            .package
            .files
            .insert(path.to_owned(), path.as_bytes().to_vec());
    }
    let built = program.built();
    let kustomization: Value = documents(&built["kustomization.yaml"]).remove(0);
    let images = kustomization["images"].as_array().unwrap();
    let names: Vec<&str> = images
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!((names[0], names[2]), ("shop/python3.13", "shop/node22"));
    assert!(names[1].starts_with("shop/python3.13-model-"), "{names:?}");
    let folder = names[1].replace("shop/", "images/");
    assert_eq!(
        built[&format!("{folder}/requirements.txt")],
        "model/requirements.txt"
    );
    assert_eq!(
        built[&format!("{folder}/app/model/train.py")],
        "model/train.py"
    );
    assert!(!built.contains_key(&format!("{folder}/app/src/bill.py")));
    assert!(built[&format!("{folder}/Dockerfile")].contains("COPY requirements.txt /"));
    assert!(built["images/node22/Dockerfile"].contains("npm install --omit=dev"));
    assert!(!built["images/python3.13/Dockerfile"].contains("pip"));
    assert_eq!(
        service(&program, "shop-show")["spec"]["containers"][0]["image"],
        "shop/node22"
    );
    assert_eq!(
        service(&program, "shop-router")["spec"]["containers"][0]["image"],
        "shop/node22"
    );
}
