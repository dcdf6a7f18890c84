// Rows in Cosmos DB.
//
// A row is an item `{id, partition, row}` of its table's container: `partition` is the value of the partition field, `id`
// stands for that of the sort field. Where functions wait for changes of the table, each change is an item
// `{id, partition, change}` beside the row, written in one transaction with it; it goes by itself after a day.

import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import * as portable from './portable.mjs';

const KEPT_SECONDS = 86_400;
const MOST_SECONDS = 2 ** 31 - 1; // of an item's `ttl`
const ONLY = 'row'; // the id of a row that is alone in its partition
const TRIES = 20; // to change a row that others change at the same time
const CROSSED = [404, 409, 412, 449];

/** The rows of one table; `options` say its key, its indexes, its `ttl` and whether functions are told of changes. */
export class Rows {
  #table;
  #options;
  #container;

  constructor(table, options, container) {
    this.#table = table;
    this.#options = options;
    this.#container = container;
  }

  /** Puts a row, over an older one too. */
  async put(row) {
    const place = this.#place(row);
    for (const [name, kind] of Object.values(this.#options.indexes).flat()) {
      if (name in row) this.#part(name, kind, row);
    }
    const item = { ...place, row, ...this.#life(row) };
    if (this.#options.told) await this.#change(place, row, item);
    else await this.#container.items.upsert(item);
  }

  /** Returns a row, or null. */
  async get(key) {
    this.#only_key(key);
    return (await this.#read(this.#place(key)))?.row ?? null;
  }

  /** Deletes a row; nothing happens when there is none. */
  async delete(key) {
    this.#only_key(key);
    const place = this.#place(key);
    if (this.#options.told) {
      await this.#change(place, null, null, key);
      return;
    }
    try {
      await this.#container.item(place.id, place.partition).delete();
    } catch (error) {
      if (error.code !== 404) throw error;
    }
  }

  /** Returns the rows that a query of `context` finds, in the order of the sort field. */
  async query(query) {
    const statement = this.statement(query);
    const limit = query.limit ?? Infinity;
    const rows = [];
    const partition = query.index === null ? query.equal[this.#options.key[0][0]] : undefined;
    if (partition !== undefined && this.#options.key.length === 1) {
      const found = await this.#read({ id: ONLY, partition });
      return found && limit > 0 ? [found.row] : [];
    }
    const found = this.#container.items.query(statement, partition === undefined ? {} : { partitionKey: partition });
    while (rows.length < limit && found.hasMoreResults()) {
      const { resources } = await found.fetchNext();
      rows.push(...(resources ?? []));
    }
    return rows.slice(0, limit);
  }

  /** Returns a query in the language of Cosmos DB, with its parameters. */
  statement({ equal, range, index, descending }) {
    const { key, indexes } = this.#options;
    if (index !== null && !(index in indexes)) throw new RangeError(`\`${this.#table}\` has no index \`${index}\``);
    const [[partition, kind], [sort] = []] = index === null ? key : indexes[index];
    let other = Object.keys(equal).find((it) => it !== partition && it !== sort);
    if (other === undefined && range && (range[0] !== sort || sort in equal)) other = range[0];
    if (other !== undefined) {
      const why = 'a query asks for the partition field, and once for the sort field';
      throw new RangeError(`\`${other}\` can't be asked for here: ${why}`);
    }
    this.#part(partition, kind, equal);
    const parameters = [];
    const value = (it) => {
      parameters.push({ name: `@v${parameters.length}`, value: it });
      return parameters.at(-1).name;
    };
    const place = (name) => (index === null && name === partition ? 'c["partition"]' : field(name));
    const parts = Object.entries(equal).map(([name, it]) => `${place(name)} = ${value(it)}`);
    if (range) {
      const [first, last] = range[2].map(value);
      const name = field(range[0]);
      if (range[1] === 'starts_with') parts.push(`STARTSWITH(${name}, ${first})`);
      else if (range[1] === 'between') parts.push(`(${name} BETWEEN ${first} AND ${last})`);
      else parts.push(`${name} ${range[1]} ${first}`);
    } else if (sort !== undefined && !(sort in equal)) {
      parts.push(`IS_DEFINED(${field(sort)})`);
    }
    const order = sort === undefined ? '' : ` ORDER BY ${field(sort)} ${descending ? 'DESC' : 'ASC'}`;
    return { query: `SELECT VALUE c["row"] FROM c WHERE ${parts.join(' AND ')}${order}`, parameters };
  }

  /** Returns where a row is, by the fields of its key. */
  #place(row) {
    const [[partition], sort] = this.#options.key;
    for (const [name, kind] of this.#options.key) this.#part(name, kind, row);
    // An item's id has neither slashes nor just any length.
    const id = sort ? createHash('sha256').update(String(row[sort[0]])).digest('hex') : ONLY;
    return { id, partition: row[partition] };
  }

  /** Refuses a value that can't be that of a key's field. */
  #part(name, kind, row) {
    if (!Object.hasOwn(row, name)) throw new RangeError(`\`${name}\` is missing, a field of the key of \`${this.#table}\``);
    const it = row[name];
    // What is not exact in JavaScript isn't in Cosmos DB either.
    if (kind === 'int' && !Number.isSafeInteger(it)) throw new RangeError(`\`${name}\` of \`${this.#table}\` is a whole number`);
    if (kind === 'string' && !(typeof it === 'string' && it)) {
      throw new RangeError(`\`${name}\` of \`${this.#table}\` is text that is not empty`);
    }
  }

  #only_key(key) {
    const names = this.#options.key.map(([name]) => name);
    const other = Object.keys(key).find((it) => !names.includes(it));
    if (other !== undefined) throw new RangeError(`\`${other}\` is no field of the key of \`${this.#table}\``);
  }

  /** Returns how long an item lives: Cosmos DB counts from when it is written. */
  #life(row) {
    const until = this.#options.ttl === undefined ? undefined : row[this.#options.ttl];
    if (!Number.isInteger(until) || until < 0) return {};
    return { ttl: Math.min(Math.max(1, until - Math.floor(Date.now() / 1000)), MOST_SECONDS) };
  }

  async #read({ id, partition }) {
    try {
      return (await this.#container.item(id, partition).read()).resource ?? null;
    } catch (error) {
      if (error.code === 404) return null;
      throw error;
    }
  }

  /** Puts or deletes a row with what those are told who wait for changes; who changes it meanwhile goes first. */
  async #change(place, row, item, key = null) {
    const { id, partition } = place;
    for (let left = TRIES - 1; ; left -= 1) {
      const before = await this.#read(place);
      const old = before?.row ?? null;
      if (isDeepStrictEqual(old, row)) return;
      const ifMatch = before?._etag;
      let action = 'updated';
      let done = { operationType: 'Replace', id, ifMatch, resourceBody: item };
      if (before === null) [action, done] = ['inserted', { operationType: 'Create', resourceBody: item }];
      else if (row === null) [action, done] = ['deleted', { operationType: 'Delete', id, ifMatch }];
      const keys = Object.fromEntries(this.#options.key.map(([name]) => [name, (row ?? key)[name]]));
      const change = { action, keys, new: row, old };
      const told = { id: randomUUID(), partition, change, ttl: KEPT_SECONDS };
      const status = await this.#together([done, { operationType: 'Create', resourceBody: told }], partition);
      if (status < 400) return;
      if (!CROSSED.includes(status) || left === 0) throw new Error(`\`${this.#table}\` refuses a row: Cosmos DB says ${status}`);
      await sleep(Math.random() * 100);
    }
  }

  /** Carries out all operations or none; returns the status of the first that failed. */
  async #together(operations, partition) {
    try {
      const { code, result } = await this.#container.items.batch(operations, partition);
      const failed = result?.find((it) => it.statusCode >= 400 && it.statusCode !== 424);
      return failed?.statusCode ?? (code === 207 ? 500 : (code ?? 200));
    } catch (error) {
      if (CROSSED.includes(error.code)) return error.code;
      throw error;
    }
  }
}

/** Returns those items of a table's change feed that are changes: rows are told of by them. */
export function changes(items) {
  return items.filter((it) => it.change);
}

/** Returns the record of a change. */
export function change_record(trigger, payload, item) {
  const attempt = (payload.retry_count ?? 0) + 1;
  return portable.row_record({ id: item.id, source: trigger.source, time: item._ts * 1000, attempt, ...item.change });
}

function field(name) {
  return `c["row"][${JSON.stringify(name)}]`;
}
