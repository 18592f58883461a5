import { readFileSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { rolldown } from 'rolldown';

// Hundreds of small files take most of the time in which a program starts that imports them, zod's are a hundred more, and
// XState's are CommonJS, which Node reads twice to import. So what is shipped is a few large ones;
// docs/project/benchmarks.md has the figures.

const root = fileURLToPath(new URL('../..', import.meta.url));
process.chdir(root);

const { exports, dependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
};

const built = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [] : [entry.default]));
/** What the benchmarks measure by itself. */
const measured = [
  'src/inspect/live/watch/create-live-source',
  'src/wire/protobuf/struct-reader',
  'src/wire/protobuf/struct-writer',
];

const entries = [...built, './dist/src/cli/main.js']
  .map((file) => file.slice('./dist/'.length, -'.js'.length))
  .concat(measured);

/** The packages that are part of what is shipped; users still get their types from them. */
const builtIn = ['zod', 'xstate'];

const packages = [...Object.keys(dependencies), ...Object.keys(peerDependencies)].filter(
  (name) => !builtIn.includes(name),
);

interface Modules {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/** The modules that an entry loads without being asked for anything. */
class Reach {
  readonly #entry: string;
  #modules: ReadonlySet<string> | undefined;

  constructor(entry: string) {
    this.#entry = path.join(root, entry);
  }

  has(id: string, modules: Modules): boolean {
    if (this.#modules === undefined) {
      const reached = new Set([this.#entry]);
      for (const one of reached)
        for (const imported of modules.getModuleInfo(one)?.importedIds ?? []) reached.add(imported);
      this.#modules = reached;
    }
    return this.#modules.has(id);
  }
}

const command = new Reach('src/cli/main.ts');
const library = new Reach('src/index.ts');

/** Which file a module is in, so that each way to start loads a few, and little that it has no use for. */
function chunkOf(id: string, modules: Modules): string | null {
  const [, name] = /[\\/]node_modules[\\/]([^\\/]+)[\\/]/.exec(id) ?? [];
  if (name !== undefined) return name;
  if (!library.has(id, modules)) return null;
  if (id.includes('/machines/')) return 'machines';
  return command.has(id, modules) ? 'command' : 'library';
}

const bundle = await rolldown({
  input: Object.fromEntries(entries.map((entry) => [entry, `./${entry}.ts`])),
  platform: 'node',
  external: (id) => id.startsWith('node:') || packages.some((name) => id === name || id.startsWith(`${name}/`)),
  preserveEntrySignatures: 'allow-extension',
  transform: { target: 'node20.18' },
});
const { output } = await bundle.write({
  dir: 'dist',
  cleanDir: true,
  chunkFileNames: 'chunks/[name].js',
  // What users are told of a function is in its declaration.
  comments: { legal: true, annotation: true, jsdoc: false },
  codeSplitting: {
    includeDependenciesRecursively: false,
    groups: [{ name: chunkOf, debugName: 'what is loaded together' }],
  },
});
await bundle.close();

// With one letter beyond Latin-1, V8 keeps two bytes for each letter of a file, and collects its garbage the sooner for it.
for (const { fileName, ...file } of output) {
  if (!('code' in file) || !/[^\n\t -~]/.test(file.code)) continue;
  const { code } = await transform(file.code, { charset: 'ascii', target: 'node20.18' });
  await writeFile(path.join('dist', fileName), code);
}
for (const name of builtIn) await copyFile(`node_modules/${name}/LICENSE`, `dist/chunks/${name}.LICENSE`);
