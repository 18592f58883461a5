import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// Makes the page of the inspector: one file with its script and its style, and beside it the hashes that its content
// security policy names. Part of `npm run build`.

const folder = path.dirname(fileURLToPath(import.meta.url));
const target = path.join(folder, '..', '..', '..', '..', 'dist', 'src', 'inspect', 'live', 'page');

const options = {
  bundle: true,
  minify: true,
  write: false,
  legalComments: 'none',
  target: 'es2022',
  // `h("p", {}, child)` is shorter than `jsx("p", { children: child })`, hundreds of times.
  jsx: 'transform',
  jsxFactory: 'h',
  jsxFragment: 'Fragment',
} as const;
const script = await bundled('main.tsx');
const style = await bundled('page.css');
const html = [
  '<!doctype html><html lang="en"><head><meta charset="utf-8">',
  '<meta name="viewport" content="width=device-width, initial-scale=1">',
  '<title>gatechart</title><link rel="icon" href="data:,">',
  `<style>${style}</style></head><body><script>${script}</script></body></html>`,
].join('');
await mkdir(target, { recursive: true });
await writeFile(path.join(target, 'page.html'), html);
await writeFile(path.join(target, 'page.json'), JSON.stringify({ script: hashOf(script), style: hashOf(style) }));

async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    ...options,
    entryPoints: [path.join(folder, entry)],
    // That of the folder says how types are checked, and would decide how elements are made.
    tsconfigRaw: {},
    inject: entry.endsWith('.tsx') ? [fileURLToPath(import.meta.resolve('./elements.ts'))] : [],
    format: 'iife',
    charset: 'utf8',
  });
  const text = outputFiles[0]?.text.trim() ?? '';
  // Would end the element that it is in.
  if (/<\/(?:script|style)/i.test(text)) throw new Error(`${entry}: the bundle has an end tag in it`);
  return text;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
