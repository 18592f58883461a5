import { readFileSync } from 'node:fs';
import layers from '../../src/layers.json' with { type: 'json' };
import { type GeneratedFile, table } from './generated-file.js';

const page = 'docs/reference/layout.md';
const begin = '<!-- The table is generated from src/layers.json by `npm run docs`. -->';
const end = '<!-- end of the table -->';

/** The lint rules that hold the layers apart, and the table of the layout page: both say what `src/layers.json` says. */
export function generateLayers(): GeneratedFile[] {
  const rows = layers.map((row) => Object.entries<string>(row));
  return [
    { path: '.oxlintrc.layers.json', content: `${JSON.stringify(lintRules(rows), undefined, 2)}\n` },
    { path: page, content: withTable(readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8'), rows) },
  ];
}

type Row = readonly (readonly [folder: string, purpose: string])[];

function lintRules(rows: readonly Row[]) {
  const names = rows.map((row) => row.map(([name]) => name));
  const overrides = names.flatMap((row, index) =>
    row.map((name) =>
      refusing(
        name,
        names
          .slice(index + 1)
          .flat()
          .filter(isFolder),
      ),
    ),
  );
  return { overrides };
}

function refusing(name: string, above: readonly string[]) {
  const patterns = [{ regex: '^(\\.\\./)+index\\.js$', message: 'src/index.ts is for users; import the file itself' }];
  if (above.length > 0) {
    const message = `src/${name} may not import a layer above it`;
    patterns.unshift({ regex: `^(\\./|(\\.\\./)+)(${above.join('|')})/`, message });
  }
  const files = [isFolder(name) ? `src/${name}/**` : `src/${name}`];
  return { files, rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

function isFolder(name: string): boolean {
  return !name.endsWith('.ts');
}

function withTable(text: string, rows: readonly Row[]): string {
  const before = text.slice(0, text.indexOf(begin) + begin.length);
  const after = text.slice(text.indexOf(end));
  const machines = ['0', '`machines`', 'what can happen: statecharts, without any input or output'];
  const cells = rows.flatMap((row, index) =>
    row.map(([name, purpose]) => [`${index + 1}`, `\`src/${name}\``, purpose]),
  );
  return `${before}\n\n${table(['layer', 'folder', 'what it is for'], [machines, ...cells])}\n\n${after}`;
}
