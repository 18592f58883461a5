import type { ScalarTag, Tags } from 'yaml';

// What PyYAML's safe loader makes of plain scalars (`yaml/resolver.py` and `yaml/constructor.py` of version 6), but for
// numbers in base 60, dates and times, which stay text.

const digits = {
  binary: /^[-+]?0b[01_]+$/,
  octal: /^[-+]?0[0-7_]+$/,
  decimal: /^[-+]?(?:0|[1-9][0-9_]*)$/,
  hexadecimal: /^[-+]?0x[0-9a-fA-F_]+$/,
};
const int = new RegExp(
  Object.values(digits)
    .map(({ source }) => `(?:${source})`)
    .join('|'),
);
const float =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const taggedFloat = /^[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?$/;
const yes = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const no = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const nothing = /^(?:~|null|Null|NULL|)$/;

type Refuse = (message: string) => void;

/** Messages that repeat nothing of the file, and so may be shown whatever the template made of it. */
export const scalarRefusals = {
  inexact: 'expected a whole number that can be held exactly, found one that would be rounded; put it in quotes',
  digitless: 'expected a number, found one without digits',
  mistagged: 'expected a value that its tag fits',
} as const;

function resolveInt(source: string, refuse: Refuse): number {
  const bare = source.replaceAll('_', '').toLowerCase();
  const negative = bare.startsWith('-');
  const unsigned = bare.replace(/^[-+]/, '');
  const prefixed = /^0[bx]/.test(unsigned) || unsigned === '0' || !unsigned.startsWith('0');
  const literal = prefixed ? unsigned : `0o${unsigned.slice(1) || '0'}`;
  if (/^0[bx]$/.test(literal)) {
    refuse(scalarRefusals.digitless);
    return 0;
  }
  const value = Number(literal);
  if (!Number.isSafeInteger(value) && !isExact(literal, value)) refuse(scalarRefusals.inexact);
  return negative && value !== 0 ? -value : value;
}

/** More digits than this are no number at all. */
const mostDigits = 400;

function isExact(literal: string, value: number): boolean {
  return literal.length <= mostDigits && Number.isFinite(value) && BigInt(literal) === BigInt(value);
}

function resolveFloat(source: string): number {
  const bare = source.replaceAll('_', '').toLowerCase();
  if (bare.endsWith('inf')) return bare.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return bare.endsWith('nan') ? Number.NaN : Number(bare);
}

function tagOf(name: string): string {
  return `tag:yaml.org,2002:${name}`;
}

/** A tag that plain scalars get, and the same where it is written out. */
function scalar(name: string, test: RegExp, resolve: (source: string, refuse: Refuse) => unknown, tagged = test) {
  const implicit: ScalarTag = { tag: tagOf(name), default: true, test, resolve };
  const explicit: ScalarTag = {
    tag: tagOf(name),
    resolve: (source, refuse) => {
      if (tagged.test(source)) return resolve(source, refuse);
      refuse(scalarRefusals.mistagged);
      return null;
    },
  };
  return [implicit, explicit];
}

const scalars = [
  ...scalar('null', nothing, () => null),
  ...scalar('bool', new RegExp(`${yes.source}|${no.source}`), (source) => yes.test(source)),
  ...scalar('int', int, resolveInt),
  ...scalar('float', float, resolveFloat, new RegExp(`${float.source}|${taggedFloat.source}`)),
];

const kept = new Set(['map', 'seq', 'str', 'merge'].map(tagOf));

/** The tags that are known: of the library's own those without a meaning of their own, and the scalars above. */
export function pyYamlTags(library: Tags): Tags {
  const structures = library.filter((tag) => typeof tag !== 'string' && kept.has(tag.tag));
  return [...structures, ...scalars];
}
