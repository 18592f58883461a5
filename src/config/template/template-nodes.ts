import type { Node } from './jinja.js';

/** The fields of a node, which the library does not declare. */
export type Parts = Readonly<Record<string, unknown>>;

export function partsOf(node: unknown): Parts {
  return typeof node === 'object' && node !== null ? (node as Parts) : {};
}

export function listOf(value: unknown): Node[] {
  return Array.isArray(value) ? (value as Node[]) : [];
}

/** The name that a node is; undefined for nodes that are something else. */
export function identifier(node: unknown): string | undefined {
  const { type, value } = partsOf(node);
  return type === 'Identifier' && typeof value === 'string' ? value : undefined;
}
