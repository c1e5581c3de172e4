import { PART, type SiteCohort } from '../../client/data/cohort.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import { chooseBackend } from '../../shared/compute/backend.ts';
import type { CommandIo } from '../../shared/core/command-io.ts';
import { enrolled } from '../cohorts/enrolled.ts';
import type { TrainedModel } from '../engine/federation.ts';
import type { AuditReport } from './audit-report.ts';
import type { PlantedCanaries } from './canary-scan.ts';
import { claimAudit } from './claim-audit.ts';
import { inversionReport } from './inversion-attack.ts';
import { membershipReport } from './model-membership.ts';

/** Of pictures: half a minute on two cores. */
const SEARCH = { searched: 2, steps: 600, restarts: 1 };

export interface AuditInput {
  readonly model: TrainedModel;
  readonly cohorts: readonly SiteCohort[];
  /** Planted before the run that trained the model. */
  readonly canaries: PlantedCanaries;
  readonly pool: TrainingPool;
  readonly io: CommandIo;
}

/**
 * Attacks a study that has just been run. Computes in this thread, on the backend of the pool, which becomes the current one.
 * @throws ConsiliumError `PRIVACY_INVALID`; whatever aborted `io.signal`.
 */
export async function runAudit({ model, cohorts, canaries, pool, io }: AuditInput): Promise<AuditReport> {
  const startedMs = performance.now();
  const { study } = model;
  const sites = enrolled(cohorts);
  io.progress('audit: membership by the published model');
  const membership = await membershipReport(model, sites, pool);
  io.signal.throwIfAborted();
  io.progress('audit: membership by updates');
  const patients = Math.max(1, ...sites.map(({ part }) => part.filter((each) => each === PART.train).length));
  const claim = await claimAudit(study, patients);
  io.signal.throwIfAborted();
  io.progress('audit: pictures from updates');
  await chooseBackend({ prefer: pool.backend.name });
  const inversion = await inversionReport(study, { ...SEARCH, signal: io.signal });
  const seconds = (performance.now() - startedMs) / 1000;
  return { inversion, claim, membership, canaries: canaries.result(), seconds };
}
