//! Changes of tables: who tells of them, and how soon.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Function, Grant, StreamTrigger, Thing, TriggerKind, Verb, duration_text};

pub(super) fn function(app: &App, function: &Function, found: &mut Diagnostics) {
    for trigger in &function.triggers {
        if let TriggerKind::Table(it) = &trigger.kind {
            told(app, it, found);
            asked(it, found);
        }
    }
}

fn told(app: &App, it: &StreamTrigger, found: &mut Diagnostics) {
    let name = it.source.as_str();
    let writes =
        |it: &Grant| it.verb == Verb::Write && it.of == Thing::Table && it.resource.value == name;
    if !app.functions.values().any(|it| it.can.iter().any(writes)) {
        let message = format!("on Azure nobody tells of changes of `{name}`");
        found.push(
            Diagnostic::new(Code::FN0994, message)
                .label(it.source.span, "no function of the program may write it")
                .help("let a function of this program put the rows: `can write`; what others write into the container isn't told"),
        );
        return;
    }
    let message = format!("on Azure changes of `{name}` are told by the functions that make them");
    let mut finding = Diagnostic::new(Code::FN0992, message).label(
        it.source.span,
        "what other systems write into the container isn't told",
    );
    let table = app.tables.get(name);
    if let Some(ttl) = table.and_then(|it| it.ttl.as_ref()) {
        finding = finding.label(ttl.span, "rows that expire aren't told as deleted");
    }
    found.push(finding.help(
        "`put` and `delete` write each change beside the row, in one transaction; each costs a read and a second write",
    ));
}

fn asked(it: &StreamTrigger, found: &mut Diagnostics) {
    let Some(span) = it.within.span().filter(|_| !it.within.value.is_zero()) else {
        return;
    };
    let within = duration_text(it.within.value);
    let message =
        format!("on Azure changes are asked for every {within}, not gathered for so long");
    found.push(
        Diagnostic::new(Code::FN0993, message)
            .label(
                span,
                "a call gets what there is when Azure asks, full batch or not",
            )
            .help("nothing waits longer than that, but there may be more calls"),
    );
}
