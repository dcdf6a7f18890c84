//! FN0543: a right that the handler visibly never uses.
//!
//! The handler gets its context as an argument, and only through it the verbs. Where all that happens to that argument
//! is in plain sight, and no text in the file holds the name that is granted, nothing uses the right. Anything less plain
//! (the context is handed on, a name is computed, an address stands in `env`, other modules are loaded) is no finding.

use super::handler_symbol::Modules;
use super::plain_imports::loads_nothing;
use super::plain_text::{computed, context, stays};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Contract, EnvPart, EnvValue, Function, Grant, Thing, Verb};

/// Compares what the function may do with what its file says.
pub(super) fn check(function: &Function, modules: &mut Modules, found: &mut Diagnostics) {
    // What a hatch says may give the handler an address, too.
    if function.contract.value != Contract::Portable || !function.hatches.is_empty() {
        return;
    }
    let named = |it: &&Grant| it.verb != Verb::Reply && !in_env(function, it.resource.as_str());
    let mut granted = function.can.iter().filter(named).peekable();
    let file = &function.handler.file;
    let Some(text) = granted.peek().and_then(|_| modules.text(file)) else {
        return;
    };
    let unnamed: Vec<&Grant> = granted
        .filter(|it| !text.contains(it.resource.as_str()))
        .collect();
    let language = function.runtime.value.language();
    let symbol = function.handler.symbol.as_str();
    if unnamed.is_empty() || !loads_nothing(text, language) {
        return;
    }
    let Some(context) = context(text, symbol, language).filter(|it| stays(text, it)) else {
        return;
    };
    for grant in unnamed {
        if methods(grant).iter().any(|it| computed(text, context, it)) {
            continue;
        }
        let (owner, verb) = (&function.name.value, grant.verb.word());
        let name = grant.resource.as_str();
        found.push(
            Diagnostic::new(
                Code::FN0543,
                format!("`{owner}` never uses `can {verb} {name}`"),
            )
            .label(grant.resource.span, format!("`{file}` doesn't name it"))
            .help("remove it: what a function may not do, nobody can make it do"),
        );
    }
}

/// Tells whether a variable holds where the resource is, so that other code than the context's may use it.
fn in_env(function: &Function, name: &str) -> bool {
    function.env.iter().any(|it| match &it.value {
        EnvValue::Text(parts) => parts.iter().any(|it| match it {
            EnvPart::Attribute(it) => it.resource.value == name,
            EnvPart::Plain(_) => false,
        }),
        EnvValue::Secret(_) => false,
    })
}

/// Returns the methods of the context that need a right.
fn methods(grant: &Grant) -> &'static [&'static str] {
    match (grant.verb, grant.of) {
        (Verb::Send, _) => &["send"],
        (Verb::Publish, _) => &["publish"],
        (Verb::Write, Thing::Stream) => &["write"],
        (Verb::Write, _) => &["put", "delete"],
        (Verb::Read, _) => &["get", "list", "query"],
        (Verb::Invoke, _) => &["invoke"],
        (Verb::Reply, _) => &["reply"],
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Files, finds_with};

    const PROGRAM: &str = r#"
queue orders { retry 5 then failed }
queue failed { keep 14d }
function take { handler "src/FILE:handle"; on http GET "/" { auth none }; can send orders ENV }
function work { handler "src/work.py:handle"; on queue orders }"#;

    fn used(file: &'static str, text: &'static str, env: &str, expected: &str) {
        let work = ("src/work.py", "def handle(event, context): ...\n");
        let files = match file {
            "a.py" => Files::new([("src/a.py", text), work]),
            _ => Files::new([("src/a.mjs", text), work]),
        };
        let program = PROGRAM.replace("FILE", file).replace("ENV", env);
        finds_with(&program, &files, expected);
    }

    const FOUND: &str = "FN0543 at `orders`";

    #[test]
    fn what_is_never_named_is_never_used() {
        used(
            "a.py",
            "def handle(event, context):\n    return 1\n",
            "",
            FOUND,
        );
        used(
            "a.py",
            "import json, os\nfrom datetime import datetime\ndef handle(event, context):\n    context.log('x')\n    context.send('letters', 1)\n",
            "",
            FOUND,
        );
        let node = "import { randomUUID } from 'node:crypto';\nexport const handle = async (event, ctx) => { await ctx.send(\"letters\", 1); };\n";
        used("a.mjs", node, "", FOUND);
        used(
            "a.mjs",
            "export function handle(event, context) {}\n",
            "",
            FOUND,
        );
    }

    #[test]
    fn what_is_not_plain_may_use_it() {
        let texts = [
            "def handle(event, context):\n    context.send('orders', 1)\n",
            "ORDERS = 'orders'\ndef handle(event, context):\n    context.send(ORDERS, 1)\n",
            "def handle(event, context):\n    context.send(event['queue'], 1)\n",
            "def handle(event, context):\n    context.send('or' + 'ders', 1)\n",
            "def handle(event, context):\n    context.send(f'{event}', 1)\n",
            "def handle(event, context):\n    send = context.send\n    send(event)\n",
            "def handle(event, context):\n    helper(context)\n",
            "def handle(event, context):\n    getattr(context, 'send')(event)\n",
            "import boto3\ndef handle(event, context):\n    pass\n",
            "from .helper import send\ndef handle(event, context):\n    send(event)\n",
            "def handle(*arguments):\n    pass\n",
            "handle = make()\n",
        ];
        for text in texts {
            used("a.py", text, "", "");
        }
        let texts = [
            "import { send } from './helper.mjs';\nexport function handle(event, context) { send(event); }\n",
            "export function handle(event, { send }) { send(event.queue); }\n",
            "export const handle = (event, context) => context.send(`${event.queue}`, 1);\n",
            "export const handle = (event, context) => helper(context);\n",
            "export async function handle(event, context) { const { send } = context; send(event.queue); }\n",
            "export async function handle(event, context) { (await import(event.x)).f(); }\n",
        ];
        for text in texts {
            used("a.mjs", text, "", "");
        }
    }

    #[test]
    fn an_address_in_env_may_be_used() {
        let text = "import os\ndef handle(event, context):\n    os.environ['QUEUE']\n";
        used("a.py", text, "; env { QUEUE = queue.orders.url }", "");
        used("a.py", text, "; contract lambda", "");
    }
}
