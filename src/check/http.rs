//! Who may call http routes, and pages of which sites: `auth` and `cors`, on a route and for the whole app.

use std::collections::BTreeMap;

use super::Checker;
use super::arguments::bare_word;
use super::settings::Settings;
use super::words::Context;
use crate::diagnostic::{Code, Diagnostic, closest};
use crate::model::{
    Auth, Cors, Domain, Jwt, Method, Name, Origin, Setting, Target, Thing, host_problem,
    issuer_problem, origin_problem,
};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, Argument, DeclarationKind, StatementKind};

const AUTH: &str =
    "auth none | jwt { issuer \"…\"; audience \"…\" } | key SECRET | custom FUNCTION";

/// What `app NAME { http { … } }` says for every route.
#[derive(Debug, Clone, Default)]
pub(super) struct HttpDefaults {
    auth: Option<Setting<Auth>>,
    cors: Option<Setting<Cors>>,
    /// The host name that routes answer under.
    pub(super) domain: Option<Domain>,
}

impl Checker<'_> {
    /// Reads the `http` block of the app, which routes fall back on.
    pub(super) fn http_defaults(&mut self, files: &[ast::File]) {
        let declarations = files.iter().flat_map(|it| &it.declarations);
        let app = declarations.filter_map(|it| match &it.kind {
            DeclarationKind::App(app) => app.block.as_ref(),
            DeclarationKind::Import(_)
            | DeclarationKind::Stages(_)
            | DeclarationKind::Param(_)
            | DeclarationKind::Secret(_)
            | DeclarationKind::Constant(_)
            | DeclarationKind::Defaults(_)
            | DeclarationKind::Resource(_)
            | DeclarationKind::Function(_)
            | DeclarationKind::Output(_)
            | DeclarationKind::Settings(_)
            | DeclarationKind::Test(_) => None,
        });
        let mut statements = app.flat_map(|it| &it.statements);
        let http = statements.find_map(|it| match &it.kind {
            StatementKind::Setting(setting) if setting.word.value == "http" => Some(setting),
            StatementKind::Setting(_)
            | StatementKind::Entry(_)
            | StatementKind::Trigger(_)
            | StatementKind::Broken => None,
        });
        let Some(http) = http else { return };
        if !http.arguments.is_empty() || http.block.is_none() {
            self.wrong_form(http, "http { auth …; cors { … }; domain \"…\" }");
            return;
        }
        let settings = self.settings(http.block.as_ref(), Context::AppHttp);
        self.http = HttpDefaults {
            auth: settings.get("auth").map(|it| inherited(self.auth(it))),
            cors: settings
                .get("cors")
                .and_then(|it| self.cors(it))
                .map(inherited),
            domain: settings.get("domain").and_then(|it| self.domain(it)),
        };
    }

    /// Returns who may call a route: its own word, the app's, or anybody.
    pub(super) fn route_auth(&mut self, settings: &Settings<'_>) -> Setting<Auth> {
        match settings.get("auth") {
            Some(setting) => self.auth(setting),
            None => self
                .http
                .auth
                .clone()
                .unwrap_or(Setting::language(Auth::None)),
        }
    }

    /// Returns who may connect: the app's word is for routes alone.
    pub(super) fn connect_auth(&mut self, settings: &Settings<'_>) -> Setting<Auth> {
        let auth = settings.get("auth").map(|it| self.auth(it));
        auth.unwrap_or(Setting::language(Auth::None))
    }

    /// Returns pages of which sites may call a route: its own word, or the app's.
    pub(super) fn route_cors(&mut self, settings: &Settings<'_>) -> Option<Setting<Cors>> {
        match settings.get("cors") {
            Some(setting) => self.cors(setting),
            None => self.http.cors.clone(),
        }
    }

    /// Reads `auth …`; what is wrong with it still counts as said.
    fn auth(&mut self, setting: &ast::Setting) -> Setting<Auth> {
        let auth = self.auth_kind(setting).unwrap_or(Auth::None);
        let last = setting
            .arguments
            .last()
            .map_or(setting.word.span, |it| it.span);
        Setting::written(auth, setting.word.span.to(last))
    }

    fn auth_kind(&mut self, setting: &ast::Setting) -> Option<Auth> {
        let words: Option<Vec<Name>> = setting.arguments.iter().map(bare_word).collect();
        let commas = setting.arguments.iter().any(|it| it.after_comma);
        let words = words.filter(|_| !commas).unwrap_or_default();
        let Some((way, rest)) = words.split_first() else {
            self.wrong_form(setting, AUTH);
            return None;
        };
        let known = [("none", ()), ("jwt", ()), ("key", ()), ("custom", ())];
        self.one_of(way, "way to authenticate", &known)?;
        match (way.as_str(), rest, &setting.block) {
            ("none", [], None) => Some(Auth::None),
            ("jwt", [], Some(block)) => self.jwt(way, block).map(Auth::Jwt),
            ("key", [secret], None) => {
                let known = self.secret_named(secret);
                known.then(|| Auth::Key(secret.clone()))
            }
            ("custom", [function], None) => {
                let known = self.refers(function, Thing::Function);
                known.then(|| Auth::Custom(function.clone()))
            }
            ("none", ..) => self.wrong_auth(setting, "auth none"),
            ("jwt", ..) => self.wrong_auth(setting, "auth jwt { issuer \"…\"; audience \"…\" }"),
            ("key", ..) => self.wrong_auth(setting, "auth key SECRET"),
            _ => self.wrong_auth(setting, "auth custom FUNCTION"),
        }
    }

    fn wrong_auth(&mut self, setting: &ast::Setting, form: &str) -> Option<Auth> {
        self.wrong_form(setting, form);
        None
    }

    fn jwt(&mut self, way: &Name, block: &ast::Block) -> Option<Jwt> {
        let settings = self.settings(Some(block), Context::Jwt);
        let issuer = settings.get("issuer").map(|it| self.text_setting(it));
        let audience = settings.get("audience").map(|it| self.text_list(it));
        for (word, missing) in [
            ("issuer", issuer.is_none()),
            ("audience", audience.is_none()),
        ] {
            if missing {
                self.report(
                    Diagnostic::new(Code::FN0208, format!("`auth jwt` has no `{word}`"))
                        .label(way.span, "whose tokens, and for whom?")
                        .help("write `auth jwt { issuer \"https://…\"; audience \"…\" }`"),
                );
            }
        }
        let issuer = issuer??;
        if let Some(problem) = issuer_problem(&issuer.value) {
            let message = format!("`{}` is not an issuer", issuer.value);
            self.report(
                Diagnostic::new(Code::FN0742, message)
                    .label(issuer.span, problem)
                    .help("write it as the tokens' `iss` has it: \"https://id.example.com/\""),
            );
            return None;
        }
        Some(Jwt {
            issuer,
            audience: audience?,
        })
    }

    /// Reads `cors { … }`.
    fn cors(&mut self, setting: &ast::Setting) -> Option<Setting<Cors>> {
        if !setting.arguments.is_empty() || setting.block.is_none() {
            self.wrong_form(setting, "cors { origins \"https://…\" }");
            return None;
        }
        let settings = self.settings(setting.block.as_ref(), Context::Cors);
        let Some(origins) = settings.get("origins") else {
            self.report(
                Diagnostic::new(Code::FN0208, "`cors` has no `origins`")
                    .label(setting.word.span, "pages of which sites may call?")
                    .help("name them: `cors { origins \"https://www.example.com\" }`"),
            );
            return None;
        };
        let origins = self.text_list(origins);
        for origin in &origins {
            self.origin(origin);
        }
        let headers = settings.get("headers").map(|it| self.text_list(it));
        let headers = headers.unwrap_or_default();
        for header in &headers {
            self.header(header);
        }
        let methods = settings.get("methods").map(|it| self.methods(it));
        let credentials = settings.get("credentials").map(|it| self.flag(it));
        let max_age = settings
            .get("max_age")
            .and_then(|it| self.positive_duration(it));
        let cors = Cors {
            origins,
            methods: methods.unwrap_or_default(),
            headers,
            credentials: credentials.is_some(),
            max_age: max_age.map(|it| it.value),
        };
        if let Some(span) = credentials.and_then(|it| it.span()) {
            self.wildcard_with_credentials(&cors, span);
        }
        Some(Setting::written(cors, setting.word.span))
    }

    fn origin(&mut self, origin: &Name) {
        let Some((problem, better)) = origin_problem(&origin.value) else {
            return;
        };
        let message = format!("`{}` is not an origin", origin.value);
        let help = better.map_or_else(
            || {
                "an origin is scheme, host and port: \"https://www.example.com\"; \"*\" is any"
                    .to_owned()
            },
            |it| format!("write \"{it}\""),
        );
        self.report(
            Diagnostic::new(Code::FN0744, message)
                .label(origin.span, problem)
                .help(help),
        );
    }

    fn header(&mut self, header: &Name) {
        let token = |it: char| it.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(it);
        if !header.value.is_empty() && header.value.chars().all(token) {
            return;
        }
        let message = format!("`{}` is not a header's name", header.value);
        self.report(
            Diagnostic::new(Code::FN0745, message)
                .label(header.span, "no such header can be sent")
                .help("write one name a string: `headers \"content-type\", \"x-request-id\"`"),
        );
    }

    fn methods(&mut self, setting: &ast::Setting) -> Vec<Spanned<String>> {
        let mut methods = Vec::new();
        for argument in self.list(setting, "methods GET, POST") {
            let word = bare_word(argument);
            let method = word.as_ref().and_then(|it| Method::parse(it.as_str()));
            if let Some(method) = method.filter(|it| *it != Method::Any) {
                methods.push(Spanned::new(method.word().to_owned(), argument.span));
                continue;
            }
            let words = Method::ALL.map(Method::word);
            let words: Vec<_> = words.into_iter().filter(|it| *it != "ANY").collect();
            let near = word
                .as_ref()
                .and_then(|it| closest(it.as_str(), words.iter().copied()));
            let shown = word.map_or("this".to_owned(), |it| format!("`{}`", it.value));
            self.report(
                Diagnostic::new(Code::FN0403, format!("{shown} is not an http method"))
                    .label(argument.span, "unknown method")
                    .help(match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!(
                            "methods are {}; none named: those of the routes",
                            words.join(", ")
                        ),
                    }),
            );
        }
        methods
    }

    fn wildcard_with_credentials(&mut self, cors: &Cors, credentials: Span) {
        let (what, any) = match (any(&cors.origins), any(&cors.headers)) {
            (Some(span), _) => ("origins", span),
            (None, Some(span)) => ("headers", span),
            (None, None) => return,
        };
        self.report(
            Diagnostic::new(
                Code::FN0740,
                format!("credentials can't be sent where any {what} are allowed"),
            )
            .label(any, "any")
            .label(credentials, "credentials are asked for here")
            .help(format!("name the {what}; browsers refuse the two together")),
        );
    }

    /// Reads `domain "…" { aws { certificate = "…" } }`.
    fn domain(&mut self, setting: &ast::Setting) -> Option<Domain> {
        let form = "domain \"shop.example.com\" { aws { certificate = \"…\" } }";
        let [argument] = setting.arguments.as_slice() else {
            self.wrong_form(setting, form);
            return None;
        };
        let name = self.text(&argument.value, "`domain`")?;
        if let Some(problem) = host_problem(&name.value) {
            let message = format!("`{}` is not a host name", name.value);
            self.report(
                Diagnostic::new(Code::FN0746, message)
                    .label(name.span, problem)
                    .help("write the name alone, without scheme and path: \"shop.example.com\""),
            );
            return None;
        }
        let settings = self.settings(setting.block.as_ref(), Context::Domain);
        let mut addresses = BTreeMap::new();
        for target in Target::ALL {
            let Some(setting) = settings.get(target.word()) else {
                continue;
            };
            let context = match target {
                Target::Aws => Context::DomainAws,
                Target::Azure => Context::DomainAzure,
                Target::Knative => Context::DomainKnative,
            };
            let mut values = BTreeMap::new();
            for entry in self.entries(setting) {
                let key = entry.key.as_str();
                let text = self.text(&entry.value, &format!("`{key}`"));
                if context.words().iter().any(|it| it.name == key) {
                    values.extend(text.map(|it| (key.to_owned(), it)));
                } else {
                    self.unknown_word(&entry.key, context);
                }
            }
            addresses.insert(target, values);
        }
        Some(Domain { name, addresses })
    }

    /// Returns the texts of a setting that takes one or more: `origins "…", "…"`.
    fn text_list(&mut self, setting: &ast::Setting) -> Vec<Name> {
        let word = setting.word.as_str();
        let mut texts: Vec<Name> = Vec::new();
        for argument in self.list(setting, &format!("{word} \"…\", \"…\"")) {
            let Some(text) = self.text(&argument.value, &format!("`{word}`")) else {
                continue;
            };
            match texts.iter().find(|it| it.value == text.value) {
                Some(first) => self.given_twice(&text, first.span),
                None => texts.push(text),
            }
        }
        texts
    }

    /// Returns the arguments of a setting that takes one or more, commas between them.
    fn list<'s>(&mut self, setting: &'s ast::Setting, form: &str) -> &'s [Argument] {
        let commas = setting
            .arguments
            .iter()
            .enumerate()
            .all(|(at, it)| it.after_comma == (at > 0) && it.range.is_none());
        if setting.arguments.is_empty() || setting.block.is_some() || !commas {
            self.wrong_form(setting, form);
            return &[];
        }
        &setting.arguments
    }
}

/// Returns where any value is allowed.
fn any(list: &[Name]) -> Option<Span> {
    list.iter().find(|it| it.value == "*").map(|it| it.span)
}

fn inherited<T>(setting: Setting<T>) -> Setting<T> {
    let origin = match setting.origin {
        Origin::Written(span) => Origin::Defaults(span),
        Origin::Defaults(_) | Origin::Language => setting.origin,
    };
    Setting { origin, ..setting }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::finds;

    /// Asserts what is found in the block of a route, in an app with a secret and a function without triggers.
    #[track_caller]
    fn route(block: &str, expected: &[&str]) {
        let text = format!(
            r#"
secret token
function gate {{ named "gate"; handler "src/gate.py:handle"; env {{ TOKEN = secret.token }} }}
function a {{ handler "src/a.py:handle"; on http GET "/a" {{ {block} }} }}"#
        );
        finds(&text, expected);
    }

    #[test]
    fn each_way_has_its_form() {
        route("auth none", &[]);
        route("auth key token", &[]);
        route("auth custom gate", &[]);
        route(
            r#"auth jwt { issuer "https://id.example.com"; audience "a", "b" }"#,
            &[],
        );
        route("auth nobody", &["FN0222 at `nobody`"]);
        route("auth none token", &["FN0217 at `none token`"]);
        route("auth key", &["FN0217 at `key`"]);
        route("auth custom gate, gate", &["FN0217 at `custom gate, gate`"]);
        route("auth jwt", &["FN0217 at `jwt`"]);
    }

    #[test]
    fn names_are_known() {
        route("auth key tokn", &["FN0202 at `tokn`"]);
        route("auth custom gat", &["FN0202 at `gat`"]);
        route("auth custom token", &["FN0202 at `token`"]);
    }

    #[test]
    fn tokens_have_an_issuer_and_an_audience() {
        route(
            r#"auth jwt { issuer "https://id.example.com" }"#,
            &["FN0208 at `jwt`"],
        );
        route(r#"auth jwt { audience "a" }"#, &["FN0208 at `jwt`"]);
        route(
            r#"auth jwt { issuer "id.example.com"; audience "a" }"#,
            &["FN0742 at `\"id.example.com\"`"],
        );
        route(
            r#"auth jwt { isuer "https://id.example.com"; audience "a" }"#,
            &["FN0208 at `jwt`", "FN0203 at `isuer`"],
        );
    }

    #[test]
    fn cors_names_what_browsers_send() {
        let cors = |settings: &str, expected: &[&str]| {
            route(&format!("auth none; cors {{ {settings} }}"), expected);
        };
        cors(
            r#"origins "https://a.example", "http://localhost:5173"; methods GET, POST; headers "content-type"; credentials; max_age 10m"#,
            &[],
        );
        cors("methods GET", &["FN0208 at `cors`"]);
        cors(r#"origins "*"; methods GTE"#, &["FN0403 at `GTE`"]);
        cors(r#"origins "*"; methods ANY"#, &["FN0403 at `ANY`"]);
        cors(r#"origins "*"; headers "a b""#, &["FN0745 at `\"a b\"`"]);
        cors(r#"origins "a.example""#, &["FN0744 at `\"a.example\"`"]);
        cors(r#"origins "*"; credentials"#, &["FN0740 at `\"*\"`"]);
        cors(
            r#"origins "https://a.example"; headers "*"; credentials"#,
            &["FN0740 at `\"*\"`"],
        );
        cors(
            r#"origins "https://a.example", "https://a.example""#,
            &["FN0207 at `\"https://a.example\"`"],
        );
        cors(r#"origins "*"; max_age 5"#, &["FN0205 at `5`"]);
    }

    #[test]
    fn the_app_speaks_for_routes_that_are_silent() {
        let program = |http: &str, route: &str| {
            format!(
                r#"
app shop {{ http {{ {http} }} }}
secret token
function a {{ handler "src/a.py:handle"; env {{ TOKEN = secret.token }}; on http GET "/a" {route} }}"#
            )
        };
        finds(&program("auth none", ""), &[]);
        finds(&program("auth key token", ""), &[]);
        finds(&program("auth key tokn", ""), &["FN0202 at `tokn`"]);
        finds(
            &program(r#"cors { origins "*" }"#, ""),
            &["FN0701 at `GET \"/a\"`"],
        );
        finds(
            &program(r#"auth key token; cors { origins "*" }"#, ""),
            &["FN0741 at `\"*\"`"],
        );
        finds(
            &program(r#"auth key token; cors { origins "*" }"#, "{ auth none }"),
            &["FN0540 at `auth`"],
        );
        finds(
            &program(
                r#"auth none; domain "shop.example.com" { aws { certificate = "arn"; zone = "Z" } }"#,
                "",
            ),
            &[],
        );
        finds(
            &program(
                r#"auth none; domain "shop.example.com" { aws { certificat = "arn" } }"#,
                "",
            ),
            &["FN0203 at `certificat`"],
        );
        finds(
            &program(r#"auth none; domain "localhost""#, ""),
            &["FN0746 at `\"localhost\"`"],
        );
    }

    #[test]
    fn a_secret_that_only_a_route_uses_is_used() {
        finds(
            r#"
secret token
function a { handler "src/a.py:handle"; on http GET "/a" { auth key token } }"#,
            &[],
        );
    }

    #[test]
    fn websockets_have_three_events() {
        let chat = |on: &str, expected: &[&str]| {
            finds(
                &format!(
                    r#"function a {{ handler "src/a.py:handle"; on websocket {on}; can reply }}"#
                ),
                expected,
            );
        };
        chat("connect", &[]);
        chat("connect { auth none }", &[]);
        chat("disconnect", &[]);
        chat("message", &[]);
        chat(r#"message "say""#, &[]);
        chat("mesage", &["FN0222 at `mesage`"]);
        chat("message say", &["FN0202 at `say`"]);
        chat(r#"message "say it""#, &["FN0442 at `\"say it\"`"]);
        chat(
            r#"connect "say""#,
            &["FN0217 at `websocket connect \"say\"`"],
        );
        chat("message { auth none }", &["FN0203 at `auth`"]);
    }

    #[test]
    fn reply_names_nothing() {
        finds(
            r#"function a { handler "src/a.py:handle"; on websocket message; can reply a }"#,
            &["FN0217 at `reply a`"],
        );
        finds(
            r#"function a { handler "src/a.py:handle"; on websocket message; can reply; can reply }"#,
            &["FN0207 at `reply`"],
        );
    }
}
