import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the compiler says of one export. */
export interface Declaration {
  /** The declaration, without bodies, private parts and what is marked `@internal`. */
  readonly signature: string;
  /** Its docstring, in Markdown. */
  readonly about: string;
  /** `@throws` and `@param`, a line of Markdown each. */
  readonly notes: readonly string[];
}

/** `file#name` → declaration, of all that the files declare and export. */
export function readDeclarations(root: string, files: readonly string[]): ReadonlyMap<string, Declaration> {
  const out = mkdtempSync(join(tmpdir(), 'gatechart-declarations-'));
  try {
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const options = ['--emitDeclarationOnly', '--stripInternal', '--declarationMap', 'false', '--incremental', 'false'];
    const build = ['-p', 'tsconfig.build.json', '--outDir', out, '--noCheck', '--sourceMap', 'false'];
    execFileSync(process.execPath, [compiler, ...build, ...options, '--inlineSources', 'false'], { cwd: root });
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
    const style = ['--indent-style=space', '--line-width=100', '--javascript-formatter-quote-style=single'];
    execFileSync(process.execPath, [biome, 'format', '--write', ...style, out], { cwd: out, stdio: 'pipe' });
    const declarations = new Map<string, Declaration>();
    for (const file of files.filter((name) => name.endsWith('.ts'))) {
      const text = readFileSync(join(out, file.replace(/\.ts$/, '.d.ts')), 'utf8');
      for (const [name, declaration] of declarationsIn(text)) declarations.set(`${file}#${name}`, declaration);
    }
    return declarations;
  } finally {
    rmSync(out, { recursive: true });
  }
}

const start =
  /^(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?export (?:declare )?((?:abstract )?(?:class|interface|type|const|function) (\w+))/gm;
/** What begins in the first column, other than the rest of a type, belongs to the next declaration. */
const next = /^(?:export|declare|import|interface|type|const|function|class|\/\*\*|\/\/#)/m;

function declarationsIn(text: string): Map<string, Declaration> {
  const found = new Map<string, Declaration>();
  for (const match of text.matchAll(start)) {
    const [whole, docstring = '', head = '', name = ''] = match;
    const rest = text.slice(match.index + whole.length);
    const signature = head + rest.slice(0, next.exec(rest)?.index ?? rest.length);
    found.set(name, { signature: shortened(signature), ...parsedDocstring(docstring) });
  }
  return found;
}

/** Types that libraries infer fill pages and tell nothing. */
function shortened(signature: string): string {
  const text = signature
    .trim()
    .replace(/^ {2}#private;\n/gm, '')
    .replace(/import\(['"][^'"]*['"]\)\./g, '');
  if (!text.startsWith('const ') || text.length < 600) return text;
  return `${text.slice(0, text.indexOf('<'))}<…>${text.includes(': readonly [') ? ', …]' : ''};`;
}

function parsedDocstring(docstring: string): Pick<Declaration, 'about' | 'notes'> {
  const text = docstring
    .replace(/^\/\*\*|\*\/\s*$/g, '')
    .replace(/^ *\* ?/gm, '')
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .trim();
  const [about = '', ...tags] = text.split(/^@/m);
  const notes = tags.map((tag) => tag.replace(/\s+/g, ' ').trim()).map(noteOf);
  return { about: about.trim(), notes };
}

function noteOf(tag: string): string {
  const throws = /^throws (\w+) ?(.*)$/.exec(tag);
  if (throws !== null) return `Throws \`${throws[1]}\`: ${throws[2]}`;
  const parameter = /^param (\w+) ?(.*)$/.exec(tag);
  return parameter === null ? tag : `\`${parameter[1]}\` ${parameter[2]}`;
}
