//! FN0888: a private network that Azure can't be told of.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Target};
use crate::source::Spanned;

/// The segments of a subnet's resource id, and `None` where a name stands.
const FORM: [Option<&str>; 10] = [
    Some("subscriptions"),
    None,
    Some("resourceGroups"),
    None,
    Some("providers"),
    Some("Microsoft.Network"),
    Some("virtualNetworks"),
    None,
    Some("subnets"),
    None,
];

/// Returns the resource id of the subnet that a function's instances are in.
pub(in crate::target::azure) fn subnet<'a>(app: &'a App, vpc: &str) -> Option<&'a Spanned<String>> {
    let address = app.vpcs.get(vpc)?.addresses.get(&Target::Azure)?;
    address.get("subnet")?.first()
}

pub(super) fn check(app: &App, found: &mut Diagnostics) {
    for vpc in app.vpcs.values() {
        let address = vpc.addresses.get(&Target::Azure);
        let Some(given) = address.and_then(|it| it.get("subnet")) else {
            continue;
        };
        let several = given.get(1).map(|it| (it, "an app is in one subnet"));
        let wrong = given.iter().find(|it| !is_subnet(&it.value));
        let wrong = wrong.map(|it| (it, "not the id of a subnet"));
        let Some((it, label)) = several.or(wrong) else {
            continue;
        };
        let message = format!("Azure can't run functions in `{}`", vpc.name.value);
        found.push(Diagnostic::new(Code::FN0888, message).label(it.span, label).help(
            "write `subnet = \"/subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/…/subnets/…\"`",
        ));
    }
}

fn is_subnet(id: &str) -> bool {
    let Some(path) = id.strip_prefix('/') else {
        return false;
    };
    let segments: Vec<_> = path.split('/').collect();
    let fits = |(segment, form): (&&str, Option<&str>)| {
        form.map_or(!segment.is_empty(), |it| segment.eq_ignore_ascii_case(it))
    };
    segments.len() == FORM.len() && segments.iter().zip(FORM).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_subnets() {
        let group = "/subscriptions/1/resourceGroups/net/providers/Microsoft.Network";
        assert!(is_subnet(&format!(
            "{group}/virtualNetworks/main/subnets/apps"
        )));
        assert!(!is_subnet(&format!(
            "{group}/virtualNetworks/main/subnets/"
        )));
        assert!(!is_subnet(&format!("{group}/virtualNetworks/main")));
        assert!(!is_subnet("subnet-1"));
    }
}
