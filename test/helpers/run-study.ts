import {
  type Coordinator,
  type CoordinatorOptions,
  createCoordinator,
} from '../../server/rounds/coordinator.ts';
import type { StudyResult } from '../../server/rounds/study-result.ts';
import { memoryStore } from '../../server/storage/memory.ts';
import { systemClock } from '../../shared/core/clock.ts';
import type { RoundReport } from '../../shared/protocol/round-report.ts';
import {
  FOUR_SITES,
  playSite,
  type SiteBehaviour,
  type SmallSite,
  STUDY_HASH,
  smallModel,
  smallStudy,
} from './federation.ts';

export interface StudyRun {
  readonly coordinator: Coordinator;
  readonly result: StudyResult;
  readonly reports: readonly RoundReport[];
}

export function startCoordinator(
  options: Partial<CoordinatorOptions> = {},
  sites: readonly SmallSite[] = FOUR_SITES,
): Promise<Coordinator> {
  return createCoordinator({
    study: smallStudy(),
    studyHash: STUDY_HASH,
    initialBlocks: async () => smallModel(),
    sizes: new Map(smallModel().map(({ layout }) => [layout.id, layout.size])),
    sites: sites.map(({ site }) => site),
    store: memoryStore(),
    clock: systemClock,
    ...options,
  });
}

/** A whole study over sites that answer at once. */
export async function runStudy(
  options: Partial<CoordinatorOptions> = {},
  behaviour: SiteBehaviour = {},
  sites: readonly SmallSite[] = FOUR_SITES,
): Promise<StudyRun> {
  const reports: RoundReport[] = [];
  const coordinator = await startCoordinator(
    { onRound: (report) => reports.push(report), ...options },
    sites,
  );
  await Promise.all(sites.map((site) => playSite(coordinator, site, behaviour)));
  return { coordinator, result: await coordinator.result(), reports };
}
