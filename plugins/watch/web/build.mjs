// Bundles the page into a directory and writes the two sources that embed it into the plugin library.
//
//   node build.mjs OUTPUT_DIRECTORY [--debug]
//
// OUTPUT_DIRECTORY receives assets/ (every file named by the hash of its content), index.html, EmbeddedFiles.S and
// EmbeddedFiles.cpp.

import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const PUBLIC_PATH = '/watch/assets';
const TYPES = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
};

const here = dirname(fileURLToPath(import.meta.url));
const arguments_ = process.argv.slice(2);
const debug = arguments_.includes('--debug');
const output = resolve(arguments_.find((argument) => !argument.startsWith('--')) ?? join(here, 'dist'));
const assets = join(output, 'assets');
rmSync(assets, { recursive: true, force: true });
mkdirSync(assets, { recursive: true });

function hashOf(content) {
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}

/** Copies a file under a name that holds its content's hash; returns its public address. */
function publish(source) {
  const extension = extname(source);
  const name = `${basename(source, extension)}-${hashOf(readFileSync(source))}${extension}`;
  copyFileSync(source, join(assets, name));
  return `${PUBLIC_PATH}/${name}`;
}

const hlsWorker = publish(join(here, 'node_modules/hls.js/dist/hls.worker.js'));
const icon = publish(join(here, 'src/icon.svg'));

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ['src/main.ts', 'src/styles/main.css'],
  outdir: assets,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: ['chrome110', 'firefox115', 'safari16'],
  minify: !debug,
  sourcemap: debug ? 'inline' : false,
  legalComments: 'linked',
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  publicPath: PUBLIC_PATH,
  define: { HLS_WORKER_URL: JSON.stringify(hlsWorker) },
  metafile: true,
  logLevel: 'warning',
});

function outputOf(entryPoint) {
  const found = Object.entries(metafile.outputs).find(([, value]) => value.entryPoint === entryPoint);
  return `${PUBLIC_PATH}/${basename(found[0])}`;
}

const page = readFileSync(join(here, 'src/index.html'), 'utf8')
  .replace('@icon@', icon)
  .replace('@style@', outputOf('src/styles/main.css'))
  .replace('@script@', outputOf('src/main.ts'));
writeFileSync(join(output, 'index.html'), page);

const files = [
  { path: join(output, 'index.html'), name: 'index.html' },
  { path: join(here, 'src/icon.svg'), name: 'favicon.svg' },
  ...readdirSync(assets)
    .sort()
    .map((name) => ({ path: join(assets, name), name: `assets/${name}` })),
].map((file, index) => ({ ...file, symbol: `watchFile${index}`, hash: hashOf(readFileSync(file.path)) }));

writeFileSync(
  join(output, 'EmbeddedFiles.S'),
  [
    '    .section .note.GNU-stack,"",@progbits',
    '    .section .rodata',
    ...files.flatMap(({ path, symbol }) => [
      `    .global ${symbol}Begin, ${symbol}End`,
      `    .hidden ${symbol}Begin, ${symbol}End`,
      `${symbol}Begin:`,
      `    .incbin ${JSON.stringify(path)}`,
      `${symbol}End:`,
    ]),
    '',
  ].join('\n'),
);

writeFileSync(
  join(output, 'EmbeddedFiles.cpp'),
  [
    '#include "EmbeddedFile.h"',
    '',
    'extern "C" {',
    ...files.map(
      ({ symbol }) => `extern __attribute__((visibility("hidden"))) const char ${symbol}Begin[], ${symbol}End[];`,
    ),
    '}',
    '',
    'namespace playhouse::watch {',
    '',
    'std::vector<EmbeddedFile> embeddedFiles() {',
    '    const auto text = [](const char* begin, const char* end) {',
    '        return std::string_view(begin, static_cast<std::size_t>(end - begin));',
    '    };',
    '    return {',
    ...files.map(({ name, symbol, hash }) => {
      const type = TYPES[extname(name)] ?? 'application/octet-stream';
      return `        {"${name}", "${type}", "${hash}", text(${symbol}Begin, ${symbol}End)},`;
    }),
    '    };',
    '}',
    '',
    '}  // namespace playhouse::watch',
    '',
  ].join('\n'),
);
