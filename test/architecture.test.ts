import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What each folder may import of ours. `shared` knows nobody; `client` and `server` never meet. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  shared: ['shared'],
  client: ['client', 'shared'],
  server: ['server', 'shared'],
  simulations: ['simulations', 'client', 'server', 'shared'],
  bin: ['bin', 'simulations', 'client', 'server', 'shared'],
};

/** The layers of `shared`, lowest first; folders of one layer do not know each other, except as `BESIDE` says. */
const LAYERS: readonly (readonly string[])[] = [
  ['core'],
  ['config'],
  ['crypto'],
  ['tensor'],
  ['compute', 'study', 'model', 'merge', 'metrics', 'privacy'],
  ['protocol'],
  ['identity'],
  ['audit'],
  ['wire'],
  ['transport', 'secagg'],
];

const BESIDE: Readonly<Record<string, readonly string[]>> = { model: ['compute', 'study'], merge: ['study'] };

/** One door per foreign library: the only paths that may import it. A library without a line is refused. */
const DOORS: readonly (readonly [library: RegExp, door: RegExp])[] = [
  [/^@tensorflow\//, /^shared\/compute\/tf\.ts$/],
  [/^protobufjs/, /^shared\/wire\//],
  [/^shared\/wire\/generated\/.*\.js$/, /^shared\/wire\/[\w-]+\.ts$/],
  [/^grpc-health-check$/, /^server\/rpc\//],
  [
    /^@grpc\/grpc-js$/,
    /^(shared\/transport\/|server\/rpc\/|client\/rpc\/|simulations\/benchmarks\/raw-stream)/,
  ],
  [/^(tweetnacl|(node:)?crypto)$/, /^shared\/crypto\//],
  [/^(@peculiar\/x509|reflect-metadata|shamir-secret-sharing)$/, /^shared\/crypto\//],
  [/^@duckdb\//, /^client\/data\//],
  [/^fhirpath(\/|$)/, /^client\/data\/records\/fhirpath\.ts$/],
  [/^@huggingface\/tokenizers$/, /^client\/data\/media\/subword-tokenizer\.ts$/],
  [/^onnxruntime-node$/, /^client\/data\/media\/onnx-encoder\.ts$/],
  [/^piscina$/, /^client\/data\/media\/decode-pool\.ts$/],
  [/^dicom-parser$/, /^client\/data\/images\/dicom\/attributes\.ts$/],
  [/^@cornerstonejs\//, /^client\/data\/images\/dicom\/codecs\.ts$/],
  [/^sharp$/, /^client\/data\/images\/raster\/sharp\.ts$/],
  [/^(pngjs|jpeg-js)$/, /^client\/data\/images\/raster\/plain\.ts$/],
  [/^@photostructure\/sqlite$/, /^(server|client)\/storage\//],
  [/^vega(-lite)?$/, /^simulations\/report\//],
  [/^yaml$/, /^shared\/config\//],
  [/^zod$/, /^(shared|client|server|simulations)\//],
  [/^commander$/, /^bin\//],
  [/^prom-client$/, /^server\/metrics\//],
  [/^pino$/, /^bin\/log\.ts$/],
  [
    /^((node:)?worker_threads|tsx(\/.*)?)$/,
    /^(simulations\/engine|client\/training|server\/secagg|bin)\/|^shared\/core\/start-worker\.ts$/,
  ],
  [/^(node:)?process$/, /^bin\//],
];

const FILES = Object.keys(MAY_IMPORT).flatMap(filesUnder);

describe('architecture', () => {
  it('lets each folder import only the folders it may', () => {
    const offences = ours(FILES).filter(
      ([file, target]) => !(MAY_IMPORT[folder(file)] as readonly string[]).includes(folder(target)),
    );
    expect(offences).toEqual([]);
  });

  it('lets a part of shared import only lower layers', () => {
    const offences = ours(FILES.filter((file) => folder(file) === 'shared'))
      .map(([file, target]) => [file, target, part(file), part(target)] as const)
      .filter(([, , from, to]) => from !== to && !layersBelow(from).includes(to))
      .map(([file, target]) => [file, target]);
    expect(offences).toEqual([]);
  });

  it('has a layer for every part of shared', () => {
    const known = LAYERS.flat();
    const files = FILES.filter((file) => folder(file) === 'shared');
    expect(files.filter((file) => !known.includes(part(file)))).toEqual([]);
  });

  it('has no import loop, type imports included', () => {
    expect(firstLoop(FILES)).toEqual([]);
  });

  it('imports only files that exist, with their extension', () => {
    expect(ours(FILES).filter(([, target]) => !existsSync(join(ROOT, target)))).toEqual([]);
  });

  it('lets each foreign library in by its own door', () => {
    const offences = foreign(FILES).filter(([file, library]) => {
      const doors = DOORS.filter(([name]) => name.test(library));
      if (doors.length === 0) return !library.startsWith('node:');
      return !doors.some(([, door]) => door.test(file));
    });
    expect(offences).toEqual([]);
  });

  it('takes randomness and time only through their ports', () => {
    expect(FILES.filter((file) => text(file).includes('Math.random('))).toEqual([]);
    const clocks = FILES.filter((file) => /Date\.now\(|new Date\(\)/.test(text(file)));
    expect(clocks.filter((file) => file !== 'shared/core/clock.ts')).toEqual([]);
  });

  it('reads arguments and environment, and exits, only in bin and worker entries', () => {
    const rest = FILES.filter((file) => folder(file) !== 'bin' && !/(^|-)worker\.ts$/.test(basename(file)));
    const offences = rest.flatMap((file) =>
      text(file)
        .split('\n')
        .filter((line) => /^(?!\s*(\*|\/[/*])).*process\.(argv|env|exit)\b/.test(line))
        // The native addon is configured by its environment alone: shared/compute may set and report that.
        .filter((line) => !(file.startsWith('shared/compute/') && /process\.env\['TF_\w+'\]/.test(line)))
        .map((line) => `${file}: ${line.trim()}`),
    );
    expect(offences).toEqual([]);
  });

  it('keeps TensorFlow out of everything that the coordinator reaches', () => {
    const reached = reachableFrom(FILES.filter((file) => folder(file) === 'server'));
    expect(foreign(reached).filter(([, library]) => library.startsWith('@tensorflow/'))).toEqual([]);
  });

  it('has no barrel and no file without a name of its own', () => {
    const nameless = /^(index|utils?|helpers?|types|common|misc)\.ts$/;
    expect(FILES.filter((file) => nameless.test(basename(file)))).toEqual([]);
  });
});

/** The paths, from the root, of all TypeScript files under `path`. */
function filesUnder(path: string): string[] {
  if (!existsSync(join(ROOT, path))) return [];
  return readdirSync(join(ROOT, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length));
}

function text(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** The ways to import; SQL such as `from 'table.csv'` inside a string is not one of them. */
const IMPORTS = [
  /^[ \t]*(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])([^'"\n]+)\1/gm,
  /^[ \t]*import\s*(['"])([^'"\n]+)\1/gm,
  /\b(?:import|require)\(\s*(['"])([^'"\n]+)\1/g,
];

/** What `file` imports, static or dynamic: a path from the root for ours, the bare name for others. */
function imports(file: string): string[] {
  return IMPORTS.flatMap((pattern) => [...text(file).matchAll(pattern)])
    .map((match) => match[2] as string)
    .map((target) => (target.startsWith('.') ? normalize(join(dirname(file), target)) : target));
}

function ours(files: readonly string[]): [file: string, target: string][] {
  return edges(files).filter(([, target]) => target.endsWith('.ts'));
}

function foreign(files: readonly string[]): [file: string, library: string][] {
  return edges(files).filter(([, target]) => !target.endsWith('.ts'));
}

function edges(files: readonly string[]): [string, string][] {
  return files.flatMap((file) => imports(file).map((target): [string, string] => [file, target]));
}

function folder(file: string): string {
  return file.split('/')[0] as string;
}

function part(file: string): string {
  return file.split('/')[1] as string;
}

function layersBelow(name: string): readonly string[] {
  const level = LAYERS.findIndex((layer) => layer.includes(name));
  return [...LAYERS.slice(0, Math.max(level, 0)).flat(), ...(BESIDE[name] ?? [])];
}

function reachableFrom(files: readonly string[]): string[] {
  const reached = new Set(files);
  for (const file of reached) {
    for (const [, target] of ours([file])) if (existsSync(join(ROOT, target))) reached.add(target);
  }
  return [...reached];
}

/** The files of one import loop, or none. */
function firstLoop(files: readonly string[]): string[] {
  const graph = new Map(files.map((file) => [file, ours([file]).map(([, target]) => target)]));
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const target of graph.get(file) ?? []) {
      const loop = visit(target, [...path, file]);
      if (loop.length > 0) return loop;
    }
    done.add(file);
    return [];
  };
  for (const file of files) {
    const loop = visit(file, []);
    if (loop.length > 0) return loop;
  }
  return [];
}
