import { expect, it } from 'vitest';
import { participate } from '../../client/rounds/participant.ts';
import type { SecureParticipant } from '../../client/secagg/secure-participant.ts';
import { transientMemory } from '../../client/storage/site-memory.ts';
import { encoderBlock, JOINT_BLOCK, siteId } from '../../shared/core/ids.ts';
import { secureConsortium } from '../../simulations/engine/secure-consortium.ts';
import { CT, declarationOf, LABS, STUDY_HASH, smallStudy } from '../helpers/federation.ts';
import { startCoordinator } from '../helpers/run-study.ts';
import { tinyTrainer } from '../helpers/tiny-trainer.ts';

/** Six sites with labs, of which the last has no CT. */
const SITES = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter, i) => ({
  site: siteId(`site-${letter}`),
  patients: 40,
  labs: 40,
  ...(i < 5 && { ct: 40 }),
}));
const LAST = siteId('site-f');

/** The site, which leaves the second sum of round 1 and comes back for what follows. */
function leaving(participant: SecureParticipant): SecureParticipant {
  return {
    ...participant,
    async answer(instruction) {
      const { task, round } = instruction;
      const isSecond = task.kind === 'advertise' && task.context.iteration === 1;
      return round === 1 && isSecond ? undefined : participant.answer(instruction);
    },
  };
}

it('a block keeps its weights where a survivor is lost between two sums of a round, and the others go on', async () => {
  const plain = smallStudy({
    rounds: 2,
    merge: { minHolders: 5, robust: { kind: 'geometric-median', iterations: 3, smoothing: 0.01 } },
  });
  const study = { ...plain, privacy: { ...plain.privacy, secureAggregation: true } };
  const sites = SITES.map(({ site }) => site);
  const consortium = secureConsortium(study, STUDY_HASH, sites);
  if (consortium === undefined) throw new Error('no consortium');
  const port = await startCoordinator({ study, secure: consortium.terms }, SITES);
  await Promise.all(
    SITES.map((small) => {
      const { site } = small;
      const participant = consortium.participant(site, port);
      return participate({
        site,
        study,
        studyHash: STUDY_HASH,
        declaration: declarationOf(small),
        port,
        trainer: tinyTrainer(),
        memory: transientMemory('last-three'),
        secure: site === LAST ? leaving(participant) : participant,
        signal: new AbortController().signal,
      });
    }),
  );
  const { reports } = await port.result();
  const outcomes = reports.map(
    ({ blocks }) =>
      new Map(blocks.map(({ block, outcome, contributors }) => [block, { outcome, contributors }])),
  );
  const detail = expect.stringContaining('a survivor of the sum before was lost');
  for (const block of [encoderBlock(LABS), JOINT_BLOCK]) {
    // The first sum was revealed, and the report says of whom.
    expect(outcomes[0]?.get(block)).toEqual({
      outcome: { kind: 'kept', reason: 'not-revealed', detail },
      contributors: sites,
    });
    expect(outcomes[1]?.get(block)?.outcome.kind).toBe('merged');
  }
  expect(outcomes.map((round) => round.get(encoderBlock(CT))?.outcome.kind)).toEqual(['merged', 'merged']);
});
