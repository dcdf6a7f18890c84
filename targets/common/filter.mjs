// Which records a trigger's `where` takes.

import { is_object } from './encoding.mjs';

/** Returns the event with the records that the triggers' `where` takes; null when it takes none of them. */
export function taken(triggers, event) {
  if (!triggers?.some((it) => 'where' in it)) return event;
  const own = triggers.filter((it) => it.kind === event.trigger && it.source === event.source);
  if (!own.some((it) => 'where' in it)) return event;
  const records = event.records.filter((record) => takes(own, record));
  return records.length ? { ...event, records } : null;
}

function takes(triggers, record) {
  const own = triggers.filter((it) => (it.type ?? record.type) === record.type);
  return !own.length || own.some((it) => !('where' in it) || matches(it.where, record));
}

/** Tells whether a record satisfies the JSON form of a `where`. */
export function matches(where, record) {
  if (where.all) return where.all.every((it) => matches(it, record));
  if (where.any) return where.any.some((it) => matches(it, record));
  if (where.not) return !matches(where.not, record);
  let value = record;
  for (const name of where.exists ?? where.member) {
    if (!is_object(value) || !Object.hasOwn(value, name)) return false;
    value = value[name];
  }
  if (where.exists) return value !== null;
  return compare(value, where.is, where.value);
}

/** Another JSON type makes every comparison false; text is compared by its characters, not by UTF-16 units. */
function compare(value, comparison, wanted) {
  if (typeof value !== typeof wanted) return false;
  if (comparison === 'starts_with') return value.startsWith(wanted);
  const order =
    typeof wanted === 'string' ? Buffer.compare(Buffer.from(value), Buffer.from(wanted)) : Number(value) - Number(wanted);
  switch (comparison) {
    case '==': return order === 0;
    case '!=': return order !== 0;
    case '<': return order < 0;
    case '<=': return order <= 0;
    case '>': return order > 0;
    case '>=': return order >= 0;
    default: throw new Error(`there is no comparison ${comparison}`);
  }
}
