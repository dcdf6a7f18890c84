//! Values of a CloudFormation template: plain ones, and the functions that are worked out when it is deployed.

use serde::ser::{Serialize, Serializer};

/// A value of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cfn {
    /// Text as it is.
    Text(String),
    /// `!Ref ID`
    Ref(String),
    /// `!GetAtt ID.ATTRIBUTE`
    Att(String, &'static str),
    /// `!Sub "… ${ID} …"`
    Sub(String),
    /// `!ImportValue EXPORT`
    Import(String),
    /// `Fn::Select` of `Fn::Split`: what stands at a place of a value that is divided by a text.
    Part(Box<Cfn>, &'static str, usize),
    /// `Fn::Join`, with nothing between.
    Join(Vec<Cfn>),
}

impl Cfn {
    /// Returns plain text.
    pub(super) fn text(text: impl Into<String>) -> Cfn {
        Cfn::Text(text.into())
    }

    /// Returns the `Arn` of a resource.
    pub(super) fn arn(id: impl Into<String>) -> Cfn {
        Cfn::Att(id.into(), "Arn")
    }

    /// Returns the part at a place of it, where `divider` divides it.
    pub(super) fn part(self, divider: &'static str, at: usize) -> Cfn {
        Cfn::Part(Box::new(self), divider, at)
    }

    /// Returns values behind each other, in the shortest way to say it.
    pub(super) fn joined(values: Vec<Cfn>) -> Cfn {
        let plain = |value: &Cfn| match value {
            Cfn::Text(text) => Some(text.clone()),
            Cfn::Ref(_)
            | Cfn::Att(..)
            | Cfn::Sub(_)
            | Cfn::Import(_)
            | Cfn::Part(..)
            | Cfn::Join(_) => None,
        };
        let sub = |value: &Cfn| match value {
            Cfn::Text(text) => Some(sub_text(text)),
            Cfn::Ref(id) => Some(format!("${{{id}}}")),
            Cfn::Att(id, name) => Some(format!("${{{id}.{name}}}")),
            Cfn::Sub(text) => Some(text.clone()),
            Cfn::Import(_) | Cfn::Part(..) | Cfn::Join(_) => None,
        };
        if let [only] = values.as_slice() {
            return only.clone();
        }
        if let Some(text) = values.iter().map(plain).collect() {
            return Cfn::Text(text);
        }
        match values.iter().map(sub).collect() {
            Some(text) => Cfn::Sub(text),
            None => Cfn::Join(values),
        }
    }

    /// Returns it with plain text behind it.
    pub(super) fn with(self, text: &str) -> Cfn {
        match self {
            Cfn::Text(it) => Cfn::Text(it + text),
            Cfn::Ref(id) => Cfn::Sub(format!("${{{id}}}{}", sub_text(text))),
            Cfn::Att(id, name) => Cfn::Sub(format!("${{{id}.{name}}}{}", sub_text(text))),
            Cfn::Sub(it) => Cfn::Sub(it + &sub_text(text)),
            Cfn::Import(_) | Cfn::Part(..) => Cfn::Join(vec![self, Cfn::text(text)]),
            Cfn::Join(mut values) => {
                values.push(Cfn::text(text));
                Cfn::Join(values)
            }
        }
    }

    /// Returns the ARN of something in the same account and region, `resource` being the part after them.
    pub(super) fn local_arn(service: &str, resource: &str) -> Cfn {
        let resource = sub_text(resource);
        Cfn::Sub(format!(
            "arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"
        ))
    }
}

/// Returns text as it stands in `!Sub`, where `${` begins a name.
pub(super) fn sub_text(text: &str) -> String {
    text.replace("${", "${!")
}

/// The long form, as CloudFormation reads it in JSON; templates show the short one.
impl Serialize for Cfn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let function = "Cfn";
        match self {
            Cfn::Text(text) => serializer.serialize_str(text),
            Cfn::Ref(id) => serializer.serialize_newtype_variant(function, 1, "Ref", id),
            Cfn::Att(id, attribute) => {
                let path = [id, *attribute];
                serializer.serialize_newtype_variant(function, 2, "Fn::GetAtt", &path)
            }
            Cfn::Sub(text) => serializer.serialize_newtype_variant(function, 3, "Fn::Sub", text),
            Cfn::Import(export) => {
                serializer.serialize_newtype_variant(function, 4, "Fn::ImportValue", export)
            }
            Cfn::Part(value, divider, at) => {
                let split = OneMember("Fn::Split", (divider, value));
                OneMember("Fn::Select", (at, split)).serialize(serializer)
            }
            Cfn::Join(values) => OneMember("Fn::Join", ("", values)).serialize(serializer),
        }
    }
}

/// A function with several arguments, in its long form.
struct OneMember<T>(&'static str, T);

impl<T: Serialize> Serialize for OneMember<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.0, &self.1)])
    }
}
