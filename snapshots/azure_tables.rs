//! Azure: what tables, the triggers on them and the rights to them become.

use serde_json::{Value, json};

use crate::azure_program::Program;
use crate::azure_resources::{file, json_file, program};

const CONTAINER: &str = "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers";
const ASSIGNMENT: &str = "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments";

/// Returns what the template says of each container, by name.
fn containers(program: &Program) -> Vec<(String, Value)> {
    let all = program.resources(CONTAINER);
    let one = |it: &Value| {
        let it = &it["properties"]["resource"];
        (it["id"].as_str().unwrap().to_owned(), it.clone())
    };
    all.iter().map(one).collect()
}

/// Returns the last digit of each role that is given, and the container; `m` is the role that shows what there is.
fn given(program: &Program) -> Vec<(char, String)> {
    let all = program.resources(ASSIGNMENT);
    let one = |it: &Value| {
        let text = |name: &str| it["properties"][name].as_str().unwrap().to_owned();
        let role = text("roleDefinitionId");
        let digit = role.strip_suffix("')]").and_then(|it| it.chars().last());
        let role = if role.contains("'metadata'") {
            'm'
        } else {
            digit.unwrap()
        };
        let scope = text("scope");
        let container = scope.split('\'').nth(1).unwrap().to_owned();
        (role, container.rsplit('/').next().unwrap().to_owned())
    };
    all.iter().map(one).collect()
}

#[test]
fn a_table_is_a_container_that_is_indexed_by_its_keys_alone() {
    let program = program(
        "table users { key id string, sort at int; index by_email { key email string, sort at int }; ttl until }\n\
         table counts { key id int }\n\
         function keep {\n\
           handler \"src/keep.py:handle\"\n\
           on every 1h\n\
           can read users, counts\n\
           can write users\n\
         }\n",
    );
    let made = containers(&program);
    let names: Vec<_> = made.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(names, ["users", "counts"]);
    assert_eq!(made[0].1["defaultTtl"], -1);
    assert_eq!(made[1].1.get("defaultTtl"), None);
    let paths = |at: usize| made[at].1["indexingPolicy"]["includedPaths"].clone();
    assert_eq!(
        paths(0),
        json!([{ "path": "/partition/?" }, { "path": "/row/\"at\"/?" }, { "path": "/row/\"email\"/?" }])
    );
    assert_eq!(paths(1), json!([{ "path": "/partition/?" }]));
    // Who may write may read; who may only read has the narrower role.
    assert_eq!(
        given(&program),
        [
            ('m', "databaseAccounts".to_owned()),
            ('1', "counts".to_owned()),
            ('2', "users".to_owned()),
        ]
    );
    let config = json_file(&program, "/_fnc/functions.json");
    assert_eq!(
        config["keep"]["resources"]["users"],
        json!({
            "key": [["id", "string"], ["at", "int"]],
            "indexes": { "by_email": [["email", "string"], ["at", "int"]] },
            "ttl": "until",
            "told": false,
        })
    );
    let packages = file(&program, "/requirements.txt");
    assert!(packages.contains("azure-cosmos=="), "{packages}");
}

#[test]
fn who_changes_a_row_tells_those_that_wait_for_it() {
    let program = program(
        "queue failed { keep 14d }\n\
         table users { key id string; ttl until }\n\
         function register {\n\
           handler \"src/register.py:handle\"\n\
           on http POST \"/users\" { auth none }\n\
           can write users\n\
         }\n\
         function audit {\n\
           handler \"src/audit.py:handle\"\n\
           on table users changed { batch 50 within 10s; from latest; parallel 2; retry 3 then failed }\n\
         }\n",
    );
    assert_eq!(
        program.codes(),
        ["FN0988", "FN0992", "FN0993", "FN0986", "FN0987"]
    );
    let names: Vec<_> = containers(&program).into_iter().map(|it| it.0).collect();
    assert_eq!(names, ["fnc.leases", "users"]);
    let config = json_file(&program, "/_fnc/functions.json");
    let writer = &config["register"]["resources"]["users"];
    assert_eq!(writer["told"], true);
    // The trigger reads the table and writes its leases; another app writes the table. One right is given after another.
    assert_eq!(
        given(&program),
        [
            ('m', "databaseAccounts".to_owned()),
            ('2', "users".to_owned()),
            ('m', "databaseAccounts".to_owned()),
            ('2', "fnc.leases".to_owned()),
            ('1', "users".to_owned()),
        ]
    );
    let all = program.resources(ASSIGNMENT);
    for pair in all.windows(2) {
        let name = pair[0]["name"].as_str().unwrap();
        let guid = name.split_once("guid(").unwrap().1.trim_end_matches(")]");
        let needs = pair[1]["dependsOn"].as_array().unwrap();
        let waits = needs.iter().any(|it| it.as_str().unwrap().contains(guid));
        assert!(waits, "{guid} is not among {needs:?}");
    }
}

#[test]
fn an_app_that_only_hears_of_changes_needs_no_library_for_tables() {
    let program = program(
        "table users { key id string }\n\
         function audit { handler \"src/audit.py:handle\"; on table users changed { retry 0 } }\n",
    );
    assert_eq!(program.codes(), ["FN0994"]);
    let packages = file(&program, "/requirements.txt");
    assert!(!packages.contains("cosmos"), "{packages}");
    let entry = file(&program, "/function_app.py");
    for it in [
        "connection=\"FNC_COSMOS\"",
        "container_name=\"users\"",
        "lease_container_prefix=\"audit.\"",
        "max_items_per_invocation=100",
        "feed_poll_delay=1000",
        "start_from_beginning=True",
    ] {
        assert!(entry.contains(it), "{it} is not in {entry}");
    }
    assert!(!entry.contains("@app.retry"), "{entry}");
}

#[test]
fn the_shim_tries_halves_for_as_long_as_azure_gives_the_batch() {
    let with = |split: &str| {
        program(&format!(
            "table users {{ key id string }}\n\
             function audit {{ handler \"src/audit.py:handle\"; on table users changed {{ batch 50; retry 3; {split} }} }}\n",
        ))
    };
    let entry = file(&with("split_on_error"), "/function_app.py");
    assert!(entry.contains("max_retry_count=\"-1\""), "{entry}");
    let config = json_file(&with("split_on_error"), "/_fnc/functions.json");
    let trigger = &config["audit"]["triggers"][0];
    assert_eq!(trigger["split"], true);
    assert_eq!(trigger["retry"], 3);
    // 16 parts of a table may wait for each other; in each, parts of 1, 2, … 64 records and their halves.
    let seconds = |program: &Program| {
        let config = json_file(program, "/_fnc/functions.json");
        config["audit"]["host_timeout_ms"].as_u64().unwrap() / 1000
    };
    assert_eq!(seconds(&with("")), 30 * 16);
    assert_eq!(seconds(&with("split_on_error")), 30 * 16 * (3 * 6 + 2));
}
