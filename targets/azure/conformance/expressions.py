"""Evaluates the expressions of an ARM template as far as that can be done before a deployment.

Grammar and functions as in the Azure Resource Manager documentation: "Syntax and expressions", "Template functions".
What only a deployment knows, the state of a resource, becomes a `Reference` that knows which resource it asks.
"""

import re
import uuid


class Fault(Exception):
    """An expression that Azure would refuse."""


class Reference(str):
    """A text that holds something of a resource's state; `resources` are the ids it asks."""

    resources = ()


TOKEN = re.compile(r"\s*(?:'((?:[^']|'')*)'|([A-Za-z_]\w*)|(-?\d+)|([().,\[\]]))")
SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
GROUP = {"id": f"{SUBSCRIPTION}/resourceGroups/group", "name": "group", "location": "westeurope"}


def tokens(text):
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if not found or found.end() == at:
            raise Fault(f"no token at {text[at:at + 20]!r}")
        at = found.end()
        string, name, number, mark = found.groups()
        if string is not None:
            yield "string", string.replace("''", "'")
        elif name:
            yield "name", name
        elif number:
            yield "number", int(number)
        else:
            yield "mark", mark


class Evaluator:
    """Evaluates the values of one template."""

    def __init__(self, template, parameters):
        self.variables = template.get("variables", {})
        self.parameters = {}
        for name, declared in template.get("parameters", {}).items():
            self.parameters[name] = parameters.get(name, declared.get("defaultValue"))
        self.used = set()
        self.open = []
        # Expressions by their text: most stand in a template many times.
        self.known = {}

    def value(self, value):
        """Returns a value with all its expressions evaluated."""
        if isinstance(value, dict):
            return {self.value(name): self.value(it) for name, it in value.items()}
        if isinstance(value, list):
            return [self.value(it) for it in value]
        if not isinstance(value, str) or not (value.startswith("[") and value.endswith("]")):
            return value
        if value.startswith("[["):
            return value[1:]
        if value in self.known:
            return self.known[value]
        try:
            self.tokens = [*tokens(value[1:-1]), ("end", None)]
            self.at = 0
            made = self._expression()
            self._take("end")
        except Fault as fault:
            raise Fault(f"{fault} in {value}") from None
        self.known[value] = made
        return made

    def _peek(self):
        return self.tokens[self.at]

    def _take(self, kind, content=None):
        found = self._peek()
        if found[0] != kind or (content is not None and found[1] != content):
            raise Fault(f"expected {content or kind}, found {found[1] or found[0]}")
        self.at += 1
        return found[1]

    def _expression(self):
        kind, content = self._peek()
        if kind in ("string", "number"):
            self.at += 1
            return content
        function = self._take("name")
        self._take("mark", "(")
        arguments = []
        while self._peek() != ("mark", ")"):
            if arguments:
                self._take("mark", ",")
            arguments.append(self._expression())
        self._take("mark", ")")
        made = self._call(function, arguments)
        while self._peek() == ("mark", "."):
            self.at += 1
            made = self._member(made, self._take("name"))
        return made

    def _member(self, value, name):
        if isinstance(value, Reference):
            return reference(f"{value}.{name}", value.resources)
        if not isinstance(value, dict) or name not in value:
            raise Fault(f"there is no member {name}")
        return value[name]

    def _call(self, function, arguments):
        known = getattr(self, f"_do_{function}", None)
        if known is None:
            raise Fault(f"no function {function} is known")
        try:
            return known(*arguments)
        except TypeError:
            raise Fault(f"{function} takes other arguments") from None

    def _do_parameters(self, name):
        if name not in self.parameters:
            raise Fault(f"no parameter {name}")
        self.used.add(("parameters", name))
        return self.value_again(self.parameters[name], name)

    def _do_variables(self, name):
        if name not in self.variables:
            raise Fault(f"no variable {name}")
        self.used.add(("variables", name))
        return self.value_again(self.variables[name], name)

    def value_again(self, value, name):
        if name in self.open:
            raise Fault(f"{name} needs itself")
        kept = self.tokens, self.at
        self.open.append(name)
        try:
            return self.value(value)
        finally:
            self.open.pop()
            self.tokens, self.at = kept

    def _do_format(self, text, *values):
        numbers = {int(it) for it in re.findall(r"\{(\d+)\}", text)}
        if numbers != set(range(len(values))):
            raise Fault(f"{text!r} has {len(values)} values")
        made = re.sub(r"\{(\d+)\}", lambda it: str(values[int(it[1])]), text)
        return self._of(made, values)

    def _do_concat(self, *values):
        return self._of("".join(str(it) for it in values), values)

    def _of(self, made, values):
        asked = [it for value in values for it in getattr(value, "resources", ())]
        return reference(made, asked) if asked else made

    def _do_resourceGroup(self):
        return GROUP

    def _do_uniqueString(self, first, *others):
        return uuid.uuid5(uuid.NAMESPACE_URL, "|".join([first, *others])).hex[:13]

    def _do_guid(self, first, *others):
        return str(uuid.uuid5(uuid.NAMESPACE_URL, "|".join([first, *others])))

    def _do_resourceId(self, kind, *names):
        segments = kind.split("/")
        if len(segments) - 1 != len(names):
            raise Fault(f"{kind} has {len(segments) - 1} names, not {len(names)}")
        path = "".join(f"/{segment}/{name}" for segment, name in zip(segments[1:], names))
        return f"{GROUP['id']}/providers/{segments[0]}{path}"

    def _do_extensionResourceId(self, scope, kind, name):
        return f"{scope}/providers/{kind}/{name}"

    def _do_subscriptionResourceId(self, kind, name):
        return f"{SUBSCRIPTION}/providers/{kind}/{name}"

    def _do_reference(self, resource, version="", full=""):
        return reference(f"<state of {resource}>", [resource])


def reference(text, resources):
    made = Reference(text)
    made.resources = tuple(resources)
    return made
