//! FN0828: what an HTTP API has once for all its routes.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Cors, Setting, Target};
use crate::target::aws::api::routes;

/// Reports routes whose `cors` differs from another's, and a domain without its certificate.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let texts = |cors: &Cors| {
        let list = |it: &[crate::source::Spanned<String>]| -> Vec<String> {
            it.iter().map(|it| it.value.clone()).collect()
        };
        (
            list(&cors.origins),
            list(&cors.methods),
            list(&cors.headers),
            cors.credentials,
            cors.max_age,
        )
    };
    let said: Vec<Option<&Setting<Cors>>> = routes(app).map(|it| it.cors.as_ref()).collect();
    let Some(first) = said.iter().flatten().next().copied() else {
        return domain(app, found);
    };
    for (route, cors) in routes(app).zip(said) {
        if cors.is_some_and(|it| texts(&it.value) == texts(&first.value)) {
            continue;
        }
        let at = cors.and_then(Setting::span).unwrap_or(route.route.span);
        let mut finding =
            Diagnostic::new(Code::FN0828, "AWS has one `cors` for all routes of an API").label(
                at,
                if cors.is_some() {
                    "another one here"
                } else {
                    "none here"
                },
            );
        if let Some(span) = first.span() {
            finding = finding.label(span, "one is given here");
        }
        found.push(finding.help("say it once for the app: `app NAME { http { cors { … } } }`"));
    }
    domain(app, found);
}

fn domain(app: &App, found: &mut Diagnostics) {
    let Some(domain) = &app.about.domain else {
        return;
    };
    let address = domain.addresses.get(&Target::Aws);
    if address.is_some_and(|it| it.contains_key("certificate")) {
        return;
    }
    found.push(
        Diagnostic::new(
            Code::FN0829,
            format!("`{}` has no certificate on AWS", domain.name.value),
        )
        .label(
            domain.name.span,
            "API Gateway serves a host name with a certificate only",
        )
        .help("name it: `domain \"…\" { aws { certificate = \"arn:aws:acm:…\" } }`"),
    );
}
