import type { Node } from './jinja.js';

/** The fields of a node, which the library does not declare. */
export type NodeFields = Readonly<Record<string, unknown>>;

export function fieldsOf(node: unknown): NodeFields {
  return typeof node === 'object' && node !== null ? (node as NodeFields) : {};
}

export function listOf(value: unknown): Node[] {
  return Array.isArray(value) ? (value as Node[]) : [];
}

/** The name that a node is; undefined for nodes that are something else. */
export function identifier(node: unknown): string | undefined {
  const { type, value } = fieldsOf(node);
  return type === 'Identifier' && typeof value === 'string' ? value : undefined;
}
