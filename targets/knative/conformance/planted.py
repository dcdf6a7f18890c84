"""Faults planted in copies of `good/`: each must be caught by the gate that it is meant for."""

import shutil
import tempfile
from pathlib import Path

GOOD = Path(__file__).resolve().parent / "good"

# Gate, file, text, and what takes its place.
FAULTS = [
    ("yaml", "50-triggers.yaml", 'backoffPolicy: "exponential"', "backoffPolicy: no"),
    ("yaml", "50-triggers.yaml", "retry: 5", "retry: 010"),
    ("yaml", "60-sources.yaml", 'fncschedule: "bill-1"', "fncschedule: 2026-01-01"),
    ("yaml", "10-config.yaml", 'namespace: "shop-prod"', "namespace: y"),
    ("kustomize", "kustomization.yaml", '  - "60-sources.yaml"\n', '  - "61-sources.yaml"\n'),
    ("kustomize", "kustomization.yaml", '  - "60-sources.yaml"\n', ""),
    ("kustomize", "kustomization.yaml", "newTag", "newVersion"),
    ("kustomize", "20-accounts.yaml", '"shop-prod-bill"', '"shop-prod-checkout"'),
    ("kustomize", "40-services.yaml", 'image: "shop/python3.13"', 'image: "shop/python3.14"'),
    ("schema", "40-services.yaml", "containerConcurrency: 10", 'containerConcurrency: "10"'),
    ("schema", "40-services.yaml", "containerConcurrency: 10", "concurrency: 10"),
    ("schema", "40-services.yaml", 'memory: "256Mi"', 'memory: "256MB"'),
    ("schema", "40-services.yaml", 'min-scale: "1"', "min-scale: 1"),
    ("schema", "40-services.yaml", 'name: "shop-prod-checkout"', 'name: "Checkout_Fn"'),
    ("schema", "40-services.yaml", '                  key: "stripe_key"\n', ""),
    ("schema", "50-triggers.yaml", "retry: 5", "retries: 5"),
    ("schema", "20-accounts.yaml", "automountServiceAccountToken: false", 'automountServiceAccountToken: "no"'),
    ("schema", "60-sources.yaml", "PingSource", "CronJobSource"),
    ("admission", "40-services.yaml", 'max-scale: "50"', 'max-scale: "0.5"'),
    ("admission", "40-services.yaml", 'min-scale: "1"', 'min-scale: "51"'),
    ("admission", "40-services.yaml", "min-scale", "min-scales"),
    ("admission", "40-services.yaml", "containerConcurrency: 10", "containerConcurrency: 1001"),
    ("admission", "40-services.yaml", "timeoutSeconds: 30", "timeoutSeconds: 900"),
    ("admission", "40-services.yaml", 'retention-period: "5m0s"', 'retention-period: "2h"'),
    ("admission", "40-services.yaml", 'name: "STRIPE_KEY"', 'name: "PORT"'),
    ("admission", "40-services.yaml", 'cpu: "1000m"', 'cpu: "100m"'),
    ("admission", "40-services.yaml", "containerPort: 8080", "containerPort: 8012"),
    ("admission", "40-services.yaml", '- "ALL"', '- "ALL"\n              add: ["NET_ADMIN"]'),
    ("admission", "40-services.yaml", 'networking.knative.dev/visibility: "cluster-local"',
     'fnc/x: "y"\n  annotations:\n    autoscaling.knative.dev/min-scale: "1"'),
    ("admission", "30-eventing.yaml", "eventing.knative.dev/broker.class", "eventing.knative.dev/broker-class"),
    ("admission", "30-eventing.yaml", 'name: "shop-prod-kafka-4d"', 'name: ""'),
    ("admission", "30-eventing.yaml", 'name: "shop-prod-steps"', f'name: "shop-prod-{"s" * 43}"'),
    ("admission", "30-eventing.yaml", "numPartitions: 10", "numPartitions: 0"),
    ("admission", "30-eventing.yaml", "PT96H", "96h"),
    ("admission", "50-triggers.yaml", 'backoffPolicy: "exponential"', 'backoffPolicy: "fibonacci"'),
    ("admission", "50-triggers.yaml", 'backoffDelay: "PT0.5S"', 'backoffDelay: "500ms"'),
    ("admission", "50-triggers.yaml", "fncschedule", "fnc_schedule"),
    ("admission", "50-triggers.yaml", '      kind: "Service"\n', ""),
    ("admission", "60-sources.yaml", "0 3 * * *", "0 25 * * *"),
    ("admission", "60-sources.yaml", "0 3 * * *", "0 3 * * 7"),
    ("admission", "60-sources.yaml", "0 3 * * *", "@every 5m"),
    ("admission", "60-sources.yaml", "Europe/Berlin", "Europe/Berln"),
    ("admission", "60-sources.yaml", 'data: "{}"', 'data: "[]"'),
    ("reference", "50-triggers.yaml", 'broker: "shop-prod-orders"', 'broker: "shop-prod-order"'),
    ("reference", "50-triggers.yaml", 'name: "shop-prod-failed-orders"', 'name: "shop-prod-failed"'),
    ("reference", "50-triggers.yaml", "/_fnc/queue/orders", "/_fnc/queue/order"),
    ("reference", "50-triggers.yaml", 'fncschedule: "bill-1"', 'fncschedule: "bill-2"'),
    ("reference", "40-services.yaml", "$(FNC_NAMESPACE)/shop-prod-orders", "$(FNC_NAMESPACE)/shop-prod-order"),
    ("reference", "40-services.yaml", "http://shop-prod-steps-kn-channel", "http://shop-prod-steps"),
    ("reference", "40-services.yaml", 'serviceAccountName: "shop-prod-bill"', 'serviceAccountName: "shop-prod-bil"'),
    ("reference", "40-services.yaml", 'key: "namespace"', 'key: "name"'),
    ("reference", "70-routes.yaml", '\\"to\\":\\"shop-prod-checkout\\"', '\\"to\\":\\"shop-prod-chekout\\"'),
    ("reference", "70-routes.yaml", '\\"method\\":\\"POST\\"', '\\"method\\":\\"GET\\"'),
    ("schema", "80-domain.yaml", "secretName", "secret"),
    ("schema", "80-domain.yaml", "port: 80", 'port: "80"'),
    ("schema", "cluster/needs.yaml", '  namespace: "shop-prod"\n', '  namespaces: "shop-prod"\n'),
    ("admission", "80-domain.yaml", "shop.example.com", "shop.svc.cluster.local"),
    ("admission", "80-domain.yaml", "shop.example.com", "shop"),
    ("admission", "40-services.yaml", "timeoutSeconds: 30", 'timeoutSeconds: 30\n      nodeSelector: {zone: "a"}'),
    ("reference", "80-domain.yaml", "shop.example.com", "shop.example.org"),
    ("reference", "80-domain.yaml", 'name: "shop-prod-router"', 'name: "shop-prod-routes"'),
    ("reference", "80-domain.yaml", ".shop-prod.svc", ".shop.svc"),
    ("reference", "cluster/needs.yaml", '  namespace: "shop-prod"', '  namespace: "shop-dev"'),
    ("reference", "cluster/needs.yaml", 'name: "kourier-internal"', 'name: "kourier"'),
    ("schema", "65-streams.yaml", "consumers: 2", 'consumers: "2"'),
    ("schema", "65-streams.yaml", "numPartitions: 4", "partitions: 4"),
    ("admission", "65-streams.yaml", "numPartitions: 4", "numPartitions: 0"),
    ("admission", "65-streams.yaml", "  replicationFactor: 3\n", ""),
    ("admission", "65-streams.yaml", '"earliest"', '"oldest"'),
    ("admission", "65-streams.yaml", '  consumerGroup: "shop-prod-bill-clicks"\n', ""),
    ("reference", "65-streams.yaml", '    - "shop-prod-clicks"', '    - "shop-prod-click"'),
    ("reference", "65-streams.yaml", "/_fnc/queue/orders", "/_fnc/stream/clicks"),
    ("reference", "10-config.yaml", 'namespace: "shop-prod"', 'namespace: "shop-dev"'),
]


def run(check, with_schemas):
    """Returns what went uncaught, and a summary."""
    found, count = check(GOOD)
    problems = [f"good/: {gate}: {fault}" for gate, fault in found]
    if not count:
        problems.append("good/: no object was checked")
    tried = {}
    for gate, file, text, instead in FAULTS:
        if gate == "schema" and not with_schemas:
            continue
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "build"
            shutil.copytree(GOOD, copy)
            before = (copy / file).read_text(encoding="utf-8")
            if text not in before:
                problems.append(f"{file} holds no `{text}` to spoil")
                continue
            (copy / file).write_text(before.replace(text, instead, 1), encoding="utf-8")
            gates = {it for it, _ in check(copy)[0]}
        tried[gate] = tried.get(gate, 0) + 1
        if gate not in gates:
            problems.append(f"{gate} let pass: {file}: `{text}` as `{instead}` (caught by: {sorted(gates)})")
    counts = ", ".join(f"{gate} {count}" for gate, count in tried.items())
    return problems, f"{sum(tried.values())} planted faults, each caught by its check: {counts}"
