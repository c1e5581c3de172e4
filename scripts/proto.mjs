// Generates shared/wire/generated from proto/, and checks the contract. Nothing of it is needed at run time.
//   node scripts/proto.mjs            writes the generated files
//   node scripts/proto.mjs --check    fails where they differ from what proto/ gives, or where buf finds fault
//   node scripts/proto.mjs --release  makes today's contract the one that later ones must not break
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PACKAGE = 'consilium.v1';
const SOURCES = readdirSync(join(ROOT, 'proto/consilium/v1')).sort();
const OUT = join(ROOT, 'shared/wire/generated');
/** The contract of the last release, as a descriptor image. */
const RELEASED = 'proto/released.binpb';
const DEFAULT_MAX_REQUEST_BYTES = 64 * 1024;
const DEFAULT_MAX_REPLY_BYTES = 1024 * 1024;
const HEADER = '// Generated from proto/ by `npm run proto`. Not to be edited.\n';

const mode = process.argv[2];
if (mode === '--release') {
  bin('buf', 'build', '--exclude-source-info', '-o', RELEASED);
} else if (mode === '--check') {
  bin('buf', 'lint');
  bin('buf', 'breaking', '--against', RELEASED);
  const stale = [...generate()].filter(([name, content]) => read(join(OUT, name)) !== content);
  if (stale.length > 0) {
    console.error(`shared/wire/generated: ${stale.map(([name]) => name).join(', ')}: run \`npm run proto\`.`);
    process.exit(1);
  }
} else {
  mkdirSync(OUT, { recursive: true });
  for (const [name, content] of generate()) writeFileSync(join(OUT, name), content);
}

/** The generated files by name. */
function generate() {
  const root = loadContract();
  const contract = root.lookup(PACKAGE);
  const messages = contract.nestedArray.filter((entry) => entry instanceof protobuf.Type);
  const services = contract.nestedArray.filter((entry) => entry instanceof protobuf.Service);
  const table = Object.fromEntries(messages.map((message) => [message.name, scanFields(message)]));
  const methods = Object.fromEntries(
    services.flatMap((service) => service.methodsArray.map((method) => methodEntry(service, method, table))),
  );
  return new Map([
    ...messageCode(messages),
    ['scan-table.ts', tableModule('SCAN_TABLE', 'ScanTable', '../scan-field.ts', table)],
    [
      'methods.ts',
      `${tableModule('METHODS', 'MethodTable', '../method.ts', methods)}\nexport type MethodPath = keyof typeof METHODS;\n`,
    ],
  ]);
}

function loadContract() {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) =>
    target.startsWith('google/')
      ? fileURLToPath(new URL(target, import.meta.resolve('protobufjs/package.json')))
      : join(ROOT, 'proto', target);
  root.loadSync(SOURCES.map((name) => `consilium/v1/${name}`));
  return root.resolveAll();
}

/** What the scan must know of each field of a message, by number. Refuses what the scan does not know how to bound. */
function scanFields(message) {
  const entries = message.fieldsArray.map((field) => {
    const place = `${message.name}.${field.name}`;
    if (field.map) throw new Error(`${place}: map fields are not used; repeat a message with a key`);
    const entry = { name: field.name, ...kindOf(field, place) };
    // proto3's `optional` is a oneof of one member.
    const oneof = field.partOf?.fieldsArray.length > 1 ? field.partOf.name : undefined;
    if (oneof !== undefined) entry.oneof = oneof;
    if (field.repeated) {
      if (!('maxBytes' in entry) && !('message' in entry)) {
        throw new Error(`${place}: numbers are not repeated; send their bytes`);
      }
      entry.maxItems = required(field, '(max_items)', place);
    }
    return [field.id, entry];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => a - b));
}

function kindOf(field, place) {
  if (field.resolvedType instanceof protobuf.Enum) return { kind: 'uint32' };
  if (field.resolvedType instanceof protobuf.Type)
    return { kind: 'message', message: field.resolvedType.name };
  switch (field.type) {
    case 'uint32':
    case 'uint64':
    case 'bool':
    case 'double':
      return { kind: field.type };
    case 'string':
    case 'bytes':
      return { kind: field.type, maxBytes: required(field, '(max_bytes)', place) };
    default:
      throw new Error(`${place}: the scan does not know ${field.type}`);
  }
}

function required(field, option, place) {
  const value = field.options?.[option];
  if (!(value > 0)) throw new Error(`${place}: needs ${option}`);
  return value;
}

function methodEntry(service, method, table) {
  const path = `/${PACKAGE}.${service.name}/${method.name}`;
  const { options = {} } = method;
  const [requestBody, replyBody] = [options['(request_body)'], options['(reply_body)']];
  for (const body of [requestBody, replyBody]) {
    if (!Object.hasOwn(table, body)) throw new Error(`${path}: no message ${body}`);
  }
  const authentication = options['(authentication)']?.replace('AUTHENTICATION_', '');
  if (authentication === undefined) throw new Error(`${path}: needs (authentication)`);
  return [
    path,
    {
      service: service.name,
      name: method.name,
      request: method.resolvedRequestType.name,
      reply: method.resolvedResponseType.name,
      requestBody,
      replyBody,
      requestStream: method.requestStream === true,
      replyStream: method.responseStream === true,
      maxRequestBytes: options['(max_request_bytes)'] ?? DEFAULT_MAX_REQUEST_BYTES,
      maxReplyBytes: options['(max_reply_bytes)'] ?? DEFAULT_MAX_REPLY_BYTES,
      authentication: authentication.toLowerCase().replaceAll('_', '-'),
    },
  ];
}

/** Encoders and decoders of all messages; the options of the contract itself are left out. */
function messageCode(messages) {
  const scratch = mkdtempSync(join(tmpdir(), 'consilium-proto-'));
  try {
    const filter = join(scratch, 'filter.json');
    writeFileSync(filter, JSON.stringify({ messageNames: messages.map(({ name }) => `${PACKAGE}.${name}`) }));
    const [plain, commented, types] = ['plain.js', 'commented.js', 'types.d.ts'].map((n) => join(scratch, n));
    const target = ['-t', 'static-module', '-w', 'es6', '--es6', '--force-number', '--filter', filter];
    const without = ['create', 'verify', 'convert', 'delimited', 'typeurl', 'service'].map(
      (n) => `--no-${n}`,
    );
    const files = SOURCES.map((name) => `proto/consilium/v1/${name}`);
    bin('pbjs', ...target, ...without, '-p', 'proto', '--no-comments', '-o', plain, ...files);
    // The types are read from the comments, which the code itself is half as long without.
    bin('pbjs', ...target, ...without, '-p', 'proto', '-o', commented, ...files);
    bin('pbts', '-o', types, commented);
    return [
      ['consilium.js', HEADER + readFileSync(plain, 'utf8')],
      // 64-bit fields are numbers here, so the types need no Long.
      ['consilium.d.ts', HEADER + readFileSync(types, 'utf8').replace(/^import Long = .*\n/m, '')],
    ];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function tableModule(name, type, from, table) {
  const literal = JSON.stringify(table, undefined, 2);
  return `${HEADER}import type { ${type} } from '${from}';\n\nexport const ${name} = ${literal} as const satisfies ${type};\n`;
}

function bin(name, ...args) {
  execFileSync(join(ROOT, 'node_modules/.bin', name), args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
