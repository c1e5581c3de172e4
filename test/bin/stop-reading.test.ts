import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { folderWith } from '../client/data/site-folder.ts';
import { pngFile } from '../helpers/image-files.ts';

// A whole process that starts from source.
vi.setConfig({ testTimeout: 120_000 });

const PATIENTS = 400;
const patients = Array.from({ length: PATIENTS }, (_, i) => `p${i}`);
const png = (i: number) =>
  pngFile({ width: 300, height: 300, channels: 1, samples: new Uint8Array(90_000).fill(i % 251) });

const FILES = {
  'study.yaml': `
study: small
task: { kind: binary, label: ill }
modalities:
  xray: { kind: image, height: 32, width: 32, channels: 1, filters: [4] }
merge: { minPatients: 1 }
`,
  'north.site.yaml': `
site: north
data:
  patients: { file: patients.csv, id: pid, label: ill }
  modalities:
    xray: { files: 'images/{patient}.png' }
`,
  'patients.csv': `pid,ill\n${patients.map((id, i) => `${id},${i % 2}`).join('\n')}\n`,
  ...Object.fromEntries(patients.map((id, i) => [`images/${id}.png`, png(i)])),
};

describe('consilium, stopped while it reads images', () => {
  it('ends with exit code 1, the cache in order and what it decoded kept', async () => {
    const folder = folderWith(FILES);
    try {
      const child = spawn(
        process.execPath,
        [
          ...[
            '--import',
            'tsx',
            'bin/consilium.ts',
            'site',
            'check-data',
            join(folder.path, 'north.site.yaml'),
          ],
          ...['--study', join(folder.path, 'study.yaml'), '--cache', join(folder.path, 'cache')],
        ],
        { cwd: fileURLToPath(new URL('../..', import.meta.url)), stdio: ['ignore', 'ignore', 'pipe'] },
      );
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (!stderr.includes('reading') && text.includes('reading')) child.kill('SIGINT');
        stderr += text;
      });
      const exitCode = await new Promise((resolve) => child.on('close', resolve));
      expect(stderr).toContain(`of ${PATIENTS} patients`);
      expect(stderr).toContain('stopping cleanly');
      expect(stderr).toContain('INTERRUPTED');
      expect(exitCode).toBe(1);
      const [prepared] = readdirSync(join(folder.path, 'cache'));
      const home = join(folder.path, 'cache', prepared as string);
      expect(readdirSync(home).filter((name) => name.startsWith('writer'))).toEqual([]);
      const lines = readFileSync(join(home, 'index'), 'utf8').trimEnd().split('\n');
      expect(lines.length).toBeGreaterThan(1);
      expect(lines.length).toBeLessThan(1 + PATIENTS);
    } finally {
      folder.remove();
    }
  });
});
