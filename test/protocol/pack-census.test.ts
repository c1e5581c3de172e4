import { describe, expect, it } from 'vitest';
import { declare } from '../../client/data/census.ts';
import { type BlockId, encoderBlock, siteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { agreeCensus, censusOf } from '../../shared/protocol/census.ts';
import type { Declaration } from '../../shared/protocol/messages.ts';
import { heldOnly, packCensus, type SummedBlock, unpackCensus } from '../../shared/protocol/pack-census.ts';
import { addInto } from '../../shared/tensor/ring.ts';
import { ECG, HOSPITALS, hospitalCohorts, hospitalStudy } from '../helpers/small-hospitals.ts';

const study = hospitalStudy();
const declarations = hospitalCohorts().map((cohort) => declare(study, sha256('study'), cohort, 1));

function summed(all: readonly Declaration[]): Map<BlockId, SummedBlock> {
  const sums = new Map<BlockId, SummedBlock>();
  for (const declaration of all) {
    for (const [block, vector] of packCensus(study, declaration)) {
      const before = sums.get(block);
      if (before === undefined) sums.set(block, { vector, sites: 1 });
      else {
        addInto(before.vector, vector);
        sums.set(block, { ...before, sites: before.sites + 1 });
      }
    }
  }
  return sums;
}

describe('a census that is summed in the ring', () => {
  it('is that of the same declarations, bit for bit', () => {
    const pooled = unpackCensus(
      study,
      summed(declarations),
      declarations.map((each) => heldOnly(study, each)),
    );
    const sites = HOSPITALS.map(({ site }) => siteId(site)).sort();
    expect(censusOf(study, pooled, sites)).toEqual(agreeCensus(study, declarations));
  });

  it('counts holders by what they say in the open, where no sum was revealed', () => {
    const sums = summed(declarations);
    sums.delete('census:ecg' as BlockId);
    const pooled = unpackCensus(
      study,
      sums,
      declarations.map((each) => heldOnly(study, each)),
    );
    expect(pooled.modalities.get(study.modalities[1]?.id as never)).toEqual({ patients: 0, holders: 1 });
    const { rarity } = censusOf(study, pooled, []);
    expect(rarity.has(encoderBlock(ECG))).toBe(false);
  });

  it('leaves nothing in the open but which modalities a site holds', () => {
    const [first] = declarations;
    const said = heldOnly(study, first as Declaration);
    // One patient is what merge.minPatients asks of a holder here.
    expect(said).toMatchObject({ patients: 1, classCounts: [], moments: new Map() });
    expect([...said.modalityPatients.values()].every((count) => count <= 1)).toBe(true);
    expect('target' in said).toBe(false);
  });
});
