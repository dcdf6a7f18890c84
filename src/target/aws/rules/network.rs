//! FN0872 and FN0972: ids of a private network that AWS doesn't know, and what is out of reach from inside it.

use super::super::network::ids;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, EnvValue, Function, Name, Vpc};

// "AWS Lambda API Reference", VpcConfig.
const SUBNETS: usize = 16;
const GROUPS: usize = 5;

/// Compares the ids of every network with what AWS gives, and says which functions have to find a way out.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    for vpc in app.vpcs.values() {
        list(vpc, "subnets", "subnet-", SUBNETS, found);
        list(vpc, "security_groups", "sg-", GROUPS, found);
    }
    for function in app.functions.values() {
        if let Some(vpc) = &function.vpc
            && let Some((name, what)) = calls(function)
        {
            let message = format!(
                "`{}` reaches {what} only if its network has a way to AWS",
                function.name.value
            );
            found.push(
                Diagnostic::new(Code::FN0972, message)
                    .label(vpc.span, "nothing leaves a private network by itself")
                    .label(name.span, "a call of AWS")
                    .help("give the subnets a NAT gateway, or endpoints of the services"),
            );
        }
    }
}

/// Returns the first thing for which a function calls AWS.
fn calls(function: &Function) -> Option<(&Name, String)> {
    let secrets = function.env.iter().find_map(|it| match &it.value {
        EnvValue::Secret(name) => Some((name, format!("the secret `{}`", name.value))),
        EnvValue::Text(_) => None,
    });
    let granted = function.can.first().map(|it| &it.resource);
    let granted = granted.map(|it| (it, format!("`{}`", it.value)));
    secrets.or(granted)
}

fn list(vpc: &Vpc, word: &str, prefix: &str, most: usize, found: &mut Diagnostics) {
    for id in ids(vpc, word) {
        let text = id.as_str();
        let digits = text.strip_prefix(prefix).unwrap_or_default();
        let hex = |it: char| it.is_ascii_digit() || ('a'..='f').contains(&it);
        // "Amazon EC2 User Guide", "Resource IDs": 8 digits in old ones, 17 in those of today.
        if matches!(digits.len(), 8 | 17) && digits.chars().all(hex) {
            continue;
        }
        let message = format!(
            "`{}` is no id such as `{prefix}0a1b2c3d4e5f67890`",
            text.escape_debug()
        );
        found.push(
            Diagnostic::new(Code::FN0872, message)
                .label(
                    id.span,
                    format!("`{prefix}` and 8 or 17 hexadecimal digits"),
                )
                .help("copy the id from the network's page in the console; names don't do"),
        );
    }
    if let Some(more) = ids(vpc, word).nth(most) {
        let message = format!("a function takes no {} `{word}`", ids(vpc, word).count());
        found.push(
            Diagnostic::new(Code::FN0872, message)
                .label(more.span, format!("{most} at most"))
                .help("leave out those that nothing needs"),
        );
    }
}
