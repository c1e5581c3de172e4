import { checkSchema } from '../../shared/config/check-schema.ts';
import { type Fault, refuseFaults } from '../../shared/config/faults.ts';
import { loadYaml, type YamlFile } from '../../shared/config/yaml-file.ts';
import type { SitePolicy } from './policy.ts';
import { type PolicyFile, policySchema } from './policy-schema.ts';

/**
 * Reads a policy file and fills in the defaults, which deny.
 * @param fileName for messages only; nothing is opened.
 * @throws ConsiliumError `POLICY_INVALID` with every fault of the file at once, one line each.
 */
export function readPolicy(text: string, fileName: string): SitePolicy {
  const yaml = loadYaml(text, fileName);
  const checked = yaml.value === undefined ? undefined : checkSchema(policySchema, yaml);
  const faults = [...yaml.faults, ...(checked?.ok === false ? checked.faults : [])];
  if (checked?.ok === true) {
    faults.push(...budgetFaults(checked.value, yaml), ...unsupportedFaults(checked.value, yaml));
  }
  refuseFaults('POLICY_INVALID', faults, 'Nothing leaves this site until the policy can be read.');
  if (checked?.ok !== true) throw new Error('a policy without faults has a value');
  const { policy: _format, ...policy } = checked.value;
  return policy;
}

/** A site that asks for noise says how much of its budget may be spent. */
function budgetFaults({ privacy }: PolicyFile, yaml: YamlFile): readonly Fault[] {
  if (privacy.mode !== 'record') return [];
  return (['maxEpsilon', 'maxEpsilonTotal', 'maxDelta'] as const)
    .filter((key) => privacy[key] === null)
    .map((key) => yaml.fault(['privacy', key], 'a number, since privacy.mode is record', 'nothing'));
}

/** What the format has a place for and this release cannot do: refused, where it would else be left out in silence. */
function unsupportedFaults({ cohort, transport }: PolicyFile, yaml: YamlFile): readonly Fault[] {
  const { soloRelease, pairWaiver } = cohort;
  const fault = (path: readonly string[], expected: string, found: string) =>
    yaml.fault(path, expected, found);
  return [
    ...(soloRelease === null
      ? []
      : [
          fault(
            ['cohort', 'soloRelease'],
            'null: in this release a block with one holder never leaves its site',
            'a release under noise',
          ),
        ]),
    ...(pairWaiver.length === 0
      ? []
      : [
          fault(
            ['cohort', 'pairWaiver'],
            '[]: in this release no sum is of fewer than three sites',
            pairWaiver.join(', '),
          ),
        ]),
    ...(transport.inspected
      ? [
          fault(
            ['transport', 'inspected'],
            'false: in this release nobody but the coordinator may end TLS',
            'true',
          ),
        ]
      : []),
    ...(transport.proxy === null
      ? []
      : [fault(['transport', 'proxy'], 'null: the proxy is named in site.yaml', transport.proxy)]),
  ];
}
