//! The private network that a function runs in.

use serde::Serialize;

use crate::model::{App, Function, Name, Target, Vpc};

/// `VpcConfig` of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VpcConfig {
    subnet_ids: Vec<String>,
    security_group_ids: Vec<String>,
}

/// Returns the network of a function that runs in one.
pub(super) fn vpc_config(app: &App, function: &Function) -> Option<VpcConfig> {
    let vpc = app.vpcs.get(function.vpc.as_ref()?.as_str())?;
    let texts = |word: &str| ids(vpc, word).map(|it| it.value.clone()).collect();
    Some(VpcConfig {
        subnet_ids: texts("subnets"),
        security_group_ids: texts("security_groups"),
    })
}

/// Returns what a network's block says under a word.
pub(super) fn ids<'a>(vpc: &'a Vpc, word: &str) -> impl Iterator<Item = &'a Name> {
    let address = vpc.addresses.get(&Target::Aws);
    address.and_then(|it| it.get(word)).into_iter().flatten()
}
