import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { builtInHooks } from '../../src/hooks/built-in-hooks.js';
import { anyRecord, textRecord } from '../../src/hooks/record-schemas.js';
import { type Declaration, readDeclarations } from './declarations.js';
import { type GeneratedFile, generatedNotice } from './generated-file.js';
import { schemaType } from './schema-type.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

const entryPoints = [
  { name: 'gatechart', file: 'src/index.ts', about: 'Everything a host or a plugin needs.' },
  { name: 'gatechart/machines', file: 'machines/index.ts', about: 'The statecharts themselves, as XState machines.' },
  { name: 'gatechart/inspect', file: 'src/inspect/index.ts', about: 'The inspector, recordings and their replay.' },
  { name: 'gatechart/plugins', file: 'src/catalogue/index.ts', about: 'The plugins that come with gatechart.' },
  {
    name: 'gatechart/opentelemetry',
    file: 'src/opentelemetry/index.ts',
    about: 'Spans and figures for `@opentelemetry/api`, which is yours to install.',
  },
  { name: 'gatechart/prometheus', file: 'src/prometheus/index.ts', about: 'The same figures for `prom-client`.' },
  { name: 'gatechart/express', file: 'src/adapters/express/index.ts', about: 'Middleware for Express.' },
  { name: 'gatechart/fastify', file: 'src/adapters/fastify/index.ts', about: 'A plugin for Fastify.' },
  { name: 'gatechart/hono', file: 'src/adapters/hono/index.ts', about: 'Middleware for Hono.' },
  { name: 'gatechart/ai', file: 'src/adapters/ai/index.ts', about: 'Tools of the AI SDK.' },
  {
    name: 'gatechart/openai-agents',
    file: 'src/adapters/openai-agents/index.ts',
    about: 'Guardrails for tools of the OpenAI Agents SDK.',
  },
  {
    name: 'gatechart/langchain',
    file: 'src/adapters/langchain/index.ts',
    about: 'Middleware for agents of LangChain.',
  },
  { name: 'gatechart/testing', file: 'src/testing/index.ts', about: "What users' own tests need." },
];

/** Heading of a folder's exports, in the order of the page; other folders follow under their own names. */
const groups = new Map([
  ['src/manager', 'The manager'],
  ['src/context', 'Contexts of a request'],
  ['src/hooks', 'Hooks, payloads and results'],
  ['src/plugins', 'Plugins'],
  ['src', 'Errors'],
  ['src/config', 'Configuration'],
  ['src/hosting', 'Serving plugins'],
  ['src/serving', 'Serving plugins'],
  ['src/connection', 'Connections'],
  ['src/actors', 'Inspection'],
  ['xstate', 'Inspection'],
  ['src/observability', 'Logs and spans'],
  ['src/wire', 'Serving plugins'],
  ['src/transports', 'Connections'],
  ['src/time', 'Time and randomness'],
]);

/** The page of everything that is exported. */
export function generateApi(): GeneratedFile[] {
  const present = entryPoints.filter(({ file }) => existsSync(join(root, file)));
  const exported = present.map((entry) => ({ ...entry, exports: exportsOf(entry.file) }));
  const modules = exported.flatMap(({ exports }) => exports.map(({ module }) => module));
  const declarations = readDeclarations(root, [...new Set(modules)]);
  const sections = exported.flatMap(({ name, about, exports }) => [
    `## ${name}`,
    `\`import { … } from '${name}'\`. ${about}`,
    ...groupsOf(exports).flatMap(([title, members]) => [
      ...(name === 'gatechart' ? [`### ${title}`] : []),
      ...members.flatMap((member) => entry(member, declarations)),
    ]),
  ]);
  const intro =
    'Everything that is exported, by name. Codes after “Throws” are explained in [errors](errors.md). Times are milliseconds unless a name says otherwise. Comments inside a signature belong to it.';
  const content = [generatedNotice, '# API', intro, ...sections].join('\n\n');
  return [{ path: 'docs/reference/api.md', content: `${content}\n` }];
}

interface Export {
  readonly name: string;
  /** Source file from the root, or the package it comes from. */
  readonly module: string;
}

/** The names an index file exports; it says all of them in braces, and says nothing else. */
function exportsOf(file: string): Export[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']+)';$/gm)].flatMap(([, names = '', from = '']) => {
    const module = from.startsWith('.') ? sourceOf(file, from) : from;
    const listed = names.split(',').map((name) => name.trim().replace(/^type /, ''));
    return listed.filter((name) => name !== '').map((name) => ({ name, module }));
  });
}

function sourceOf(file: string, from: string): string {
  return relative(root, join(root, dirname(file), from.replace(/\.js$/, '.ts')));
}

function groupsOf(exports: readonly Export[]): [string, Export[]][] {
  const titles = new Map<string, Export[]>([...groups.values()].map((title) => [title, []]));
  for (const member of exports) {
    const folder = layerOf(member.module);
    const title = groups.get(folder) ?? folder;
    titles.set(title, [...(titles.get(title) ?? []), member]);
  }
  return [...titles].filter(([, members]) => members.length > 0);
}

/** `src/transports` for whatever lies in that folder or below it. */
function layerOf(module: string): string {
  return module.includes('/') ? dirname(module).split('/', 2).join('/') : module;
}

function entry({ name, module }: Export, declarations: ReadonlyMap<string, Declaration>): string[] {
  const heading = `#### ${name}`;
  if (!module.endsWith('.ts')) return [heading, `The type of that name of \`${module}\`.`];
  const declaration = declarations.get(`${module}#${name}`);
  if (declaration === undefined) throw new Error(`${module} declares no ${name}`);
  const payload = payloadType(declaration.signature);
  const type = payload === undefined ? listedType(declaration.signature, module, declarations) : ` ${payload.type}`;
  const signature = type === undefined ? declaration.signature : `type ${name} =${type};`;
  const about = declaration.about === '' ? (payload?.about ?? '') : declaration.about;
  if (about === '') throw new Error(`${module}: ${name} is exported and has no docstring`);
  return [heading, about, `\`\`\`ts\n${signature}\n\`\`\``, ...declaration.notes];
}

const hookAlias = /= BuiltInHooks\['(\w+)'\]\['(payload|result)'\]/;

/** The fields of a built-in hook, written out. */
function payloadType(signature: string): { type: string; about: string } | undefined {
  const [, name, part] = hookAlias.exec(signature) ?? [];
  const hook = builtInHooks.find((candidate) => candidate.name === name);
  if (hook === undefined) return undefined;
  const schema: z.ZodType = part === 'result' && 'result' in hook ? hook.result : hook.payload;
  const about = part === 'result' ? `What plugins on \`${name}\` answer.` : `The payload of \`${name}\`.`;
  return {
    type: schemaType(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', override: describeRecord })),
    about,
  };
}

const listAlias = /= \(typeof (\w+)\)\[number\];$/;

/** What is in a list, written out: the list itself is not exported. */
function listedType(
  signature: string,
  module: string,
  declarations: ReadonlyMap<string, Declaration>,
): string | undefined {
  const [, list = ''] = listAlias.exec(signature) ?? [];
  const words = declarations.get(`${module}#${list}`)?.signature.match(/'[^']*'/g);
  return words?.map((word) => `\n  | ${word}`).join('');
}

/** The schemas of records are functions, of which zod says nothing. */
function describeRecord({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: unknown;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}): void {
  if (zodSchema !== anyRecord && zodSchema !== textRecord) return;
  jsonSchema.type = 'object';
  jsonSchema.additionalProperties = zodSchema === textRecord ? { type: 'string' } : {};
}
