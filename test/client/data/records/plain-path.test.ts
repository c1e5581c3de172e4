import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compileFhirPath,
  compileWithEngine,
  FhirPathFault,
} from '../../../../client/data/records/fhirpath.ts';
import { plainPath } from '../../../../client/data/records/plain-path.ts';
import { realData } from '../../../helpers/real-data.ts';

const PATHS = [
  'id',
  'status',
  'subject.reference',
  'code.coding.code',
  'code.coding.code.first()',
  'code.coding.code[1]',
  'code.coding[0].code',
  'code.coding.first().display',
  "code.coding.where(system='http://loinc.org').code.first()",
  "code.coding.where( code = '8302-2' ).display",
  'valueQuantity.value',
  'valueQuantity',
  'value.unit',
  'effectiveDateTime | effectivePeriod.start',
  'effective',
  'component.valueQuantity.value',
  'component[1].code.coding.code',
  'issued | status',
  'name.given',
  'name[0].given.first()',
  'birthDate',
  'deceasedBoolean',
  'status.length',
  'nothing.at.all',
];

const samples = realData('format-samples/fhir');

describe('the shortcut for plain FHIRPath', () => {
  it.skipIf(samples === undefined)('gives what the engine gives, or leaves it to the engine', () => {
    const resources = readdirSync(samples as string)
      .filter((name) => name.endsWith('.json.gz'))
      .map((name) => JSON.parse(gunzipSync(readFileSync(join(samples as string, name))).toString()))
      .flatMap(({ entry }): object[] => entry.map(({ resource }: { resource: object }) => resource))
      .filter((_, i) => i % 6 === 0);
    expect(resources.length).toBeGreaterThan(50);
    let decided = 0;
    for (const path of PATHS) {
      const plain = plainPath(path);
      const slow = compileWithEngine(path);
      for (const resource of resources) {
        const found = plain?.(resource);
        if (found === undefined) continue;
        decided++;
        expect([path, found]).toEqual([path, slow(resource)]);
      }
    }
    // Else the loop above would agree about nothing.
    expect(decided).toBeGreaterThan(resources.length * 15);
  });

  it('agrees with the engine on resources with gaps, extensions, choices and nulls', () => {
    const leaf = fc.constantFrom<unknown>('final', 'http://loinc.org', '8302-2', 3, true, null, '2020-01-02');
    const extended = fc.constant({ _code: { extension: [{ url: 'a' }] } });
    const coding = fc.oneof(
      extended,
      fc.dictionary(fc.constantFrom('system', 'code', 'display'), leaf, { maxKeys: 3 }),
    );
    const resource = fc.record(
      {
        resourceType: fc.constant('Observation'),
        status: leaf,
        _status: fc.constant({ extension: [{ url: 'a' }] }),
        code: fc.record({ coding: fc.oneof(coding, fc.array(fc.oneof(coding, leaf), { maxLength: 3 })) }),
        valueQuantity: fc.record({ value: fc.constantFrom(1, 2.5), unit: fc.constant('cm') }),
        name: fc.array(fc.record({ given: fc.array(fc.constantFrom('a', 'b', null), { maxLength: 3 }) }), {
          maxLength: 2,
        }),
        effectiveDateTime: fc.constant('2020-01-02'),
        effectivePeriod: fc.constant({ start: '2020-01-03' }),
      },
      { requiredKeys: ['resourceType'] },
    );
    const pairs = PATHS.flatMap((path) => {
      const plain = plainPath(path);
      return plain === undefined ? [] : [{ path, plain, slow: compileWithEngine(path) }];
    });
    fc.assert(
      fc.property(resource, fc.constantFrom(...pairs), (value, { plain, slow }) => {
        const found = plain(value);
        if (found !== undefined) expect(found).toEqual(slow(value));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    'Observation.status',
    "status = 'a'",
    'code.exists()',
    'a and b',
    '`status`',
    "x.where(start='2020')",
    '',
  ])('leaves %j to the engine', (path) => expect(plainPath(path)).toBeUndefined());
});

describe('FHIRPath', () => {
  it.each([
    ['a..b', 'another text'],
    ["code.where(a='", 'another text'],
    ["status.trace('x')", 'trace(), which is not evaluated here'],
    ['subject.resolve().id', 'resolve(), which is not evaluated here'],
    ['now()', 'now(), which is not evaluated here'],
    ['%unknown.id', 'another text'],
  ])('refuses %s', (path, message) => {
    expect(() => compileFhirPath(path)).toThrow(FhirPathFault);
    expect(() => compileFhirPath(path)).toThrow(message);
  });

  it('finds choices by the name of the choice and by that of their type', () => {
    const observation = { resourceType: 'Observation', valueQuantity: { value: 1.5 } };
    expect(compileFhirPath('value.value')(observation)).toEqual([1.5]);
    expect(compileFhirPath('value.ofType(Quantity).value')(observation)).toEqual([1.5]);
    expect(compileFhirPath('valueQuantity.value')(observation)).toEqual([1.5]);
  });
});
