/**
 * `npm run native`: builds the native TensorFlow backend where its own download fails (closed networks, a mirror only).
 * The addon of @tensorflow/tfjs-node is compiled against the C library inside a TensorFlow wheel. Repeatable: what is
 * there already is kept, and nothing in node_modules is touched except `@tensorflow/tfjs-node`.
 *
 * Large files live in CONSILIUM_CACHE, else $XDG_CACHE_HOME/consilium, else ~/.cache/consilium.
 * CONSILIUM_TENSORFLOW_WHEEL names a wheel that you fetched yourself; its hash is then printed, not checked.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  cpSync,
  createReadStream,
  existsSync,
  constants as fsConstants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const TFJS_NODE = '4.22.0';
const NODE_API_HEADERS = '1.9.0';
/** The Node-API level whose folder tfjs-node looks into on Node 20, 22 and 24; the addon works on all three. */
const NAPI = 8;
/** One wheel for every machine: only its C library is used, so the local Python's version does not matter. */
const WHEEL = {
  version: '2.21.0',
  file: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
};
const PIP_TARGET = [
  '--platform',
  'manylinux_2_27_x86_64',
  '--python-version',
  '3.11',
  '--abi',
  'cp311',
  '--implementation',
  'cp',
];
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const HEADERS = ['tensorflow', 'tsl', 'xla', 'absl', 'google'].map((name) => `tensorflow/include/${name}/`);

/**
 * TensorFlow announces oneDNN on the terminal while it is being loaded, before anyone could tell it not to. This addon
 * loads it with stderr set aside. A library that does not load says so again when tfjs-node asks for it.
 */
const QUIET = `
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <node_api.h>
#include <unistd.h>
NAPI_MODULE_INIT() {
  const char* level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  const bool speaks = level != nullptr && std::strcmp(level, "0") == 0;
  const int kept = speaks ? -1 : dup(2);
  const int nowhere = kept < 0 ? -1 : open("/dev/null", O_WRONLY);
  if (nowhere >= 0) dup2(nowhere, 2);
  dlopen("libtensorflow_cc.so.2", RTLD_NOW);
  if (nowhere >= 0) dup2(kept, 2);
  if (nowhere >= 0) close(nowhere);
  if (kept >= 0) close(kept);
  return exports;
}
`;

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const installed = join(root, 'node_modules', '@tensorflow', 'tfjs-node');
const cache = join(cacheFolder(), 'native');
const unpacked = join(cache, `tensorflow-${WHEEL.version}`);
const built = join(cache, `tfjs-node-${TFJS_NODE}-tensorflow-${WHEEL.version}`);

class Refusal extends Error {}

try {
  await main();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`native: ${error.message}\n`);
  process.stderr.write('native: nothing is lost; Consilium goes on with the wasm backend.\n');
  process.exitCode = 1;
}

async function main() {
  if (!existsSync(join(root, 'node_modules', '@tensorflow', 'tfjs'))) {
    throw new Refusal('node_modules/@tensorflow/tfjs: expected an installed tree. Run `npm install` first.');
  }
  if (existsSync(installed)) {
    const check = verify();
    if (check.ok) {
      say(`already works: ${check.text}`);
      return;
    }
    say('@tensorflow/tfjs-node is present without a working addon; building it');
  }
  refuseOtherPlatforms();
  const isUnpacked = existsSync(join(unpacked, 'complete'));
  const isBuilt = existsSync(join(built, 'package.json'));
  if (!isUnpacked || !isBuilt) {
    const python = requireTools();
    if (!isUnpacked) await unpackWheel(python);
    if (!isBuilt) buildPackage();
  }
  install();
  const check = verify();
  if (!check.ok) throw new Refusal(`the addon was built but does not run:\n${check.text}`);
  say(`works: ${check.text}`);
}

function say(line) {
  process.stdout.write(`native: ${line}\n`);
}

function cacheFolder() {
  if (process.env.CONSILIUM_CACHE) return resolve(process.env.CONSILIUM_CACHE);
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'consilium');
}

function refuseOtherPlatforms() {
  const glibc = process.report.getReport().header.glibcVersionRuntime;
  if (process.platform !== 'linux' || process.arch !== 'x64' || glibc === undefined) {
    const here = `${process.platform} ${process.arch}${process.platform === 'linux' && !glibc ? ' without glibc' : ''}`;
    throw new Refusal(`expected Linux on x86-64 with glibc, got ${here}: no build is known for it.`);
  }
  const [major, minor] = glibc.split('.').map(Number);
  if (major < 2 || (major === 2 && minor < 27))
    throw new Refusal(`expected glibc 2.27 or newer, got ${glibc}.`);
}

/** @returns the Python to use; names every missing tool at once, with the Debian package that brings it. */
function requireTools() {
  const missing = [];
  const python = ['python3', 'python'].find(isOnPath);
  if (python === undefined) missing.push('python3 (apt install python3)');
  const needsPip = !existsSync(join(unpacked, 'complete')) && !process.env.CONSILIUM_TENSORFLOW_WHEEL;
  if (python !== undefined && needsPip && spawnSync(python, ['-m', 'pip', '--version']).status !== 0) {
    missing.push('pip (apt install python3-pip)');
  }
  if (!isOnPath(compiler())) missing.push(`${compiler()} (apt install g++)`);
  if (!isOnPath('npm')) missing.push('npm (apt install npm)');
  if (!isOnPath('tar')) missing.push('tar (apt install tar)');
  if (missing.length > 0) throw new Refusal(`missing: ${missing.join(', ')}. Install and run again.`);
  return python;
}

function compiler() {
  return process.env.CXX || 'g++';
}

function isOnPath(command) {
  if (command.includes('/')) return existsSync(command);
  return (process.env.PATH || '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), fsConstants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs to the end; its output is shown only when it fails. */
function run(command, args, options) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 2 ** 20, ...options });
  if (result.error) throw new Refusal(`${command}: ${result.error.message}`);
  if (result.status !== 0) {
    const tail = `${result.stdout}${result.stderr}`.trim().split('\n').slice(-20).join('\n  ');
    throw new Refusal(
      `${command} ${args.join(' ')}\n  ended with ${result.status ?? result.signal}:\n  ${tail}`,
    );
  }
  return result.stdout;
}

/** A folder beside `target` that takes its place only when `fill` succeeded: a killed run leaves no half. */
function make(target, fill) {
  mkdirSync(dirname(target), { recursive: true });
  const draft = mkdtempSync(join(dirname(target), '.native-'));
  try {
    fill(draft);
    rmSync(target, { recursive: true, force: true });
    renameSync(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function unpackWheel(python) {
  mkdirSync(cache, { recursive: true });
  const wheel = await fetchWheel(python);
  say('unpacking its library and headers (0.9 GB)');
  make(unpacked, (draft) => {
    // Python's own unzip: one tool less to ask for.
    const script = [
      'import sys, zipfile',
      'wheel, target, wanted = sys.argv[1], sys.argv[2], tuple(sys.argv[3:])',
      'with zipfile.ZipFile(wheel) as z: z.extractall(target, [n for n in z.namelist() if n.startswith(wanted)])',
    ].join('\n');
    const wanted = [...LIBRARIES.map((name) => `tensorflow/${name}`), ...HEADERS];
    run(python, ['-c', script, wheel, draft, ...wanted]);
    for (const name of LIBRARIES) {
      if (!existsSync(join(draft, 'tensorflow', name)))
        throw new Refusal(`${wheel}: expected tensorflow/${name} in it.`);
    }
    writeFileSync(join(draft, 'complete'), '');
  });
  if (wheel === join(cache, WHEEL.file)) rmSync(wheel);
}

async function fetchWheel(python) {
  const own = process.env.CONSILIUM_TENSORFLOW_WHEEL;
  if (own) {
    if (!existsSync(own)) throw new Refusal(`CONSILIUM_TENSORFLOW_WHEEL: expected a file, got ${own}.`);
    say(`using ${own}, sha256 ${await sha256(own)} (not checked: it is yours)`);
    return own;
  }
  const wheel = join(cache, WHEEL.file);
  if (!existsSync(wheel)) {
    say(`downloading tensorflow-cpu ${WHEEL.version} with pip (274 MB)`);
    const options = ['--no-deps', '--only-binary=:all:', '--disable-pip-version-check', '-q', '-d', cache];
    run(python, ['-m', 'pip', 'download', ...options, ...PIP_TARGET, `tensorflow-cpu==${WHEEL.version}`]);
    if (!existsSync(wheel))
      throw new Refusal(`pip: expected ${WHEEL.file}, got ${readdirSync(cache).join(', ')}.`);
  }
  const found = await sha256(wheel);
  if (found !== WHEEL.sha256) {
    rmSync(wheel);
    throw new Refusal(
      `${WHEEL.file}: expected sha256 ${WHEEL.sha256}, got ${found}. It was removed; run again.`,
    );
  }
  say('its sha256 is the pinned one');
  return wheel;
}

async function sha256(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

/** The package with its own dependencies nested in it, except @tensorflow/tfjs: that is the tree's, one copy for all. */
function buildPackage() {
  say(`fetching @tensorflow/tfjs-node ${TFJS_NODE} with npm`);
  make(built, (draft) => {
    const npmOptions = ['--silent', '--ignore-scripts', '--no-audit', '--no-fund'];
    const pack = (spec) =>
      run('npm', ['pack', ...npmOptions, spec], { cwd: draft })
        .trim()
        .split('\n')
        .at(-1);
    run('tar', ['-xzf', pack(`@tensorflow/tfjs-node@${TFJS_NODE}`), '--strip-components=1'], { cwd: draft });
    mkdirSync(join(draft, 'headers'));
    const headers = pack(`node-api-headers@${NODE_API_HEADERS}`);
    run('tar', ['-xzf', headers, '--strip-components=1', '-C', 'headers'], { cwd: draft });

    const manifest = JSON.parse(readFileSync(join(draft, 'package.json'), 'utf8'));
    const { '@tensorflow/tfjs': _shared, ...dependencies } = manifest.dependencies;
    writeFileSync(
      join(draft, 'package.json'),
      JSON.stringify({ name: 'native', private: true, dependencies }),
    );
    run('npm', ['install', ...npmOptions, '--no-package-lock'], { cwd: draft });
    writeFileSync(join(draft, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);

    linkLibraries(draft);
    say(`compiling its addon with ${compiler()} (about 15 s)`);
    compile(draft);
    for (const entry of readdirSync(draft)) {
      if (entry === 'headers' || entry === 'src' || entry.endsWith('.tgz'))
        rmSync(join(draft, entry), { recursive: true });
    }
  });
}

function linkLibraries(draft) {
  const folder = join(draft, 'deps', 'lib');
  rmSync(join(draft, 'deps'), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const [library, framework] = LIBRARIES.map((name) => join(unpacked, 'tensorflow', name));
  symlinkSync(join(unpacked, 'tensorflow', 'include'), join(draft, 'deps', 'include'));
  symlinkSync(library, join(folder, 'libtensorflow_cc.so.2'));
  symlinkSync(library, join(folder, 'libtensorflow.so'));
  symlinkSync(framework, join(folder, 'libtensorflow_framework.so.2'));
  symlinkSync(framework, join(folder, 'libtensorflow_framework.so'));
}

/** What the package's binding.gyp asks for, without node-gyp: neither make nor Node's own headers are needed. */
function compile(draft) {
  const folder = join(draft, 'lib', `napi-v${NAPI}`);
  mkdirSync(folder, { recursive: true });
  const build = (target, sources, libraries) =>
    run(
      compiler(),
      [
        ...['-shared', '-fPIC', '-O2', '-std=c++17', '-w', `-DNAPI_VERSION=${NAPI}`],
        ...['-DNODE_GYP_MODULE_NAME=tfjs_binding', '-DBUILDING_NODE_EXTENSION'],
        ...['-I', 'headers/include', '-I', 'deps/include', '-I', '.', ...sources, '-o', join(folder, target)],
        ...['-L', 'deps/lib', ...libraries, '-Wl,-rpath,$ORIGIN/../../deps/lib'],
      ],
      { cwd: draft },
    );
  writeFileSync(join(draft, 'quiet.cc'), QUIET);
  build('quiet.node', ['quiet.cc'], ['-ldl']);
  const binding = ['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc'];
  build('tfjs_binding.node', binding, ['-ltensorflow', '-ltensorflow_framework']);
}

function install() {
  say('putting it into node_modules/@tensorflow/tfjs-node');
  make(installed, (draft) => {
    cpSync(built, draft, { recursive: true, verbatimSymlinks: true });
    linkLibraries(draft);
  });
}

/** A matMul and one fit of a convolution, in a process of its own: a broken addon may take its process along. */
function verify() {
  const script = `
    import util from 'node:util';
    util.isNullOrUndefined ??= (value) => value === null || value === undefined;
    util.isArray ??= Array.isArray;
    const tf = (await import('@tensorflow/tfjs-node')).default;
    const [product] = await tf.matMul([[1, 2]], [[3], [4]]).data();
    if (product !== 11) throw new Error('matMul: expected 11, got ' + product);
    const model = tf.sequential({ layers: [
      tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 2, kernelSize: 3, kernelInitializer: 'ones' }),
      tf.layers.flatten(), tf.layers.dense({ units: 1, kernelInitializer: 'ones' }),
    ] });
    model.compile({ loss: 'meanSquaredError', optimizer: tf.train.sgd(1e-7) });
    const { history } = await model.fit(tf.ones([4, 8, 8, 1]), tf.zeros([4, 1]), { epochs: 2, verbose: 0 });
    const [before, after] = history.loss;
    if (!(after < before)) throw new Error('fit: expected a falling loss, got ' + before + ', ' + after);
    process.stdout.write('tfjs-node ' + tf.version['tfjs-node'] + ' on TensorFlow ' + tf.backend().binding.TF_Version);`;
  const result = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: process.env.TF_CPP_MIN_LOG_LEVEL ?? '2' },
  });
  if (result.status === 0) return { ok: true, text: result.stdout.trim() };
  return { ok: false, text: `${result.stdout}${result.stderr}`.trim().split('\n').slice(-12).join('\n') };
}
