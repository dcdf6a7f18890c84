//! A program in, a template out.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Aws;
use super::code::Code;
use super::names::Names;
use super::template::{Template, template};
use crate::check::{Choices, HandlerFiles, check};
use crate::diagnostic::has_errors;
use crate::model::{App, Target};
use crate::source::{Source, SourceId};
use crate::syntax::parse;
use crate::target::{Backend, Package};

mod lowering;

/// Every file there is, with every symbol.
struct AnyHandlers;

impl HandlerFiles for AnyHandlers {
    fn read(&self, path: &str) -> Option<String> {
        let text = match path.rsplit_once('.') {
            Some((_, "py")) => "def handle(event, context):\n    return None\n",
            _ => "export async function handle(event, context) {\n  return null;\n}\n",
        };
        Some(text.to_owned())
    }

    fn list(&self, _folder: &str) -> Vec<String> {
        vec!["Dockerfile".to_owned()]
    }

    fn has_folder(&self, _folder: &str) -> bool {
        true
    }
}

fn app(text: &str) -> App {
    let parsed = parse(&Source::new(SourceId::default(), "app.fn", text));
    let checked = check(&[parsed.file], &Choices::default(), &AnyHandlers);
    let found = [parsed.diagnostics, checked.diagnostics].concat();
    assert!(!has_errors(&found), "{found:#?}");
    checked.app.unwrap()
}

fn files(text: &str) -> BTreeMap<String, String> {
    files_with(text, &[])
}

/// Builds a program with these files of the user.
fn files_with(text: &str, given: &[(&str, &str)]) -> BTreeMap<String, String> {
    let app = app(text);
    let found = crate::target::check(&app, Target::Aws);
    assert!(!has_errors(&found), "{found:#?}");
    let given = given
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).into()));
    let files = given.collect();
    let build = Aws.build(
        &app,
        &Package {
            files,
            ..Package::default()
        },
    );
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let files = build.artifacts.into_iter();
    files
        .map(|it| (it.path, text(it.contents.into_owned())))
        .collect()
}

/// Returns the template as CloudFormation reads it, short tags in their long form.
fn read(text: &str) -> Value {
    let yaml: serde_yaml_ng::Value = serde_yaml_ng::from_str(text).unwrap();
    long_form(yaml)
}

fn long_form(value: serde_yaml_ng::Value) -> Value {
    use serde_yaml_ng::Value as Yaml;
    match value {
        Yaml::Null => panic!("an empty value"),
        Yaml::Bool(it) => json!(it),
        Yaml::Number(it) => json!(it.as_u64().unwrap()),
        Yaml::String(it) => json!(it),
        Yaml::Sequence(items) => {
            assert!(!items.is_empty(), "an empty list");
            items.into_iter().map(long_form).collect()
        }
        Yaml::Mapping(members) => {
            assert!(!members.is_empty(), "an empty map");
            let name = |it: Yaml| it.as_str().unwrap().to_owned();
            let members = members.into_iter();
            members.map(|(k, v)| (name(k), long_form(v))).collect()
        }
        Yaml::Tagged(it) => {
            let value = it.value.as_str().unwrap();
            match it.tag.to_string().as_str() {
                "!Ref" => json!({ "Ref": value }),
                "!ImportValue" => json!({ "Fn::ImportValue": value }),
                "!Sub" => json!({ "Fn::Sub": value }),
                "!GetAtt" => {
                    let (id, attribute) = value.split_once('.').unwrap();
                    json!({ "Fn::GetAtt": [id, attribute] })
                }
                other => panic!("the tag {other}"),
            }
        }
    }
}

/// Returns the document that a view stands for.
fn document(view: &Template<'_>) -> Value {
    let mut resources = Map::new();
    let mut add = |resource: Value| {
        let Value::Object(mut resource) = resource else {
            panic!("a resource is an object")
        };
        let id = resource.remove("id").unwrap();
        resource.remove("comment");
        let old = resources.insert(id.as_str().unwrap().to_owned(), resource.into());
        assert!(old.is_none(), "{id} stands twice");
    };
    let view = serde_json::to_value(view).unwrap();
    let list = |value: &Value| value.as_array().unwrap().clone();
    if !view["api"].is_null() {
        add(view["api"].clone());
    }
    if !view["socket"].is_null() {
        add(view["socket"]["api"].clone());
        add(view["socket"]["stage"].clone());
        list(&view["socket"]["authorizer"])
            .into_iter()
            .for_each(&mut add);
    }
    for kind in [
        "queues",
        "policies",
        "topics",
        "streams",
        "buckets",
        "bucket_policies",
        "tables",
        "buses",
        "layers",
    ] {
        list(&view[kind]).into_iter().for_each(&mut add);
    }
    for group in list(&view["functions"]) {
        for kind in ["logs", "role", "function"] {
            add(group[kind].clone());
        }
        if !group["listener"].is_null() {
            add(group["listener"]["integration"].clone());
            add(group["listener"]["permission"].clone());
            list(&group["listener"]["routes"])
                .into_iter()
                .for_each(&mut add);
        }
        for inbox in list(&group["inboxes"]) {
            for kind in ["queue", "policy", "subscription"] {
                add(inbox[kind].clone());
            }
        }
    }
    let mut made = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": resources,
    });
    if !view["description"].is_null() {
        made["Description"] = view["description"].clone();
    }
    if !view["globals"].is_null() {
        made["Globals"] = json!({ "Function": view["globals"] });
    }
    made["Outputs"] = view["outputs"].clone();
    made
}

/// Every word and every form of it, and text that other readers of YAML stumble over.
const EVERYTHING: &str = include_str!("../../../snapshots/aws/words/app.fn");

#[test]
fn what_is_printed_reads_back_as_meant() {
    let app = app(EVERYTHING);
    let names = Names::new(&app);
    let code = Code::new(&app, &Package::default());
    let view = template(&app, &names, &code);
    let text = &files(EVERYTHING)["template.yaml"];
    assert!(!text.contains("[object]"), "{text}");
    assert_eq!(read(text), document(&view), "\n{text}");
}

#[test]
fn names_in_templates_exist() {
    let template = read(&files(EVERYTHING)["template.yaml"]);
    let resources = template["Resources"].as_object().unwrap();
    let mut named = Vec::new();
    references(&template, &mut named);
    assert!(named.len() > 40, "{named:?}");
    for name in named {
        // SAM makes an alias of a function that says so.
        let (of, alias) = (name.strip_suffix(".Alias"), "AutoPublishAlias");
        let id = of.unwrap_or(&name);
        assert!(resources.contains_key(id), "no resource {name}");
        let published = of.is_none() || resources[id]["Properties"].get(alias).is_some();
        assert!(published, "no alias {name}");
    }
}

#[test]
fn all_resources_are_counted() {
    // As many as the SAM translator makes of it; conformance/check.py says how many that are.
    assert_eq!(super::rules::resources(&app(EVERYTHING)), 153);
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value) {
                    ("Ref", Value::String(id)) => found.push(id.clone()),
                    ("Fn::GetAtt", Value::Array(path)) => {
                        found.push(path[0].as_str().unwrap().to_owned());
                    }
                    ("DependsOn", Value::Array(ids)) => {
                        found.extend(ids.iter().map(|it| it.as_str().unwrap().to_owned()));
                    }
                    _ => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|it| references(it, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn what_is_not_exact_has_a_code() {
    use crate::diagnostic::Code;
    use crate::target::Status;
    for (word, it) in &Aws.limits().words {
        let known = Code::parse(&it.code).is_some();
        assert!(known || it.code.is_empty(), "{word}: no code {}", it.code);
        assert!(known || it.status == Status::Exact, "{word} says nothing");
    }
}
