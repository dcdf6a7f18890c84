//! What every resource of a template has.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value, json};

use super::cfn::Cfn;
use super::hatch::{Tagged, merge_into};
use super::image::Metadata;
use crate::model::{App, Function};
use crate::target::block::block;
use crate::target::encode::comment;

/// A resource: its id, the comment above it, its type and its properties.
#[derive(Debug, Serialize)]
pub(super) struct Resource<P> {
    pub(super) id: String,
    pub(super) comment: Vec<String>,
    #[serde(rename = "Type")]
    pub(super) kind: &'static str,
    #[serde(rename = "Metadata", skip_serializing_if = "Option::is_none")]
    pub(super) metadata: Option<Metadata>,
    #[serde(rename = "DependsOn", skip_serializing_if = "Vec::is_empty")]
    pub(super) depends_on: Vec<String>,
    #[serde(rename = "DeletionPolicy", skip_serializing_if = "Option::is_none")]
    pub(super) deletion_policy: Option<&'static str>,
    #[serde(
        rename = "UpdateReplacePolicy",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) update_replace_policy: Option<&'static str>,
    #[serde(rename = "Properties")]
    pub(super) properties: P,
    /// What is merged into all of it.
    #[serde(skip)]
    pub(super) hatches: Vec<Value>,
}

impl<P> Resource<P> {
    pub(super) fn new(kind: &'static str, id: String, properties: P) -> Self {
        Resource {
            id,
            comment: Vec::new(),
            kind,
            metadata: None,
            depends_on: Vec::new(),
            deletion_policy: None,
            update_replace_policy: None,
            properties,
            hatches: Vec::new(),
        }
    }

    /// Merges what the program says in AWS's own words into it, when it is written.
    pub(super) fn hatched(mut self, hatches: Vec<Value>) -> Self {
        self.hatches.extend(hatches);
        self
    }

    /// Lets its data stay when it leaves the template; only a deployment that fails takes back what it has just made.
    pub(super) fn kept(mut self) -> Self {
        self.deletion_policy = Some("RetainExceptOnCreate");
        self.update_replace_policy = Some("Retain");
        self
    }

    /// Tells `sam build` what to do with its code.
    pub(super) fn built(mut self, how: Option<Metadata>) -> Self {
        self.metadata = how;
        self
    }

    /// Puts a documentation comment above it.
    pub(super) fn comment(mut self, doc: Option<&str>) -> Self {
        self.comment = doc.map(lines).unwrap_or_default();
        self
    }
}

impl<P: Serialize> Resource<P> {
    /// Writes its text in the template.
    pub(super) fn write(&self, made: &mut String) {
        for line in &self.comment {
            made.push_str("  # ");
            made.push_str(&comment(line));
            made.push('\n');
        }
        let body = Body {
            kind: self.kind,
            metadata: self.metadata.as_ref(),
            depends_on: &self.depends_on,
            deletion_policy: self.deletion_policy,
            update_replace_policy: self.update_replace_policy,
            properties: &self.properties,
        };
        for part in ["  ", &self.id, ":\n"] {
            made.push_str(part);
        }
        if self.hatches.is_empty() {
            block(&body, 4, made);
        } else {
            let mut merged = json!(body);
            for hatch in &self.hatches {
                merge_into(&mut merged, hatch);
            }
            block(&Tagged(&merged), 4, made);
        }
        made.push_str("\n\n");
    }
}

/// What stands under the id.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<'a, P> {
    #[serde(rename = "Type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a Metadata>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    depends_on: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_policy: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_replace_policy: Option<&'static str>,
    properties: &'a P,
}

/// Returns the lines of a documentation comment.
pub(super) fn lines(doc: &str) -> Vec<String> {
    doc.lines().map(str::to_owned).collect()
}

/// What a description ends with that has been cut.
pub(super) const CUT: &str = "…";

/// Returns a documentation comment as a description of at most `limit` characters.
pub(super) fn description(doc: Option<&str>, limit: usize) -> Option<String> {
    let text = doc?.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= limit {
        return (!text.is_empty()).then_some(text);
    }
    let kept: String = text.chars().take(limit - 1).collect();
    Some(kept + CUT)
}

// "AWS CloudFormation User Guide", "Template Description": bytes. An API's may have as many characters.
pub(super) const APP_DESCRIPTION_LENGTH: usize = 1024;

/// Returns what the app says about itself, as far as a template has room for it.
pub(super) fn app_description(app: &App) -> Option<String> {
    let Some(written) = &app.about.description else {
        return description(app.doc.as_deref(), APP_DESCRIPTION_LENGTH / 4);
    };
    let text = written.as_str();
    if text.len() <= APP_DESCRIPTION_LENGTH {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    let most = APP_DESCRIPTION_LENGTH - CUT.len();
    let fits = |(at, letter): &(usize, char)| at + letter.len_utf8() <= most;
    let kept: String = text
        .char_indices()
        .take_while(fits)
        .map(|(_, it)| it)
        .collect();
    Some(kept + CUT)
}

/// A tag, in the list form that most resources take.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    key: String,
    value: String,
}

/// Returns the tags of every resource, as a map.
pub(super) fn tag_map(app: &App) -> IndexMap<String, String> {
    let mut tags = IndexMap::from([("fnc:app".to_owned(), app.name.value.clone())]);
    if let Some(stage) = &app.stage {
        tags.insert("fnc:stage".to_owned(), stage.clone());
    }
    let own = app.about.tags.iter();
    tags.extend(own.map(|(key, value)| (key.clone(), value.value.clone())));
    tags
}

/// Returns the tags of a function and of what belongs to it, as a map: the app's, and its own.
pub(super) fn function_tag_map(app: &App, function: &Function) -> IndexMap<String, String> {
    let mut tags = tag_map(app);
    let own = function.tags.iter();
    tags.extend(own.map(|(key, value)| (key.clone(), value.value.clone())));
    tags
}

/// Returns the tags of every resource, as a list.
pub(super) fn tags(app: &App) -> Vec<Tag> {
    list(tag_map(app))
}

/// Returns the tags of what belongs to a function, as a list.
pub(super) fn function_tags(app: &App, function: &Function) -> Vec<Tag> {
    list(function_tag_map(app, function))
}

fn list(tags: IndexMap<String, String>) -> Vec<Tag> {
    let tag = |(key, value)| Tag { key, value };
    tags.into_iter().map(tag).collect()
}

/// A policy document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Policy {
    version: &'static str,
    pub(super) statement: Vec<Statement>,
}

impl Policy {
    pub(super) const VERSION: &str = "2012-10-17";

    pub(super) fn new(statement: Vec<Statement>) -> Policy {
        Policy {
            version: Policy::VERSION,
            statement,
        }
    }
}

/// What a policy allows.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Statement {
    pub(super) sid: &'static str,
    effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) principal: Option<Principal>,
    pub(super) action: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) resource: Vec<Cfn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) condition: Option<Condition>,
}

impl Statement {
    /// Returns a statement that allows `action` on `resource`.
    pub(super) fn allow(sid: &'static str, action: &[&'static str], resource: Vec<Cfn>) -> Self {
        Statement {
            sid,
            effect: "Allow",
            principal: None,
            action: action.to_vec(),
            resource,
            condition: None,
        }
    }

    /// Returns a statement that lets SNS put messages of `topics` on a queue.
    pub(super) fn from_topics(queue: Cfn, topics: Vec<Cfn>) -> Self {
        Statement::from_service("TakeMessages", "sns.amazonaws.com", queue, topics)
    }

    /// Returns a statement that lets EventBridge put events on a queue that it can't deliver by `rules`.
    pub(super) fn from_rules(queue: Cfn, rules: Vec<Cfn>) -> Self {
        Statement::from_service("TakeEvents", "events.amazonaws.com", queue, rules)
    }

    fn from_service(
        sid: &'static str,
        service: &'static str,
        queue: Cfn,
        sources: Vec<Cfn>,
    ) -> Self {
        let mut made = Statement::allow(sid, &["sqs:SendMessage"], vec![queue]);
        made.principal = Some(Principal::service(service));
        made.condition = Some(Condition {
            arn_equals: SourceArn { source: sources },
        });
        made
    }

    /// Returns a statement that allows something to anybody.
    pub(super) fn to_anybody(
        sid: &'static str,
        action: &[&'static str],
        resource: Vec<Cfn>,
    ) -> Self {
        let mut made = Statement::allow(sid, action, resource);
        made.principal = Some(Principal {
            service: None,
            account: Some("*"),
        });
        made
    }
}

/// Whom a policy allows something.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Principal {
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'static str>,
    #[serde(rename = "AWS", skip_serializing_if = "Option::is_none")]
    account: Option<&'static str>,
}

impl Principal {
    /// Returns a service of AWS.
    pub(super) fn service(service: &'static str) -> Self {
        Principal {
            service: Some(service),
            account: None,
        }
    }
}

/// What else must hold.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Condition {
    arn_equals: SourceArn,
}

#[derive(Debug, Serialize)]
struct SourceArn {
    #[serde(rename = "aws:SourceArn")]
    source: Vec<Cfn>,
}
