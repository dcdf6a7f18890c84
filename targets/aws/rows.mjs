// Rows of DynamoDB, whose values name their types.

import { map_values } from './encoding.mjs';
import * as portable from './portable.mjs';

/** Returns the input of DynamoDB Query. */
export function query_request(table, { equal, range, index, descending }) {
  const [names, values] = [{}, {}];
  const name = (it) => {
    const made = `#n${Object.keys(names).length}`;
    names[made] = it;
    return made;
  };
  const value = (it) => {
    const made = `:v${Object.keys(values).length}`;
    values[made] = dynamo_value(it);
    return made;
  };
  const parts = Object.entries(equal).map(([field, it]) => `${name(field)} = ${value(it)}`);
  if (range) {
    const field = name(range[0]);
    const [first, last] = range[2].map(value);
    if (range[1] === 'starts_with') parts.push(`begins_with(${field}, ${first})`);
    else if (range[1] === 'between') parts.push(`${field} BETWEEN ${first} AND ${last}`);
    else parts.push(`${field} ${range[1]} ${first}`);
  }
  const request = {
    TableName: table,
    KeyConditionExpression: parts.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ScanIndexForward: !descending,
  };
  return index ? { ...request, IndexName: index } : request;
}

export const dynamo_row = (row) => map_values(row, dynamo_value);

/** Returns a JSON value as DynamoDB types it. */
function dynamo_value(value) {
  if (value === null) return { NULL: true };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'number') return { N: portable.to_json(value) };
  if (typeof value === 'string') return { S: value };
  return Array.isArray(value) ? { L: value.map(dynamo_value) } : { M: dynamo_row(value) };
}

export const plain_row = (row) => map_values(row, plain_value);
// Events hold base64 already, the SDK hands over bytes.
const as_base64 = (it) => (typeof it === 'string' ? it : Buffer.from(it).toString('base64'));

/** Returns a value of DynamoDB as JSON: numbers as numbers, sets as lists, bytes as base64. */
function plain_value(typed) {
  const [[kind, value]] = Object.entries(typed);
  switch (kind) {
    case 'NULL':
      return null;
    case 'N':
      return JSON.parse(value);
    case 'M':
      return plain_row(value);
    case 'L':
      return value.map(plain_value);
    case 'NS':
      return value.map((it) => JSON.parse(it));
    case 'B':
      return as_base64(value);
    case 'BS':
      return value.map(as_base64);
    default:
      return value;
  }
}
