// Records as strict CloudEvents 1.0, and back.

import { from_json, is_object, object, to_json } from './encoding.mjs';
import { record } from './event.mjs';
import { says_json } from './request.mjs';

/**
 * Returns a record as a strict CloudEvent 1.0 in JSON form.
 *
 * `id source type time subject` keep their names. A JSON body becomes `data`, text `data` with
 * `text/plain`, base64 `data_base64`. What CloudEvents has no word for becomes extensions:
 * `fncattempt`, `fncgroup`, `fncscheduled`, and `fncattributes` (JSON text, when there are any).
 */
export function to_cloudevent(record) {
  const made = {};
  for (const name of ['id', 'source', 'type', 'time', 'subject']) {
    if (name in record) made[name] = record[name];
  }
  made.specversion = '1.0';
  if (record.base64) Object.assign(made, { datacontenttype: 'application/octet-stream', data_base64: record.body });
  else if (record.data !== null) Object.assign(made, { datacontenttype: 'application/json', data: record.data });
  else Object.assign(made, { datacontenttype: 'text/plain', data: record.body });
  made.fncattempt = record.attempt;
  for (const name of ['group', 'scheduled']) {
    if (name in record) made['fnc' + name] = record[name];
  }
  if (Object.keys(record.attributes).length) made.fncattributes = to_json(record.attributes);
  return made;
}

const KNOWN = new Set([
  'specversion', 'id', 'source', 'type', 'time', 'subject', 'datacontenttype', 'dataschema',
  'data', 'data_base64', 'fncattempt', 'fncgroup', 'fncscheduled', 'fncattributes',
]);

/** Returns a CloudEvent 1.0 in JSON form as a record; unknown extensions become attributes. */
export function from_cloudevent(cloudevent, source) {
  const { data, data_base64, datacontenttype } = cloudevent;
  let body;
  if (data_base64 !== undefined) body = Buffer.from(data_base64, 'base64');
  else if (typeof data === 'string' && !says_json(datacontenttype)) body = data;
  else body = data === undefined ? '' : to_json(data);
  const extensions = Object.entries(cloudevent).filter(([name]) => !KNOWN.has(name));
  const made = record({
    id: cloudevent.id,
    source: source ?? cloudevent.source,
    type: cloudevent.type,
    body,
    time: cloudevent.time,
    attempt: cloudevent.fncattempt ?? 1,
    attributes: { ...object(extensions), ...from_json(cloudevent.fncattributes ?? '') },
    group: cloudevent.fncgroup,
    subject: cloudevent.subject,
    scheduled: cloudevent.fncscheduled,
  });
  if ('scheduled' in made) made.input = is_object(made.data) ? made.data : {};
  return made;
}
