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

    /// Returns it with plain text behind it; nothing can follow what another stack exports.
    pub(super) fn with(self, text: &str) -> Cfn {
        match self {
            Cfn::Text(it) => Cfn::Text(it + text),
            Cfn::Ref(id) => Cfn::Sub(format!("${{{id}}}{}", sub_text(text))),
            Cfn::Att(id, name) => Cfn::Sub(format!("${{{id}.{name}}}{}", sub_text(text))),
            Cfn::Sub(it) => Cfn::Sub(it + &sub_text(text)),
            Cfn::Import(export) => Cfn::Import(export),
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
        }
    }
}
