import { randomUUID } from 'node:crypto';

/** Stands before the digits of a big integer while JSON is written; nobody else knows it. */
const mark = `bigint:${randomUUID()}:`;
const marked = new RegExp(`"${mark}(-?\\d+)"`, 'g');

/** JSON in which big integers are numbers, with all their digits. @throws what JSON.stringify throws */
export function jsonText(value: unknown, indent?: number): string {
  let found = false;
  const digits = (_key: string, inner: unknown): unknown => {
    if (typeof inner !== 'bigint') return inner;
    found = true;
    return `${mark}${inner}`;
  };
  const text = JSON.stringify(value, digits, indent);
  return found ? text.replaceAll(marked, '$1') : text;
}
