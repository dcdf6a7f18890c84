"""Rows in Cosmos DB.

A row is an item `{id, partition, row}` of its table's container: `partition` is the value of the partition field, `id`
stands for that of the sort field. Where functions wait for changes of the table, each change is an item
`{id, partition, change}` beside the row, written in one transaction with it; it goes by itself after a day.
"""

import itertools
import json
import random
import time
import uuid
from hashlib import sha256

from . import portable

KEPT_SECONDS = 86_400
MOST_SECONDS = 2**31 - 1  # of an item's `ttl`
MOST_EXACT = 2**53 - 1  # Cosmos DB holds numbers as doubles
ONLY = "row"  # the id of a row that is alone in its partition
TRIES = 20  # to change a row that others change at the same time


class Rows:
    """The rows of one table; `options` say its key, its indexes, its `ttl` and whether functions are told of changes."""

    def __init__(self, table, options, container):
        self._table = table
        self._key = options["key"]
        self._indexes = options["indexes"]
        self._ttl = options.get("ttl")
        self._told = options["told"]
        self._container = container

    def put(self, row):
        """Puts a row, over an older one too."""
        place = self._place(row)
        for name, kind in itertools.chain.from_iterable(self._indexes.values()):
            if name in row:
                self._part(name, kind, row)
        _all_exact(row)
        item = {**place, "row": row, **self._life(row)}
        if self._told:
            self._change(place, row, item)
        else:
            self._container.upsert_item(item)

    def get(self, key):
        """Returns a row, or None."""
        self._only_key(key)
        found = self._read(self._place(key))
        return found and found["row"]

    def delete(self, key):
        """Deletes a row; nothing happens when there is none."""
        from azure.cosmos.exceptions import CosmosResourceNotFoundError

        self._only_key(key)
        place = self._place(key)
        if self._told:
            self._change(place, None, None, key)
            return
        try:
            self._container.delete_item(place["id"], partition_key=place["partition"])
        except CosmosResourceNotFoundError:
            pass

    def query(self, query):
        """Returns the rows that a query of `context` finds, in the order of the sort field."""
        text, values = self.statement(query)
        scope = {"enable_cross_partition_query": True}
        if query["index"] is None:
            partition = query["equal"][self._key[0][0]]
            if len(self._key) == 1:
                found = self._read({"id": ONLY, "partition": partition})
                return [found["row"]][:query["limit"]] if found else []
            scope = {"partition_key": partition}
        found = self._container.query_items(text, parameters=values, **scope)
        return list(itertools.islice(found, query["limit"]))

    def statement(self, query):
        """Returns a query in the language of Cosmos DB, and its parameters."""
        equal, index = query["equal"], query["index"]
        if index is not None and index not in self._indexes:
            raise ValueError(f"`{self._table}` has no index `{index}`")
        (partition, kind), *sort = self._key if index is None else self._indexes[index]
        sort = sort[0][0] if sort else None
        ranged = query["range"][0] if query["range"] else sort
        other = next((it for it in equal if it not in (partition, sort)), None)
        if other is None and (ranged != sort or (query["range"] and sort in equal)):
            other = ranged
        if other is not None:
            raise ValueError(f"`{other}` can't be asked for here: "
                             "a query asks for the partition field, and once for the sort field")
        self._part(partition, kind, equal)
        values = []

        def value(it):
            values.append({"name": f"@v{len(values)}", "value": it})
            return values[-1]["name"]

        names = {partition: 'c["partition"]'} if index is None else {}
        parts = [f"{names.get(name) or _field(name)} = {value(wanted)}" for name, wanted in equal.items()]
        if query["range"]:
            name, operator, wanted = query["range"]
            name, wanted = _field(name), [value(it) for it in wanted]
            parts.append({"starts_with": f"STARTSWITH({name}, {wanted[0]})", "between": f"({name} BETWEEN {' AND '.join(wanted)})"}
                         .get(operator, f"{name} {operator} {wanted[0]}"))
        elif sort is not None and sort not in equal:
            parts.append(f"IS_DEFINED({_field(sort)})")
        order = f" ORDER BY {_field(sort)} {'DESC' if query['descending'] else 'ASC'}" if sort else ""
        return f"SELECT VALUE c[\"row\"] FROM c WHERE {' AND '.join(parts)}{order}", values

    def _place(self, row):
        """Returns where a row is, by the fields of its key."""
        (partition, kind), *sort = self._key
        self._part(partition, kind, row)
        for name, kind in sort:
            self._part(name, kind, row)
        # An item's id has neither slashes nor just any length.
        id = sha256(str(row[sort[0][0]]).encode()).hexdigest() if sort else ONLY
        return {"id": id, "partition": row[partition]}

    def _part(self, name, kind, row):
        """Refuses a value that can't be that of a key's field."""
        if name not in row:
            raise ValueError(f"`{name}` is missing, a field of the key of `{self._table}`")
        it = row[name]
        if kind == "int" and (not isinstance(it, int) or isinstance(it, bool)):
            raise ValueError(f"`{name}` of `{self._table}` is a whole number")
        if kind == "string" and not (isinstance(it, str) and it):
            raise ValueError(f"`{name}` of `{self._table}` is text that is not empty")
        _all_exact(it)

    def _only_key(self, key):
        other = next((it for it in key if it not in [name for name, _ in self._key]), None)
        if other is not None:
            raise ValueError(f"`{other}` is no field of the key of `{self._table}`")

    def _life(self, row):
        """Returns how long an item lives: Cosmos DB counts from when it is written."""
        until = row.get(self._ttl)
        if self._ttl is None or not isinstance(until, int) or isinstance(until, bool) or until < 0:
            return {}
        return {"ttl": min(max(1, until - int(time.time())), MOST_SECONDS)}

    def _read(self, place):
        from azure.cosmos.exceptions import CosmosResourceNotFoundError

        try:
            return self._container.read_item(place["id"], partition_key=place["partition"])
        except CosmosResourceNotFoundError:
            return None

    def _change(self, place, row, item, key=None):
        """Puts or deletes a row with what those are told who wait for changes; who changes it meanwhile goes first."""
        from azure.cosmos.exceptions import CosmosBatchOperationError

        for left in reversed(range(TRIES)):
            before = self._read(place)
            old = before and before["row"]
            if _same(old, row):
                return
            match = {"if_match_etag": before["_etag"]} if before else {}
            if before is None:
                action, done = "inserted", ("create", (item,))
            elif row is None:
                action, done = "deleted", ("delete", (place["id"],), match)
            else:
                action, done = "updated", ("replace", (place["id"], item), match)
            keys = {name: (row or key)[name] for name, _ in self._key}
            change = {"action": action, "keys": keys, "new": row, "old": old}
            told = {"id": str(uuid.uuid4()), "partition": place["partition"], "change": change, "ttl": KEPT_SECONDS}
            try:
                self._container.execute_item_batch([done, ("create", (told,))], partition_key=place["partition"])
                return
            except CosmosBatchOperationError as error:
                if error.status_code not in (404, 409, 412, 449) or not left:
                    raise
            time.sleep(random.uniform(0, 0.1))


def changes(items):
    """Returns those items of a table's change feed that are changes: rows are told of by them."""
    return [dict(it) for it in items if it.get("change")]


def change_record(trigger, payload, item):
    """Returns the record of a change."""
    return portable.row_record(id=item["id"], source=trigger["source"], time=item["_ts"] * 1000,
                               attempt=(payload["retry_count"] or 0) + 1, **item["change"])


def _field(name):
    return f'c["row"][{json.dumps(name)}]'


def _all_exact(value):
    """Refuses numbers that Cosmos DB would change."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for it in value:
            _all_exact(it)
    elif isinstance(value, int) and abs(value) > MOST_EXACT:
        raise ValueError(f"{value} is beyond the whole numbers that a table keeps exactly on Azure")


def _same(one, other):
    """Tells whether two JSON values are the same; Python takes true for 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(it, other[name]) for name, it in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other and isinstance(one, bool) == isinstance(other, bool)
