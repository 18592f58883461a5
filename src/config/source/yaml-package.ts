import type * as Yaml from 'yaml';
import { lazyPackage } from '../../lazy-package.js';

/** The parser, for whoever has a text: most programs configure with objects. */
export const yamlPackage = lazyPackage<typeof Yaml>('yaml', (require) => require('yaml'));

export const isAlias = (node: unknown): node is Yaml.Alias => yamlPackage().isAlias(node);
export const isMap = (node: unknown): node is Yaml.YAMLMap => yamlPackage().isMap(node);
export const isNode = (node: unknown): node is Yaml.Node => yamlPackage().isNode(node);
export const isScalar = (node: unknown): node is Yaml.Scalar => yamlPackage().isScalar(node);
export const isSeq = (node: unknown): node is Yaml.YAMLSeq => yamlPackage().isSeq(node);
