import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { readSite } from '../../client/data/read-site.ts';
import { readSiteFile } from '../../client/data/site-file.ts';
import { readNodeFile } from '../../client/node/node-file.ts';
import { type TrainingPool, trainingPool } from '../../client/training/training-pool.ts';
import { decodeEvent } from '../../server/rounds/event-codec.ts';
import { recoverState } from '../../server/storage/recover.ts';
import { folderStore } from '../../server/storage/sqlite.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { openDocument, readSignedStudyText } from '../../shared/identity/signed-study.ts';
import { runFederation } from '../../simulations/engine/federation.ts';
import { transientStorage } from '../../simulations/engine/run-store.ts';
import { CALM } from '../../simulations/engine/scenario.ts';
import type { Trial } from '../../simulations/trial/make-trial.ts';

/** What the same study ends with as a simulation, on what the sites' own files lead to. */
export async function simulatedModel(trial: Trial): Promise<string> {
  const signed = readSignedStudyText(readFileSync(trial.signedStudy, 'utf8'));
  if (signed === undefined) throw new Error('a trial has a signed study');
  const { study } = openDocument(signed.document);
  const cohorts = await Promise.all(
    trial.sites.map(async ({ folder: home }) => {
      const nodeFile = join(home, 'site.yaml');
      const place = readNodeFile(readFileSync(nodeFile, 'utf8'), nodeFile).studies.get(study.id);
      if (place === undefined) throw new Error(`${home} does not map the study`);
      const mapping = join(home, place.mapping);
      const site = readSiteFile(readFileSync(mapping, 'utf8'), mapping, study);
      return (await readSite(study, site, { dataDir: resolve(home, place.data) })).cohort;
    }),
  );
  const pool: TrainingPool = await trainingPool({ workers: 1, backend: 'cpu' });
  try {
    const model = await runFederation({
      study,
      cohorts,
      scenario: CALM,
      pool,
      storage: transientStorage('all'),
      signal: new AbortController().signal,
    });
    return model.modelHash;
  } finally {
    await pool.close();
  }
}

/** What a coordinator that has ended left in its folder: its model, and how many contributions each round had. */
export async function storedResult(
  coordinator: string,
  hash: ContentHash,
): Promise<{ readonly modelHash: string; readonly contributions: ReadonlyMap<number, number> }> {
  const store = await folderStore(join(coordinator, 'studies', hash));
  try {
    const state = await recoverState(store);
    if (state.phase !== 'finished') throw new Error(`expected a finished study, got ${state.phase}`);
    const contributions = new Map<number, number>();
    for (const event of (await store.events.read()).map(decodeEvent)) {
      const isMasked =
        event.type === 'secure.received' && event.purpose === 'train' && event.message.stage === 'masking';
      if (!isMasked && event.type !== 'contribution.accepted') continue;
      contributions.set(event.round, (contributions.get(event.round) ?? 0) + 1);
    }
    return { modelHash: state.facts.reports.at(-1)?.modelHash ?? '', contributions };
  } finally {
    await store.events.close();
  }
}

/** Of loopback; the next one is as good as free. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  // The next one is wanted too; the kernel hands them out far apart.
  return port;
}
